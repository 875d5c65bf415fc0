// One contact with what is known of their consent, and lists of contacts, for whoever may look.
import { type ConsentEntry, selectConsentHistory } from "../../db/queries/consent.ts";
import {
  type ConsentState,
  type ContactFilter,
  type ContactRow,
  countContacts,
  findContact,
  findContactByIdentity,
  type Identity,
  listContacts as queryContacts,
} from "../../db/queries/contacts.ts";
import type { Context } from "../context.ts";
import { notFound } from "../errors.ts";
import { authorizeRole } from "../permission.ts";

/** What is shown of a contact's history. */
const HISTORY = 20;

/** By whatever identity; a number in either of its spellings. */
export const readContact = async (context: Context, identity: Identity): Promise<ContactRow> => {
  authorizeRole(context.principal, "viewer", "read");
  const found = await findContactByIdentity(context.ports.db, context.principal.organizationId, identity);
  if (!found) throw notFound("contact");
  return found;
};

export const openContact = async ({ principal, ports }: Context, id: string): Promise<ContactRow> => {
  authorizeRole(principal, "viewer", "read");
  const found = await findContact(ports.db, principal.organizationId, id);
  if (!found) throw notFound("contact");
  return found;
};

/** Whoever has an identity, as a list: of one, or of nobody. */
export const findContacts = async (
  { principal, ports }: Context,
  identity: Identity,
  filter: { consentState?: ConsentState },
  page: { limit: number; offset: number },
): Promise<{ rows: ContactRow[]; total: number }> => {
  authorizeRole(principal, "viewer", "read");
  const found = await findContactByIdentity(ports.db, principal.organizationId, identity);
  const rows = found && (!filter.consentState || consentOf(found) === filter.consentState) ? [found] : [];
  return { rows: rows.slice(page.offset, page.offset + page.limit), total: rows.length };
};

/** The latest changes of consent, newest first. */
export const readConsentHistory = async ({ ports, principal }: Context, contactId: string): Promise<ConsentEntry[]> => {
  authorizeRole(principal, "viewer", "read");
  return (await selectConsentHistory(ports.db, principal.organizationId, contactId, HISTORY).all<ConsentEntry>())
    .results;
};

/** What nobody said counts as given, as it does when a message is sent. */
export const consentOf = ({ consentState }: Pick<ContactRow, "consentState">): ConsentState => consentState ?? "OPT_IN";

/** Newest first; the total comes from counters. */
export const listContacts = async (
  { ports, principal }: Context,
  filter: ContactFilter,
  page: { limit: number; offset: number },
): Promise<{ rows: ContactRow[]; total: number }> => {
  authorizeRole(principal, "viewer", "read");
  const { organizationId } = principal;
  const [total, rows] = await Promise.all([
    countContacts(ports.db, organizationId, filter),
    queryContacts(ports.db, organizationId, filter, page),
  ]);
  return { rows, total };
};
