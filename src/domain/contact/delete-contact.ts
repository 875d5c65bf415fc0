// The end of a contact. Their addresses are forgotten, and so is everything kept of them alone; that they had opted out is not (suppression.ts).
import { keepSuppressions } from "../../db/queries/consent.ts";
import { deleteContact as deleteStatements } from "../../db/queries/contact-writes.ts";
import { type ContactRow, findContact, valuesOf } from "../../db/queries/contacts.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { notFound } from "../errors.ts";
import { authorizeRole } from "../permission.ts";
import { tell } from "../tell.ts";
import { suppressionHashes } from "./suppression.ts";

/** Their messages stay in the reports until the organisation's retention takes them. */
export const deleteContact = async (context: Context, id: string): Promise<ContactRow> => {
  authorizeRole(context.principal, "editor", "write");
  const { ports, principal } = context;
  const { db } = ports;
  const { organizationId } = principal;
  const contact = await findContact(db, organizationId, id);
  if (!contact) throw notFound("contact");
  const hashes = await suppressionHashes(organizationId, contact.identities);
  await db.batch([
    ...keepSuppressions(db, organizationId, id, hashes),
    ...deleteStatements(db, organizationId, id),
    auditStatement(context, { action: "contact.deleted", targetType: "contact", targetId: id }),
  ]);
  await tell(async () => {
    for (const { kind, value } of contact.identities) {
      if (kind === "external_id") continue;
      for (const one of valuesOf({ kind, value })) await ports.contacts.forget(organizationId, { kind, value: one });
    }
  });
  return contact;
};
