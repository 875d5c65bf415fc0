// The elements of a JSON list, one at a time, read from any element on: only where each begins and ends is found here, so that a file of any size
// needs the memory of its largest element. What an element is, is judged by who takes it.
import { MAX_ROW_BYTES, UnreadableFile } from "./upload.ts";

/** `bytes` null: the element is too large. `end`: where the rest of the file begins, in bytes from its start. */
export type JsonElement = { bytes: Uint8Array | null; end: number };

const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const [QUOTE, ESCAPE, COMMA] = [0x22, 0x5c, 0x2c];
const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

type Place = "start" | "before" | "inside" | "after" | "over";

/** `chunks` begin at byte `from` of the file: its start, or the end of an element. Throws `UnreadableFile`. */
export async function* jsonElements(chunks: AsyncIterable<Uint8Array>, from: number): AsyncGenerator<JsonElement> {
  let place = (from === 0 ? "start" : "after") as Place;
  /** Whether a `]` may stand here: not after a comma. */
  let mayEnd = true;
  let depth = 0;
  let isText = false;
  let isEscaped = false;
  let parts: Uint8Array[] = [];
  let size = 0;
  let offset = from;

  const keep = (part: Uint8Array): void => {
    size += part.byteLength;
    if (size <= MAX_ROW_BYTES) parts.push(part);
    else parts = [];
  };
  const element = (end: number): JsonElement => {
    const bytes = size <= MAX_ROW_BYTES ? Buffer.concat(parts) : null;
    parts = [];
    size = 0;
    return { bytes, end };
  };

  for await (const chunk of chunks) {
    let begun = 0;
    for (let index = 0; index < chunk.byteLength; index++) {
      const byte = chunk[index]!;
      if (place === "inside") {
        if (isText) {
          if (isEscaped) isEscaped = false;
          else if (byte === ESCAPE) isEscaped = true;
          else if (byte === QUOTE) isText = false;
          continue;
        }
        if (byte === QUOTE) isText = true;
        else if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth++;
        else if (depth > 0 && (byte === CLOSE_LIST || byte === CLOSE_OBJECT)) depth--;
        else if (depth === 0 && (byte === COMMA || byte === CLOSE_LIST)) {
          keep(chunk.slice(begun, index));
          place = byte === COMMA ? "before" : "over";
          mayEnd = false;
          // The comma or bracket stays in front of what follows.
          yield element(offset + index);
        }
        continue;
      }
      if (isSpace(byte)) continue;
      if (place === "start") {
        if (byte !== OPEN_LIST) throw new UnreadableFile("The file is no JSON list");
        place = "before";
      } else if (place === "after") {
        if (byte !== COMMA && byte !== CLOSE_LIST) throw new UnreadableFile("The JSON list is broken");
        place = byte === COMMA ? "before" : "over";
        mayEnd = false;
      } else if (place === "over") {
        throw new UnreadableFile("Something follows the JSON list");
      } else if (byte === CLOSE_LIST && mayEnd) place = "over";
      else if (byte === COMMA || byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
        throw new UnreadableFile("The JSON list is broken");
      } else {
        place = "inside";
        begun = index;
        if (byte === QUOTE) isText = true;
        else if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth = 1;
      }
    }
    if (place === "inside") keep(chunk.slice(begun));
    offset += chunk.byteLength;
  }
  if (place === "start") throw new UnreadableFile("The file is empty");
  if (place !== "over") throw new UnreadableFile("The JSON list is not closed");
}
