// Whether a message could go to somebody now, by the judge that sends ask. Nothing is sent, written or counted.
import { findContact, findContactByIdentity } from "../../db/queries/contacts.ts";
import { isUuid } from "../../lib/ids.ts";
import type { MessageOrder } from "../action-ports.ts";
import type { Context } from "../context.ts";
import { conversationIdOf } from "../conversation/conversation-id.ts";
import { DomainError, notFound } from "../errors.ts";
import { authorizeRole } from "../permission.ts";
import { chooseChannel, pacingKey } from "./channels.ts";
import { gateFacts, readRecipients } from "./gate-facts.ts";
import { type GateReport, judgeGates } from "./gates.ts";
import { readPolicy } from "./policy.ts";
import { findByOpaqueId, identityOfText } from "./recipient.ts";

export type CanSend = {
  report: GateReport;
  contactId: string;
  channel: string;
  channelId: string | null;
  sender: string;
  recipient: string;
};

/** `to`: a contact's id, number, mail address or external id. Throws `not_found`, `impossible` when no channel leads there. */
export const canSend = async (
  { principal, ports }: Context,
  asked: Pick<MessageOrder, "template" | "channel"> & { to: string; text: string },
): Promise<CanSend> => {
  authorizeRole(principal, "viewer", "read");
  const { organizationId } = principal;
  const { db } = ports;
  const contact = await findNamed(db, organizationId, asked.to);
  if (!contact) throw notFound("contact");
  const [channels, policy] = await Promise.all([ports.channels(organizationId), readPolicy(db, organizationId)]);
  const choice = chooseChannel(channels, contact, asked.channel, undefined);
  if (!choice.ok) {
    throw new DomainError("impossible", choice.message, {
      subject: "channel",
      problems: [{ field: "channel", message: choice.message, code: choice.code }],
    });
  }
  const { sender, address } = choice;
  const { kind, capabilities } = sender.channel;
  const now = ports.now();
  const recipient = (await readRecipients(db, organizationId, [contact.id], policy, now)).get(contact.id);
  if (!recipient) throw notFound("contact");
  const facts = gateFacts({
    recipient,
    sender,
    conversationId: await conversationIdOf(contact.id, kind, sender.channelId),
    policy,
    plannedEpoch: undefined,
    template: asked.template
      ? {
          use: asked.text === "" ? "required" : "fallback",
          problem: capabilities.templates ? null : `The channel ${kind} has no templates`,
        }
      : { use: "none" },
    now,
  });
  const slot = sender.rate === null ? null : await ports.pacing.peek(pacingKey(organizationId, sender));
  return {
    report: judgeGates({ ...facts, rate: { ...facts.rate, sender: slot } }, now),
    contactId: contact.id,
    channel: kind,
    channelId: sender.channelId,
    sender: sender.sender,
    recipient: address,
  };
};

const findNamed = (db: Context["ports"]["db"], organizationId: string, to: string) => {
  if (isUuid(to)) return findContact(db, organizationId, to);
  const identity = identityOfText(to);
  return identity ? findContactByIdentity(db, organizationId, identity) : findByOpaqueId(db, organizationId, to);
};
