// Bodies from outside: counted while they are read, decoded strictly, and bounded in shape before anything looks at them.
import { DomainError } from "../../domain/errors.ts";
import type { Json } from "../../lib/json.ts";
import { parseJson } from "../../lib/parse-json.ts";
import { findRepeatedKey } from "../../lib/repeated-key.ts";
import type { ApiContext } from "./api.ts";

export const DEFAULT_BODY_BYTES = 1024 * 1024;
/** As much as the platform lets in (Workers limits, request body). */
const DRAINED_BYTES = 100 * 1024 * 1024;

const tooLarge = (limit: number) =>
  new DomainError("payload_too_large", `The body is larger than ${limit} bytes`, { details: { limit } });

/** The sender hung up, or its chunks are none: nobody may see the answer, and it is no fault of ours. */
const brokeOff = (): never => {
  const message = "broke off before its end";
  throw new DomainError("malformed_json", `The body ${message}`, { problems: [{ field: "body", message }] });
};

/**
 * The raw body. Throws `payload_too_large` when there is more than `limit`, whatever Content-Length says, and `malformed_json` when it breaks
 * off. What is over is read and let go: a body that is left half-read breaks the connection before its sender sees the answer.
 */
export const readBytes = async (c: ApiContext, limit = DEFAULT_BODY_BYTES): Promise<Uint8Array<ArrayBuffer>> => {
  const declared = Number(c.req.header("content-length") ?? Number.NaN);
  if (declared > limit) throw tooLarge(limit);
  const body = c.req.raw.body;
  if (!body) return new Uint8Array();
  // HTTP lets in no more than was declared, so the platform may gather it: that costs less than a reader.
  if (declared <= limit) {
    const bytes = new Uint8Array(await c.req.raw.arrayBuffer().catch(brokeOff));
    if (bytes.byteLength > limit) throw tooLarge(limit);
    return bytes;
  }
  let chunks: Uint8Array[] = [];
  let size = 0;
  const reader = body.getReader();
  const read = () => reader.read().catch(brokeOff);
  for (let part = await read(); !part.done; part = await read()) {
    size += part.value.byteLength;
    if (size <= limit) chunks.push(part.value);
    else if (size <= DRAINED_BYTES) chunks = [];
    else {
      await reader.cancel();
      break;
    }
  }
  if (size > limit) throw tooLarge(limit);
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
};

/**
 * The body as JSON, undefined when there is none. Throws `payload_too_large`, or `malformed_json` with the path for broken UTF-8 or JSON,
 * a depth or number of values out of bounds, a key that reaches a prototype or holds control characters, a key given twice.
 */
export const readJson = async (c: ApiContext, limit = DEFAULT_BODY_BYTES): Promise<Json | undefined> => {
  const bytes = await readBytes(c, limit);
  if (bytes.byteLength === 0) return undefined;
  const malformed = (field: string, message: string) =>
    new DomainError("malformed_json", field === "" ? `The body ${message}` : `${field} ${message}`, {
      problems: [{ field: field === "" ? "body" : field, message }],
    });
  const parsed = parseJson(bytes, { keys: "names" });
  if (!parsed.ok) throw malformed(parsed.error.path, parsed.error.message);
  const repeated = findRepeatedKey(new TextDecoder().decode(bytes));
  if (repeated !== undefined) throw malformed(repeated, "is given twice");
  return parsed.value;
};
