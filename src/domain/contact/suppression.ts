// What is kept of a deleted contact that had opted out: a hash of each address, by which whoever has it again comes back opted out (unless they say
// otherwise in so many words). The hash keeps the address from being read; that it cannot be guessed is not claimed: numbers can be tried.
import { type Identity, valuesOf } from "../../db/queries/contacts.ts";

/** PERSISTED CONTRACT: SHA-256 in hex, the same for every way in which one line is written. */
export const suppressionHash = async (organizationId: string, identity: Identity): Promise<string> => {
  const [value] = valuesOf(identity).sort();
  const text = ["suppression", organizationId, identity.kind, value].join("\u0000");
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Buffer.from(digest).toString("hex");
};

/** Those of addresses at which somebody is written to. */
export const suppressionHashes = (organizationId: string, identities: readonly Identity[]): Promise<string[]> =>
  Promise.all(
    identities.filter(({ kind }) => kind !== "external_id").map((one) => suppressionHash(organizationId, one)),
  );
