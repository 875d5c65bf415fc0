// What is written once it is known, or known not to be known, what became of a message that was sent.

import type { SendOutcome } from "../../channels/channel.ts";
import { MESSAGE_STATUSES } from "../../channels/status.ts";
import { insertEventIf } from "../../db/queries/events.ts";
import { type MessageRow, markUnsent, raiseStatuses } from "../../db/queries/messages.ts";
import type { OutboundRow } from "../../db/queries/outbound.ts";
import { selectParked } from "../../db/queries/parked-statuses.ts";
import { insertUntoldIf, type UntoldEvent } from "../../db/queries/untold-events.ts";
import { derivedId, timeOfId } from "../../lib/ids.ts";
import type { Attempted, MessageReceipt, StepRef } from "../action-ports.ts";
import { changeConsent } from "../contact/change-consent.ts";
import { tellUntold } from "../event/tell-untold.ts";
import type { StreamEvent } from "../event.ts";
import type { Ports } from "../ports.ts";
import type { OrganizationChannels } from "./channels.ts";
import { refusalOf } from "./outcome.ts";
import type { Pacing } from "./pacing.ts";
import { takeUp } from "./parked.ts";

export type MessagingWorld = Pick<Ports, "db" | "inbox" | "now"> & {
  channels: (organizationId: string) => Promise<OrganizationChannels>;
  pacing: Pacing;
  fetch: typeof fetch;
};

export const UNKNOWN_OUTCOME = "UNKNOWN_OUTCOME";

const receiptOf = (
  row: Pick<MessageRow, "id" | "providerId" | "channel" | "recipient" | "status">,
): MessageReceipt => ({
  messageId: row.id,
  providerId: row.providerId,
  channel: row.channel,
  to: row.recipient,
  status: row.status,
});

type Accepted = MessageRow & { providerId: string };

/** Whether the provider has said that it has the message: in its answer, or by a callback. */
export const isAccepted = (row: MessageRow): row is Accepted => row.providerId !== null;

/** An accepted message whose attempt may not have lived to tell of it. It is told once, however often this is called. */
export const heard = async (
  world: MessagingWorld,
  step: StepRef,
  row: Accepted,
): Promise<Attempted<MessageReceipt>> => {
  const at = world.now();
  const sent = await sentEvent(step, row, row.providerId, row.status, at);
  await world.db.batch(announcing(world, sent, at));
  await tellUntold(world, [sent]);
  return { outcome: "ok", value: receiptOf(row) };
};

/** Whatever happens next, to us or to the run, it will be told. */
const announcing = ({ db }: MessagingWorld, sent: Sent, at: number): D1PreparedStatement[] => [
  insertEventIf(db, { ...sent.event, receivedAt: at }, "true"),
  insertUntoldIf(db, [sent], at, "true"),
];

/**
 * One batch of one to four statements; an accepted message is told by MESSAGE_SENT, which takes one statement more. A failure to write it leaves
 * the doubt, and says so.
 */
export const conclude = async (
  world: MessagingWorld,
  step: StepRef,
  row: OutboundRow | MessageRow,
  outcome: SendOutcome,
): Promise<Attempted<MessageReceipt>> => {
  try {
    return await write(world, step, row, outcome);
  } catch (error) {
    return { outcome: "unknown", reason: `the provider's answer could not be written: ${String(error)}` };
  }
};

const write = async (
  world: MessagingWorld,
  step: StepRef,
  row: OutboundRow | MessageRow,
  outcome: SendOutcome,
): Promise<Attempted<MessageReceipt>> => {
  const { db } = world;
  const { organizationId, id, contactId } = row;
  const at = world.now();
  if (outcome.outcome === "accepted") {
    const { providerId, status, error, segments } = outcome;
    const report = {
      organizationId,
      id,
      providerId,
      status,
      errorCode: error ? String(error.code ?? error.class) : null,
      errorName: error?.name ?? null,
      error: error?.message ?? null,
      ...(segments === undefined ? {} : { segments }),
      at,
    };
    const sent = await sentEvent(step, row, providerId, status, at);
    const [parked] = await db.batch([
      selectParked(db, organizationId, [providerId]),
      raiseStatuses(db, MESSAGE_STATUSES, [report]),
      ...announcing(world, sent, at),
    ]);
    await takeUp(db, parked!.results);
    await tellUntold(world, [sent]);
    return { outcome: "ok", value: receiptOf({ ...row, providerId, status }) };
  }
  const about = { organizationId, id, at };
  if (outcome.outcome === "unknown") {
    await markUnsent(db, { ...about, status: "scheduled", errorCode: UNKNOWN_OUTCOME, error: outcome.reason }).run();
    return outcome;
  }
  const errorCode = String(outcome.code ?? outcome.class);
  await markUnsent(db, {
    ...about,
    status: "failed",
    errorCode,
    errorName: outcome.name,
    error: outcome.message,
  }).run();
  if (outcome.class === "consent") {
    await changeConsent(db, {
      organizationId,
      contactId,
      state: "OPT_OUT",
      source: "carrier",
      onlyOptedOut: false,
      at,
    });
  }
  return refusalOf(outcome, row.channel);
};

type Sent = UntoldEvent & { event: StreamEvent };

/** Its id and its key follow from the message's, so that it is told once. PERSISTED CONTRACT. */
const sentEvent = async (
  step: StepRef,
  row: OutboundRow | MessageRow,
  providerId: string,
  status: string,
  at: number,
): Promise<Sent> => {
  const { organizationId, contactId, conversationId } = row;
  const event = {
    id: await derivedId(timeOfId(row.id) ?? at, "message.sent", row.id),
    organizationId,
    type: "MESSAGE_SENT",
    source: `execution:${step.executionId}`,
    contactId,
    ...(conversationId === null ? {} : { conversationId }),
    data: {
      message_id: row.id,
      provider_id: providerId,
      channel: row.channel,
      to: row.recipient,
      content: row.body,
      status,
    },
    occurredAt: at,
    depth: step.eventDepth + 1,
  };
  return { organizationId, id: event.id, event, dedupeKey: `sent:${row.id}` };
};
