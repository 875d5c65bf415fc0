// HMAC and digests by Web Crypto. Comparing them is constant-time.ts.

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

const encoder = new TextEncoder();

const bytesOf = (data: Uint8Array | string): Uint8Array<ArrayBuffer> =>
  typeof data === "string" ? (encoder.encode(data) as Uint8Array<ArrayBuffer>) : new Uint8Array(data);

/** `key` must not be empty: Web Crypto refuses it, and so should the caller, by failing closed. */
export const hmac = async (
  hash: "SHA-1" | "SHA-256",
  key: Uint8Array | string,
  data: Uint8Array | string,
): Promise<Uint8Array> => {
  const imported = await crypto.subtle.importKey("raw", bytesOf(key), { name: "HMAC", hash }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, bytesOf(data)));
};

/** Lower-case hex SHA-256. */
export const sha256Hex = async (data: Uint8Array | string): Promise<string> => {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytesOf(data)));
  let text = "";
  for (const byte of digest) text += HEX[byte]!;
  return text;
};
