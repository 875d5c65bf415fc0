// Identifiers: UUIDv7 (RFC 9562) so that ids sort by time, and ids derived from others so that a redelivery makes nothing twice.

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Its time has 48 bits. */
const TIMES = 2 ** 48;

/** A UUIDv7 of `time` (epoch ms) and ten bytes that are random or derived. */
const uuidFrom = (time: number, tail: Uint8Array): string => {
  const at = (((Math.trunc(time) % TIMES) + TIMES) % TIMES).toString(16).padStart(12, "0");
  const version = HEX[0x70 | (tail[0]! & 0x0f)]! + HEX[tail[1]!]!;
  const variant = HEX[0x80 | (tail[2]! & 0x3f)]! + HEX[tail[3]!]!;
  let rest = "";
  for (let index = 4; index < 10; index++) rest += HEX[tail[index]!]!;
  return `${at.slice(0, 8)}-${at.slice(8)}-${version}-${variant}-${rest}`;
};

/** A new time-ordered id. */
export const newId = (now: number = Date.now()): string => uuidFrom(now, crypto.getRandomValues(new Uint8Array(10)));

/**
 * A new id of 24 hex digits: seconds, as MongoDB's ObjectId begins, then the second's milliseconds, so that ids sort by time, then 52 random bits.
 */
export const newObjectId = (now: number = Date.now()): string => {
  const seconds = (Math.trunc(now / 1000) >>> 0).toString(16).padStart(8, "0");
  const milliseconds = (Math.trunc(now) % 1000).toString(16).padStart(3, "0");
  const random = Array.from(crypto.getRandomValues(new Uint8Array(7)), (byte) => HEX[byte]!).join("");
  return seconds + milliseconds + random.slice(1);
};

export const isObjectId = (value: string): boolean => /^[0-9a-f]{24}$/.test(value);

/** The same UUIDv7 for the same `time` (epoch ms) and parts, whoever computes it. */
export const derivedId = async (time: number, ...parts: string[]): Promise<string> => {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(parts.join("\u0000")));
  return uuidFrom(time, new Uint8Array(digest));
};

/**
 * Ids for many things of one `time` (epoch ms): the same for the same parts and `n` (below 2^32), sorted by `n`, so that they are written where the
 * last one was.
 */
export const numberedIds = async (time: number, ...parts: string[]): Promise<(n: number) => string> => {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(parts.join("\u0000")));
  const tail = new Uint8Array(digest, 0, 10);
  return (n) => {
    // Around the bits of version and variant.
    tail.set([n >>> 28, n >>> 20, n >>> 14, n >>> 6, n << 2]);
    return uuidFrom(time, tail);
  };
};

/** The smallest UUIDv7 of a time (epoch ms): a lower bound for reading ids from then on. */
export const earliestId = (time: number): string => uuidFrom(time, new Uint8Array(10));

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
export const isUuid = (value: string): boolean => UUID.test(value);

/** Epoch ms inside a UUIDv7, or undefined for any other text. */
export const timeOfId = (id: string): number | undefined =>
  isUuid(id) && id[14] === "7" ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined;

/** `bytes` random bytes in URL-safe base64 without padding (32 bytes = 256 bits = 43 characters). */
export const randomToken = (bytes = 32): string =>
  btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(bytes))))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
