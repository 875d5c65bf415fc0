// Sending one message of a step, at most once. Every gate is judged first (gates.ts); what one holds back or suppresses is a row that says so. The
// row of what leaves is written before the provider is asked, in the same statement that reads consent; what the provider said is written after
// it. In between lies the doubt that reconcile.ts settles.
import type { OutboundMessage } from "../../channels/channel.ts";
import { type MessageRow, selectMessageOfStep } from "../../db/queries/messages.ts";
import {
  claimOutbound,
  keepBack,
  type OutboundRow,
  type RecipientRow,
  releaseOutbound,
} from "../../db/queries/outbound.ts";
import { hash32 } from "../../lib/hash.ts";
import { newId } from "../../lib/ids.ts";
import { pause } from "../../lib/pause.ts";
import type { Attempted, MessageOrder, MessageReceipt, StepRef } from "../action-ports.ts";
import { announceConversations } from "../conversation/announce.ts";
import { conversationIdOf } from "../conversation/conversation-id.ts";
import { tellUntold } from "../event/tell-untold.ts";
import { callbackUrl } from "./callback-url.ts";
import {
  type Addressee,
  type Choice,
  chooseChannel,
  hasProvider,
  knownAs,
  type OrganizationChannels,
  pacingKey,
  type Sender,
} from "./channels.ts";
import { conclude, heard, isAccepted, type MessagingWorld } from "./conclude.ts";
import { sentContent, storedContent } from "./content.ts";
import { capTerms, gateFacts, readRecipients } from "./gate-facts.ts";
import { type Gate, type GateFacts, type GateReport, judgeGates } from "./gates.ts";
import { claimLead, isBusy, leaseSlot, tookToClaim, waitForSlot } from "./line.ts";
import { LATE_MS, type Slot } from "./pacing.ts";
import type { MessagingPolicy } from "./policy.ts";
import { readStep } from "./read-step.ts";
import { findRecipient, identityOfText, workflowRoom } from "./recipient.ts";

type Answer = Attempted<MessageReceipt>;

/** A slot so near is waited for; a farther one is what the step comes back for, in ms. */
const NEAR_MS = 1_500;
/** Tries to claim a message and be on time with it, in one attempt. */
const ROUNDS = 3;
/** Those whom quiet hours held back come spread over so long a time, in ms. */
const JITTER_MS = 60_000;

const refused = (code: string, message: string): Answer => ({ outcome: "refused", code, message, retryable: false });

/** One message with all that is decided about it but when it goes. */
type Planned = {
  row: OutboundRow;
  /** As the step's own read has them; absent when the message is for somebody else. */
  recipient: RecipientRow | undefined;
  sender: Sender;
  channels: OrganizationChannels;
  policy: MessagingPolicy;
  order: MessageOrder;
  earlier: MessageRow | null;
  heard: StepRef["heard"];
  quietHours: StepRef["quietHours"];
};

/**
 * D1: two reads at once, a batch of three writes, a batch of four after the provider; one read more where the message names whom it is for. A call to
 * the sender's pacer beside the writes, while its line is idle.
 */
export const sendMessage = async (world: MessagingWorld, step: StepRef, order: MessageOrder): Promise<Answer> => {
  const { organizationId } = step;
  const [{ earlier, policy, recipient, conversation }, channels] = await Promise.all([
    readStep(world.db, step, order, world.now()),
    world.channels(organizationId),
  ]);
  if (earlier && !mayBeSent(earlier)) return standing(world, step, earlier);
  const named = order.to ?? order.contactId;
  const inApp = order.channel === "inapp" || !hasProvider(channels);
  const contact: Addressee | undefined =
    named === undefined && inApp
      ? await workflowRoom(world, step)
      : order.to === undefined
        ? recipient
        : await findRecipient(world, step, order);
  if (!contact) {
    return named === undefined
      ? refused("NO_RECIPIENT", "This run has no contact, and the node names no recipient: to is missing or empty")
      : refused("NO_RECIPIENT", `There is no contact ${named}`);
  }
  const choice = chooseChannel(channels, contact, order.channel, conversation);
  if (!choice.ok) return refused(choice.code, choice.message);
  const { sender } = choice;
  const { kind } = sender.channel;
  const row: OutboundRow = {
    organizationId,
    id: earlier?.id ?? newId(world.now()),
    contactId: contact.id,
    conversationId: await conversationIdOf(contact.id, kind, sender.channelId),
    channel: kind,
    channelId: sender.channelId,
    sender: sender.sender,
    recipient: recipientOf(choice, order, contact),
    body: order.text,
    content: null,
    executionId: step.executionId,
    stepKey: step.key,
    consentEpoch: earlier?.consentEpoch ?? 0,
    segments: sender.channel.countSegments?.(order.text) ?? null,
    at: world.now(),
  };
  return attempt(world, step, {
    row,
    recipient,
    sender,
    channels,
    policy,
    order,
    earlier,
    heard: step.heard,
    quietHours: step.quietHours,
  });
};

/** Nothing was sent for the row, surely, and it is not over. */
const mayBeSent = ({ providerId, status, holdUntil }: MessageRow): boolean =>
  providerId === null && (status === "failed" || (status === "scheduled" && holdUntil !== null));

/** An earlier attempt's message: it is not sent again. */
const standing = (world: MessagingWorld, step: StepRef, row: MessageRow): Answer | Promise<Answer> => {
  if (isAccepted(row)) return heard(world, step, row);
  if (row.status === "canceled" && row.gates !== null) return suppressed(JSON.parse(row.gates) as GateReport);
  return { outcome: "unknown", reason: row.error ?? "an earlier attempt did not say how it ended" };
};

const GIVEN_UP: Answer = { outcome: "unknown", reason: "given up before it left" };

/** Judged, claimed and sent; judged again when the claim failed (consent changed, others reached the cap) or took longer than the slot allows. */
const attempt = async (world: MessagingWorld, step: StepRef, planned: Planned): Promise<Answer> => {
  const line = pacingKey(step.organizationId, planned.sender);
  let slot: Slot | null = null;
  let lead = claimLead();
  // What was read for the step is as good as new in the first round.
  let { recipient } = planned;
  for (let round = 0; ; round++) {
    const judged = await judge(world, planned, recipient, slot, lead);
    recipient = undefined;
    if (!judged) return refused("NO_RECIPIENT", "The contact is gone");
    const { report, row } = judged;
    if (!report.passed) return hold(world, row, report);
    slot = judged.slot;
    await pauseUntil(world, slot, lead);
    await step.cleared;
    if (step.signal.aborted) return GIVEN_UP;
    const leaving = { ...row, at: world.now() };
    const leasing =
      slot === null && planned.sender.rate !== null
        ? settled(leaseSlot(world, line, planned.sender.rate, lead))
        : undefined;
    const claimed = await claim(world, step, leaving, planned.policy);
    // The next slot leaves time for what this claim took.
    lead = tookToClaim(world.now() - leaving.at);
    const leased = await leasing;
    if (leased && "error" in leased) {
      if (claimed) await release(world, leaving, report);
      throw leased.error;
    }
    slot = leased?.slot ?? slot;
    if (claimed) {
      // The line was not idle after all: consent is read again when its slot comes, unless that is over before a slow database has told it.
      const longestMs = round === 0 ? lead : NEAR_MS;
      const isEarly = slot !== null && slot.from > world.now() + longestMs;
      const isItsTurn =
        slot === null ||
        (!isEarly && (await waitForSlot(world, { line, rate: planned.sender.rate!, slot, longestMs })));
      if (isItsTurn && !step.signal.aborted) return leave(world, step, planned, leaving);
      // Its second may be full by now.
      if (!isEarly) slot = null;
      await release(world, leaving, report);
      if (step.signal.aborted) return GIVEN_UP;
    }
    const now = await selectMessageOfStep(world.db, step.organizationId, step.key).first<MessageRow>();
    if (now && !mayBeSent(now)) return standing(world, step, now);
    if (round === ROUNDS)
      return { outcome: "deferred", until: world.now() + NEAR_MS, reason: "it could not leave in time" };
  }
};

const pauseUntil = async (world: MessagingWorld, slot: Slot | null, before: number): Promise<void> => {
  const wait = (slot?.from ?? 0) - before - world.now();
  if (wait > 0) await pause(wait);
};

const leave = async (
  world: MessagingWorld,
  step: StepRef,
  { sender, channels, earlier }: Planned,
  row: OutboundRow,
): Promise<Answer> => {
  const outcome = await sender.channel.send(outboundOf(row, sender, channels), netOf(world, step));
  const answer = await conclude(world, step, row, outcome);
  // A code that nobody knows gets one more try (MESSAGING "Sending through Twilio").
  const isSecond = outcome.outcome === "refused" && outcome.class === "unknown" && earlier?.status === "failed";
  return isSecond && answer.outcome === "refused" ? { ...answer, retryable: false } : answer;
};

const release = async (world: MessagingWorld, row: OutboundRow, report: GateReport): Promise<void> => {
  const until = world.now();
  const gates = { ...report, passed: false, failed: "rate", earliestAt: until };
  await releaseOutbound(world.db, row, { gates, until }).run();
};

/**
 * The report, with the row as it would leave by it, and the sender's slot once everything else lets it pass; null where the line seems idle: it is
 * asked beside the claim. `read`: whom it is for, as read just now; `had`: a slot that is taken already; `leadMs`: what is to be done before one.
 */
const judge = async (
  world: MessagingWorld,
  { row, sender, policy, order, earlier, heard, quietHours }: Planned,
  read: RecipientRow | undefined,
  had: Slot | null,
  leadMs: number,
): Promise<{ report: GateReport; row: OutboundRow; slot: Slot | null } | undefined> => {
  const { organizationId, contactId } = row;
  const now = world.now();
  const recipient = read ?? (await readRecipients(world.db, organizationId, [contactId], policy, now)).get(contactId);
  if (!recipient) return undefined;
  const facts = gateFacts({
    recipient: heardFrom(recipient, heard),
    sender,
    conversationId: row.conversationId,
    policy,
    plannedEpoch: earlier?.consentEpoch ?? undefined,
    template: templateOf(order, sender),
    quietHours,
    now,
  });
  const known = had ?? slotOf(earlier, now);
  let report = judgeGates(facts, now);
  const line = pacingKey(organizationId, sender);
  const isFirst = report.passed && known === null && sender.rate !== null && isBusy(line, now);
  const slot = isFirst ? await leaseSlot(world, line, sender.rate!, leadMs) : report.passed ? known : null;
  if (slot !== null && slot.from > now + NEAR_MS)
    report = judgeGates({ ...facts, rate: { ...facts.rate, sender: slot.from } }, now);
  const { template, mediaUrls, interactive, mail } = order;
  const content = report.useTemplate
    ? { ...(template && { template }) }
    : { ...(mediaUrls && { mediaUrls }), ...(interactive && { interactive }), ...mail };
  return {
    report,
    slot,
    row: { ...row, content: storedContent(content), consentEpoch: earlier?.consentEpoch ?? recipient.consentEpoch },
  };
};

/** What was just said opens the window; its row comes by the queue. */
const heardFrom = (recipient: RecipientRow, heard: StepRef["heard"]): RecipientRow => {
  if (!heard) return recipient;
  const { lastInboundAt } = recipient;
  const { conversationId, at } = heard;
  return {
    ...recipient,
    lastInboundAt: { ...lastInboundAt, [conversationId]: Math.max(at, lastInboundAt[conversationId] ?? 0) },
  };
};

const templateOf = ({ template, text }: MessageOrder, { channel }: Sender): GateFacts["template"] => {
  if (!template) return { use: "none" };
  const problem = channel.capabilities.templates ? null : `The channel ${channel.kind} has no templates`;
  return { use: text === "" ? "required" : "fallback", problem };
};

/** The slot that an earlier attempt took and is still to come. */
const slotOf = (earlier: MessageRow | null, now: number): Slot | null => {
  if (earlier?.gates == null || earlier.holdUntil === null || earlier.holdUntil < now - LATE_MS) return null;
  const { holdUntil } = earlier;
  const { failed } = JSON.parse(earlier.gates) as GateReport;
  return failed === "rate" ? { from: holdUntil, until: holdUntil + LATE_MS } : null;
};

/** Never rejects: what it stands beside must be taken back first. */
const settled = (leasing: Promise<Slot>): Promise<{ slot: Slot } | { error: unknown }> =>
  leasing.then(
    (slot) => ({ slot }),
    (error: unknown) => ({ error }),
  );

/** PERSISTED CONTRACT: the code of a step that a gate stopped. */
const CODES: Record<Gate, string> = {
  consent: "CONSENT",
  window: "WINDOW",
  quiet_hours: "QUIET_HOURS",
  rate: "RATE",
  cap: "CAP",
  template: "TEMPLATE",
};

const failedOf = ({ gates, failed }: GateReport) => gates.find(({ gate }) => gate === failed)!;

const suppressed = (report: GateReport): Answer => {
  const { gate, reason } = failedOf(report);
  return {
    outcome: "refused",
    code: CODES[gate],
    message: reason,
    retryable: false,
    details: { gates: report.gates },
  };
};

/** What no time will help is suppressed; the rest waits. The row says which gates failed either way. */
const hold = async (world: MessagingWorld, row: OutboundRow, report: GateReport): Promise<Answer> => {
  const { earliestAt } = report;
  const { gate, reason } = failedOf(report);
  const jitter = gate === "quiet_hours" ? hash32(row.stepKey) % JITTER_MS : 0;
  const until = earliestAt === null ? null : Math.ceil(earliestAt) + jitter;
  const gates = { ...report, earliestAt: until };
  await keepBack(world.db, row, { gates, until }).run();
  if (until === null) return suppressed(report);
  // A slot is waited for in the attempt: timers are late where a sender's second is full.
  return { outcome: "deferred", until: gate === "rate" ? until - NEAR_MS : until, reason };
};

/** Writes the row, unless consent was withdrawn or the cap is reached; false when it was not written. */
const claim = async (
  world: MessagingWorld,
  step: StepRef,
  row: OutboundRow,
  policy: MessagingPolicy,
): Promise<boolean> => {
  const about = { source: `execution:${step.executionId}`, depth: step.eventDepth + 1 };
  const beginning = announceConversations(world.db, [row], about, row.at);
  const isCapped = row.channel !== "inapp";
  const [claimed, begun] = await world.db.batch<{ id: string }>([
    claimOutbound(world.db, row, isCapped ? capTerms(policy, row.at) : null),
    ...beginning.statements,
  ]);
  await tellUntold(world, beginning.toldBy(begun!.results));
  return claimed!.results.length > 0;
};

/** Whom the message is said to have gone to: in the app nobody has an address, so it is the one that was given, or what they are known by. */
const recipientOf = (
  { sender, address }: Extract<Choice, { ok: true }>,
  { to, mail }: MessageOrder,
  contact: Addressee,
): string => {
  // Of several mailboxes of one person the author has named this one.
  if (mail && to !== undefined) return to;
  if (sender.channel.capabilities.addressedBy !== "contact") return address;
  return to === undefined ? knownAs(contact) : (identityOfText(to)?.value ?? to);
};

export const outboundOf = (
  row: Pick<
    MessageRow | OutboundRow,
    "id" | "organizationId" | "contactId" | "recipient" | "body" | "content" | "channelId"
  >,
  sender: Sender,
  channels: OrganizationChannels,
): OutboundMessage => ({
  id: row.id,
  to: row.recipient,
  ...sentContent(row.body, row.content),
  ...(sender.channel.capabilities.callbacks && channels.callbackUrl
    ? { statusCallback: callbackUrl(channels.callbackUrl, row) }
    : {}),
});

export const netOf = (world: MessagingWorld, { signal }: StepRef) => ({ fetch: world.fetch, now: world.now, signal });
