// Secrets at rest: AES-256-GCM, the key's id in front, and what they belong to as additional data, so that a sealed text moved to another
// place does not open. PERSISTED CONTRACT: `<key id>.<12-byte nonce><ciphertext and tag>`, the latter in base64.
import { toBase64 } from "./base64.ts";

export type SealingKey = { id: string; bytes: Uint8Array<ArrayBuffer> };

const NONCE_BYTES = 12;

/** A sealed text that does not open: unknown key, another owner, or changed bytes. */
export class SealError extends Error {
  override readonly name = "SealError";
}

const imported = new WeakMap<Uint8Array, Promise<CryptoKey>>();
const cryptoKeyOf = ({ bytes }: SealingKey): Promise<CryptoKey> => {
  const known = imported.get(bytes);
  if (known) return known;
  const made = crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
  imported.set(bytes, made);
  return made;
};

// Lengths in front: ("a", "bc") and ("ab", "c") are different owners.
const algorithm = (nonce: Uint8Array<ArrayBuffer>, owner: readonly string[]) => ({
  name: "AES-GCM",
  iv: nonce,
  additionalData: new TextEncoder().encode(owner.map((part) => `${part.length}:${part}`).join("")),
});

/** Seals with the first key. `owner` is what the secret belongs to, e.g. [organisation, field]. */
export const seal = async (keys: readonly SealingKey[], owner: readonly string[], plain: string): Promise<string> => {
  const key = keys[0];
  if (!key) throw new SealError("there is no key");
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const bytes = new TextEncoder().encode(plain);
  const sealed = await crypto.subtle.encrypt(algorithm(nonce, owner), await cryptoKeyOf(key), bytes);
  return `${key.id}.${toBase64(Uint8Array.of(...nonce, ...new Uint8Array(sealed)))}`;
};

/** Opens with the key that the text names. Throws SealError. */
export const unseal = async (
  keys: readonly SealingKey[],
  owner: readonly string[],
  sealed: string,
): Promise<string> => {
  const dot = sealed.indexOf(".");
  const key = keys.find(({ id }) => id === sealed.slice(0, dot));
  if (!key) throw new SealError("was sealed with a key that is not configured");
  try {
    const bytes = Uint8Array.from(atob(sealed.slice(dot + 1)), (char) => char.charCodeAt(0));
    const nonce = bytes.slice(0, NONCE_BYTES);
    const plain = await crypto.subtle.decrypt(
      algorithm(nonce, owner),
      await cryptoKeyOf(key),
      bytes.slice(NONCE_BYTES),
    );
    return new TextDecoder().decode(plain);
  } catch {
    throw new SealError("does not open: it was changed, or belongs elsewhere");
  }
};
