// What the send gate judges by, read for a message that is to leave: who the person is, what they and we wrote lately, what the organisation wants.
import { type CapTerms, type RecipientRow, recipientOf, selectRecipients } from "../../db/queries/outbound.ts";
import { DAY_MS } from "../../lib/durations.ts";
import { earliestId } from "../../lib/ids.ts";
import { zoneOf } from "../contact/zone-of.ts";
import type { Database } from "../ports.ts";
import type { Sender } from "./channels.ts";
import type { GateFacts } from "./gates.ts";
import { PERSON_WINDOW_MS, personFreeAt } from "./pacing.ts";
import type { MessagingPolicy } from "./policy.ts";

/** A message that was held back left later than its id says: so long before the window it may have been made, in ms. */
const LONGEST_HOLD_MS = 3 * DAY_MS;

const capWindow = (policy: MessagingPolicy): number => (policy.frequencyCap?.windowSeconds ?? 0) * 1000;

/** How far back messages to a person matter to the gate. */
export const lookBack = (policy: MessagingPolicy, now: number): { since: number; fromId: string } => {
  const since = now - Math.max(PERSON_WINDOW_MS, capWindow(policy));
  return { since, fromId: earliestId(since - LONGEST_HOLD_MS) };
};

/** One read; those that are gone are not in the answer. */
export const readRecipients = async (
  db: Database,
  organizationId: string,
  contactIds: readonly string[],
  policy: MessagingPolicy,
  now: number,
): Promise<Map<string, RecipientRow>> => {
  const { results } = await selectRecipients(db, organizationId, contactIds, lookBack(policy, now)).all();
  return new Map(results.map(recipientOf).map((recipient) => [recipient.id, recipient]));
};

/** The cap in the words of the statement that claims a message. */
export const capTerms = (policy: MessagingPolicy, now: number): CapTerms | null => {
  if (!policy.frequencyCap) return null;
  const since = now - capWindow(policy);
  return { max: policy.frequencyCap.max, since, fromId: earliestId(since - LONGEST_HOLD_MS) };
};

/** Without the sender's rate, which is only asked when everything else lets the message pass. */
export const gateFacts = (of: {
  recipient: RecipientRow;
  sender: Sender;
  conversationId: string;
  policy: MessagingPolicy;
  /** Absent when it is planned now. */
  plannedEpoch: number | undefined;
  template: GateFacts["template"];
  /** Of the workflow that sends it. */
  quietHours?: GateFacts["quietHours"][number] | undefined;
  now: number;
}): GateFacts => {
  const { recipient, sender, policy, plannedEpoch, template, now } = of;
  const { kind, capabilities } = sender.channel;
  const isOutside = kind !== "inapp";
  const bySender = recipient.sent.filter((one) => one.sender === (sender.channelId ?? kind)).map(({ at }) => at);
  return {
    consent: { state: recipient.consentState, epoch: recipient.consentEpoch },
    ...(plannedEpoch === undefined ? {} : { plannedEpoch }),
    needsWindow: capabilities.window,
    lastInboundAt: recipient.lastInboundAt[of.conversationId] ?? null,
    zone: zoneOf({
      timezone: recipient.timezone,
      phone: recipient.identities.find((one) => one.kind === "phone")?.value,
      fallback: policy.timezone,
    }),
    // A workflow that names some means all of its messages; the organisation's are for what reaches a phone or a mailbox.
    quietHours: [
      ...(isOutside && policy.quietHours ? [policy.quietHours] : []),
      ...(of.quietHours ? [of.quietHours] : []),
    ],
    rate: { sender: null, person: kind === "whatsapp" ? personFreeAt(bySender, now) : null },
    cap:
      isOutside && policy.frequencyCap
        ? { max: policy.frequencyCap.max, windowMs: capWindow(policy), sentAt: recipient.sent.map(({ at }) => at) }
        : null,
    template,
  };
};
