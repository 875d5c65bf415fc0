// What is kept of a contact that had opted out, when it is deleted or loses an address: a hash of each address, by which whoever has it again comes
// back opted out (unless they say otherwise in so many words). The hash keeps the address from being read; that it cannot be guessed is not
// claimed: numbers can be tried.
import { type Identity, valuesOf } from "../../db/queries/contacts.ts";
import { type AddressOf, applyToGiven, keepOfLost } from "../../db/queries/suppressions.ts";
import type { Database } from "../ports.ts";

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

export type HeldIdentity = Identity & { contactId: string };

const addressesOf = (organizationId: string, held: readonly HeldIdentity[]): Promise<AddressOf[]> =>
  Promise.all(
    held
      .filter(({ kind }) => kind !== "external_id")
      .map(async ({ contactId, ...identity }) => ({
        contactId,
        hash: await suppressionHash(organizationId, identity),
      })),
  );

/**
 * For the batch that takes `lost` from contacts and gives them `given`, at its end: an address takes along that somebody there had opted out.
 * `given` leaves out those of contacts whose consent the same change sets.
 */
export const suppressMoved = async (
  db: Database,
  organizationId: string,
  { lost, given, at }: { lost: readonly HeldIdentity[]; given: readonly HeldIdentity[]; at: number },
): Promise<D1PreparedStatement[]> => {
  const [from, to] = await Promise.all([addressesOf(organizationId, lost), addressesOf(organizationId, given)]);
  return [
    ...(from.length > 0 ? [keepOfLost(db, organizationId, from)] : []),
    ...(to.length > 0 ? [applyToGiven(db, organizationId, to, at)] : []),
  ];
};
