// The bytes of a file as they come, made into bytes that can be read from any row on: marks of order taken off, UTF-16 made UTF-8, and told whether
// what is left is UTF-8 at all (Excel's own "CSV" is windows-1252).
import type { Encoding } from "./upload.ts";

/** `encoding` is true once all chunks were read. */
export type FileText = { chunks: AsyncGenerator<Uint8Array>; encoding: () => Encoding };

export const textOfFile = (file: AsyncIterable<Uint8Array>): FileText => {
  let isUtf8 = true;
  const judge = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const look = (chunk: Uint8Array | undefined): void => {
    if (!isUtf8) return;
    try {
      if (chunk) judge.decode(chunk, { stream: true });
      else judge.decode();
    } catch {
      isUtf8 = false;
    }
  };

  async function* chunks(): AsyncGenerator<Uint8Array> {
    const source = withHead(file);
    const first = await source.next();
    const head = first.done ? new Uint8Array() : first.value;
    const utf16 = utf16Of(head);
    if (utf16) {
      const decoder = new TextDecoder(utf16);
      const encoder = new TextEncoder();
      yield encoder.encode(decoder.decode(head, { stream: true }));
      for await (const chunk of source) yield encoder.encode(decoder.decode(chunk, { stream: true }));
      yield encoder.encode(decoder.decode());
      return;
    }
    const hasMark = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
    const start = hasMark ? head.subarray(3) : head;
    look(start);
    yield start;
    for await (const chunk of source) {
      look(chunk);
      yield chunk;
    }
    look(undefined);
  }
  return { chunks: chunks(), encoding: () => (isUtf8 ? "utf-8" : "windows-1252") };
};

const utf16Of = ([first, second]: Uint8Array): "utf-16le" | "utf-16be" | undefined => {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : undefined;
};

const HEAD_BYTES = 4;

/** The same chunks, the first with enough to tell a mark by. */
async function* withHead(file: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head: Uint8Array = new Uint8Array();
  let isWhole = false;
  for await (const chunk of file) {
    if (isWhole) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    isWhole = head.byteLength >= HEAD_BYTES;
    if (isWhole) yield head;
  }
  if (!isWhole) yield head;
}
