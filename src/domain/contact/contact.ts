// A contact as verbs give it.
export type { ConsentEntry } from "../../db/queries/consent.ts";
export type { ConsentState, ContactRow, Identity, IdentityKind } from "../../db/queries/contacts.ts";
