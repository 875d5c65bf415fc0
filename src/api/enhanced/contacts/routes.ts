// The organisation's contacts, whichever API or channel brought them.
import { createContact } from "../../../domain/contact/create-contact.ts";
import { deleteContact } from "../../../domain/contact/delete-contact.ts";
import { findContacts, listContacts, openContact, readConsentHistory } from "../../../domain/contact/read-contact.ts";
import { updateContact } from "../../../domain/contact/update-contact.ts";
import { parsePage } from "../../shared/page.ts";
import { toPagination } from "../convert.ts";
import { ALWAYS, BASE, enhancedOperations } from "../operations.ts";
import { fromContactChange, fromNewContact, identityOf, toConsentEntry, toContact } from "./convert.ts";
import * as schema from "./schema.ts";

const CONTACTS = `${BASE}/contacts` as const;
const CONTACT = `${CONTACTS}/{contactId}` as const;
const tag = "Contacts";

const { routes, operation } = enhancedOperations();

export { routes };

operation(
  {
    method: "get",
    path: CONTACTS,
    summary: "List contacts, newest first; or whoever has a phone, email or externalId",
    tag,
    query: schema.listQuery,
    answers: { 200: schema.contacts },
    errors: [...ALWAYS],
  },
  async (c, { query }) => {
    const page = parsePage(c, "limit");
    const identity = identityOf(query);
    const filter = query.consentState ? { consentState: query.consentState } : {};
    const { rows, total } = identity
      ? await findContacts(c.var.context, identity, filter, page)
      : await listContacts(c.var.context, filter, page);
    return c.json({ contacts: rows.map(toContact), pagination: toPagination(page, total) });
  },
);

operation(
  {
    method: "post",
    path: CONTACTS,
    summary: "Create a contact, by phone, email or externalId",
    tag,
    body: schema.createContactBody,
    answers: { 201: schema.oneContact },
    errors: [...ALWAYS, 409],
  },
  async (c, { body }) => c.json({ contact: toContact(await createContact(c.var.context, fromNewContact(body))) }, 201),
);

operation(
  {
    method: "get",
    path: CONTACT,
    summary: "Get a contact with the history of their consent",
    tag,
    answers: { 200: schema.contactDetails },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) => {
    const contact = await openContact(c.var.context, params.contactId);
    const history = await readConsentHistory(c.var.context, contact.id);
    return c.json({ contact: toContact(contact), consentHistory: history.map(toConsentEntry) });
  },
);

for (const method of ["put", "patch"] as const)
  operation(
    {
      method,
      path: CONTACT,
      summary: "Change a contact; what is not named stays",
      tag,
      body: schema.updateContactBody,
      answers: { 200: schema.oneContact },
      errors: [...ALWAYS, 404, 409],
    },
    async (c, { body, params }) =>
      c.json({ contact: toContact(await updateContact(c.var.context, params.contactId, fromContactChange(body))) }),
  );

operation(
  {
    method: "delete",
    path: CONTACT,
    summary: "Delete a contact; that they had opted out is remembered",
    tag,
    answers: { 200: schema.deletedContact },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) =>
    c.json({ success: true, contact: toContact(await deleteContact(c.var.context, params.contactId)) }),
);
