// Whom a message is for: the run's contact, or whoever the author named by number, mail address or id.
import { parsePhoneNumberFromString } from "libphonenumber-js/min";
import { type ContactRow, findContact, findContactByIdentity, type Identity } from "../../db/queries/contacts.ts";
import { derivedId, isUuid } from "../../lib/ids.ts";
import type { MessageOrder, StepRef } from "../action-ports.ts";
import { resolveContact } from "../contact/resolve.ts";
import { userCreated } from "../contact/user-created.ts";
import type { Ports } from "../ports.ts";

type World = Pick<Ports, "db" | "inbox" | "now">;

/** An address as its author wrote it; undefined when it is none. */
export const identityOfText = (text: string): Identity | undefined => {
  const address = text.trim().replace(/^whatsapp:/i, "");
  if (address.includes("@")) return { kind: "email", value: address.toLowerCase() };
  const phone = /^\+[\d\s().-]+$/.test(address) ? parsePhoneNumberFromString(address) : undefined;
  return phone?.isPossible() ? { kind: "phone", value: phone.number } : undefined;
};

/** Reads once; an address that nobody has becomes a contact. Undefined when the text names nobody. */
export const findRecipient = async (
  world: World,
  step: StepRef,
  order: Pick<MessageOrder, "to" | "contactId">,
): Promise<ContactRow | undefined> => {
  const { organizationId } = step;
  if (order.to === undefined) {
    return order.contactId === undefined ? undefined : findContact(world.db, organizationId, order.contactId);
  }
  if (isUuid(order.to)) return findContact(world.db, organizationId, order.to);
  const identity = identityOfText(order.to);
  if (!identity) return findByOpaqueId(world.db, organizationId, order.to);
  const known = await findContactByIdentity(world.db, organizationId, identity);
  return known ?? makeContact(world, step, identity);
};

/** One's own id of them wins over the one that WhatsApp has given them. */
export const findByOpaqueId = async (
  db: World["db"],
  organizationId: string,
  value: string,
): Promise<ContactRow | undefined> =>
  (await findContactByIdentity(db, organizationId, { kind: "external_id", value })) ??
  findContactByIdentity(db, organizationId, { kind: "whatsapp_bsuid", value });

/**
 * Who reads in the app what is for nobody in particular: one contact a workflow, which stands for its conversation. It is no user, so nothing
 * tells of its creation.
 */
export const workflowRoom = async (world: World, step: StepRef): Promise<ContactRow | undefined> => {
  const { organizationId, workflowId } = step;
  const at = world.now();
  const { contactId } = await resolveContact(world.db, {
    organizationId,
    identity: { kind: "external_id", value: `workflow:${workflowId}` },
    candidateId: await derivedId(step.startedAt, "room", workflowId),
    name: "Workflow",
    at,
  });
  return findContact(world.db, organizationId, contactId);
};

/** The id follows from the step, so that a repeated attempt makes no second contact, and tells of the first once. */
const makeContact = async (world: World, step: StepRef, identity: Identity): Promise<ContactRow | undefined> => {
  const { organizationId } = step;
  const at = world.now();
  const candidateId = await derivedId(step.startedAt, "recipient", step.key);
  const { contactId, created } = await resolveContact(world.db, {
    organizationId,
    identity,
    candidateId,
    name: null,
    at,
  });
  if (created) {
    const source = `execution:${step.executionId}`;
    const event = userCreated(
      { organizationId, source, contactId, occurredAt: at, depth: step.eventDepth + 1 },
      identity.kind === "external_id"
        ? { kind: "contact", value: identity.value }
        : { ...identity, kind: identity.kind },
    );
    await world.inbox.accept(event, `contact.created:${contactId}`);
  }
  return findContact(world.db, organizationId, contactId);
};
