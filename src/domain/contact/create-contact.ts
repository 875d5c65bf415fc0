// A new contact, told by USER_CREATED. Who opted out, was deleted and comes back without a word on consent comes back opted out.

import { isUniqueViolation } from "../../db/d1.ts";
import { insertContact, insertIdentities } from "../../db/queries/contact-writes.ts";
import {
  type ContactRow,
  contactOf,
  findContactByIdentity,
  type Identity,
  selectContact,
} from "../../db/queries/contacts.ts";
import { insertEvents } from "../../db/queries/events.ts";
import { newId } from "../../lib/ids.ts";
import { actorOf, auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { DomainError } from "../errors.ts";
import { authorizeRole } from "../permission.ts";
import type { Database } from "../ports.ts";
import { factsText } from "../segment/facts.ts";
import { mergeAttributes } from "./attributes.ts";
import { type ContactInput, distinct, identitiesOf, nameOf, problemsOfNew, refuseProblems } from "./contact-input.ts";
import { suppressionHashes } from "./suppression.ts";
import { userCreated } from "./user-created.ts";

/** Throws `invalid_input` for who is known by nothing, `conflict` when somebody has the number (in either spelling), the email or the outside id. */
export const createContact = async (context: Context, input: ContactInput): Promise<ContactRow> => {
  authorizeRole(context.principal, "editor", "write");
  // A value that is null is none.
  const attributes = mergeAttributes({}, input.attributes);
  refuseProblems(problemsOfNew({ ...input, attributes }));
  const { ports, principal, requestId } = context;
  const { db } = ports;
  const { organizationId } = principal;
  const identities = identitiesOf(input);
  await refuseTaken(db, organizationId, identities);
  const at = ports.now();
  const id = newId(at);
  const event = userCreated({ organizationId, source: "api", contactId: id, occurredAt: at, depth: 0 }, identities[0]!);
  try {
    const results = await db.batch([
      insertIdentities(db, organizationId, id, identities),
      insertContact(db, {
        organizationId,
        id,
        phone: input.phone ?? null,
        name: nameOf(attributes) ?? null,
        attributes: JSON.stringify(attributes),
        facts: factsText(attributes),
        tags: distinct(input.tags ?? []),
        timezone: input.timezone ?? null,
        consentState: input.consentState ?? null,
        consentSource: "api",
        consentActor: actorOf(principal),
        consentRequest: requestId,
        suppressions: await suppressionHashes(organizationId, identities),
        at,
      }),
      insertEvents(db, [{ ...event, receivedAt: at }]),
      auditStatement(context, { action: "contact.created", targetType: "contact", targetId: id }),
      selectContact(db, organizationId, id),
    ]);
    await ports.inbox.accept(event, `contact.created:${id}`);
    return contactOf(results.at(-1)!.results[0]);
  } catch (error) {
    // Somebody was faster.
    if (isUniqueViolation(error)) await refuseTaken(db, organizationId, identities);
    throw error;
  }
};

const FIELD = { phone: "phone", email: "email", external_id: "externalId", whatsapp_bsuid: "whatsappId" } as const;

/** Throws `conflict` when one of them leads to anybody but `except`. */
export const refuseTaken = async (
  db: Database,
  organizationId: string,
  identities: readonly Identity[],
  except?: string,
): Promise<void> => {
  const found = await Promise.all(identities.map((identity) => findContactByIdentity(db, organizationId, identity)));
  const taken = identities.findIndex((_, index) => found[index] !== undefined && found[index].id !== except);
  if (taken < 0) return;
  const { kind, value } = identities[taken]!;
  const message = `User with ${kind.replace("_", " ")} ${value} already exists`;
  throw new DomainError("conflict", message, {
    subject: "contact",
    problems: [{ field: FIELD[kind], message, code: "taken", provided: value }],
  });
};
