// HMAC and digests by Web Crypto. Comparing them is constant-time.ts.

const bytesOf = (data: Uint8Array | string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(typeof data === "string" ? new TextEncoder().encode(data) : data);

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
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
};
