// Passwords: scrypt, with its own costs in each hash so that they can rise. PERSISTED CONTRACT: `scrypt$<log2 N>$<r>$<p>$<salt>$<hash>`, base64.
import { scrypt, timingSafeEqual } from "node:crypto";
import { randomToken } from "../../lib/ids.ts";
import { invalid } from "../errors.ts";

const COST = { log2N: 15, r: 8, p: 1 };
const HASH_BYTES = 32;

/** Of a password that nobody has: checking it takes as long as checking a real one. */
const NOBODY = `scrypt$${COST.log2N}$${COST.r}$${COST.p}$${"A".repeat(22)}==$${"A".repeat(43)}=`;

// Keyboards differ in how they compose an accent; NFC makes them agree (RFC 8265).
const bytesOf = (password: string): Buffer => Buffer.from(password.normalize("NFC"), "utf8");

const derive = (password: string, salt: Buffer, { log2N, r, p }: typeof COST): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const options = { N: 2 ** log2N, r, p, maxmem: 256 * r * 2 ** log2N };
    scrypt(bytesOf(password), salt, HASH_BYTES, options, (error, key) => (error ? reject(error) : resolve(key)));
  });

/** Throws `invalid_input` unless the password has 8 to 128 characters, counted as people see code points. */
export const hashPassword = async (password: string): Promise<string> => {
  const length = [...password.normalize("NFC")].length;
  if (length < 8 || length > 128) throw invalid("password", "Must have 8 to 128 characters.");
  const salt = Buffer.from(randomToken(16), "base64url");
  const hash = await derive(password, salt, COST);
  return `scrypt$${COST.log2N}$${COST.r}$${COST.p}$${salt.toString("base64")}$${hash.toString("base64")}`;
};

/** False for a wrong password and, after the same time, when there is no hash to compare with. */
export const verifyPassword = async (password: string, stored: string | undefined): Promise<boolean> => {
  const [, log2N, r, p, salt, hash] = (stored ?? NOBODY).split("$");
  const expected = Buffer.from(hash ?? "", "base64");
  const actual = await derive(password, Buffer.from(salt ?? "", "base64"), {
    log2N: Number(log2N),
    r: Number(r),
    p: Number(p),
  });
  return stored !== undefined && expected.byteLength === actual.byteLength && timingSafeEqual(expected, actual);
};
