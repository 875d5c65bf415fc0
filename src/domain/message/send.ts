// Sending one message of a step, at most once. The row is written before the provider is asked, in the same statement that reads consent; what
// the provider said is written after it. In between lies the doubt that reconcile.ts settles.
import type { OutboundMessage } from "../../channels/channel.ts";
import type { ContactRow } from "../../db/queries/contacts.ts";
import { insertConversation, selectConversation } from "../../db/queries/conversations.ts";
import {
  insertOutbound,
  type MessageRow,
  type NewMessage,
  reopenOutbound,
  selectMessageOfStep,
} from "../../db/queries/messages.ts";
import { newId } from "../../lib/ids.ts";
import type { Attempted, MessageOrder, MessageReceipt, StepRef } from "../action-ports.ts";
import { conversationCreated, conversationIdOf } from "../conversation/conversation-id.ts";
import { callbackUrl } from "./callback-url.ts";
import {
  type Choice,
  chooseChannel,
  hasProvider,
  knownAs,
  type OrganizationChannels,
  type Sender,
} from "./channels.ts";
import { conclude, heard, isAccepted, type MessagingWorld } from "./conclude.ts";
import { findRecipient, identityOfText, workflowRoom } from "./recipient.ts";

type Answer = Attempted<MessageReceipt>;

const refused = (code: string, message: string): Answer => ({ outcome: "refused", code, message, retryable: false });

/** D1: two or three reads, a batch of two writes, a batch of two after the provider. */
export const sendMessage = async (world: MessagingWorld, step: StepRef, order: MessageOrder): Promise<Answer> => {
  const { organizationId } = step;
  const earlier = await selectMessageOfStep(world.db, organizationId, step.key).first<MessageRow>();
  if (earlier && (earlier.providerId !== null || earlier.status !== "failed")) return standing(world, step, earlier);
  const channels = await world.channels(organizationId);
  const named = order.to ?? order.contactId;
  const inApp = order.channel === "inapp" || !hasProvider(channels);
  const contact =
    named === undefined && inApp ? await workflowRoom(world, step) : await findRecipient(world, step, order);
  if (!contact) {
    return named === undefined
      ? refused("NO_RECIPIENT", "This run has no contact, and the node names no recipient (to)")
      : refused("NO_RECIPIENT", `There is no contact ${named}`);
  }
  const choice = chooseChannel(channels, contact, order.channel, await currentChannel(world, step, order));
  if (!choice.ok) return refused(choice.code, choice.message);
  const { kind } = choice.sender.channel;
  const row: NewMessage = {
    organizationId,
    id: earlier?.id ?? newId(world.now()),
    contactId: contact.id,
    conversationId: await conversationIdOf(contact.id, kind),
    channel: kind,
    sender: choice.sender.sender,
    recipient: recipientOf(choice, order, contact),
    body: order.text,
    executionId: step.executionId,
    stepKey: step.key,
    at: world.now(),
  };
  if (!(await claim(world, step, row, earlier !== null))) return notClaimed(world, step, contact);
  const outcome = await choice.sender.channel.send(outboundOf(row, choice.sender, channels), netOf(world, step));
  return conclude(world, step, row, outcome);
};

/** An earlier attempt's message: it is not sent again. */
const standing = (world: MessagingWorld, step: StepRef, row: MessageRow): Answer | Promise<Answer> =>
  isAccepted(row)
    ? heard(world, step, row)
    : { outcome: "unknown", reason: row.error ?? "an earlier attempt did not say how it ended" };

const currentChannel = async (
  world: MessagingWorld,
  step: StepRef,
  order: MessageOrder,
): Promise<string | undefined> => {
  if (order.conversationId === undefined || order.to !== undefined) return undefined;
  const found = await selectConversation(world.db, step.organizationId, order.conversationId).first<{
    channel: string;
  }>();
  return found?.channel;
};

/** Whom the message is said to have gone to: in the app nobody has an address, so it is the one that was given, or what they are known by. */
const recipientOf = (
  { sender, address }: Extract<Choice, { ok: true }>,
  { to }: MessageOrder,
  contact: ContactRow,
): string => {
  if (sender.channel.capabilities.addressedBy !== "contact") return address;
  return to === undefined ? knownAs(contact) : (identityOfText(to)?.value ?? to);
};

/** Writes the row, unless consent was withdrawn; false when it was not written. */
const claim = async (world: MessagingWorld, step: StepRef, row: NewMessage, again: boolean): Promise<boolean> => {
  const { organizationId, contactId, conversationId, channel, at } = row;
  const results = await world.db.batch<{ id: string }>([
    again ? reopenOutbound(world.db, row) : insertOutbound(world.db, row),
    insertConversation(world.db, { organizationId, id: conversationId, contactId, channel, messageId: row.id, at }),
  ]);
  if (results[1]!.results.length > 0) {
    const about = {
      organizationId,
      source: `execution:${step.executionId}`,
      contactId,
      conversationId,
      occurredAt: at,
    };
    const event = conversationCreated({ ...about, depth: step.eventDepth + 1 }, channel);
    // The row is written: were this to stop the attempt, nobody would know that the message never left.
    await world.inbox
      .accept(event, `conversation.created:${conversationId}`)
      .catch((error) =>
        console.error(JSON.stringify({ at: "conversation.created", conversationId, message: String(error) })),
      );
  }
  return results[0]!.results.length > 0;
};

/** Another attempt was faster, or the contact does not want to hear from us. */
const notClaimed = async (world: MessagingWorld, step: StepRef, contact: ContactRow): Promise<Answer> => {
  const row = await selectMessageOfStep(world.db, step.organizationId, step.key).first<MessageRow>();
  if (row && (row.providerId !== null || row.status !== "failed")) return standing(world, step, row);
  return refused("CONSENT", `${contact.name ?? "The contact"} has opted out of messages`);
};

export const outboundOf = (
  row: NewMessage | MessageRow,
  sender: Sender,
  channels: OrganizationChannels,
): OutboundMessage => ({
  id: row.id,
  to: row.recipient,
  text: row.body,
  ...(sender.channel.capabilities.callbacks && channels.callbackUrl
    ? { statusCallback: callbackUrl(channels.callbackUrl, row) }
    : {}),
});

export const netOf = (world: MessagingWorld, { signal }: StepRef) => ({ fetch: world.fetch, now: world.now, signal });
