// What became of messages that left, or may have left, and of which nobody told us: first our own rows, which a callback may have settled, then
// the provider. Nothing is sent again as long as there may be one under way (MESSAGING "Sending through Twilio").
import type { ReconcileOutcome } from "../../channels/channel.ts";
import { type DoubtedMessage, markCampaignMessages, readCampaignMessages } from "../../db/queries/campaign-messages.ts";
import { findClaimedIds } from "../../db/queries/messages.ts";
import { HOUR_MS } from "../../lib/durations.ts";
import { mapConcurrently } from "../../lib/map-concurrently.ts";
import { type OrganizationChannels, senderOf } from "../message/channels.ts";
import { UNKNOWN_OUTCOME } from "../message/conclude.ts";
import { readContent } from "../message/content.ts";
import { LOOKS_MS, type RunRules } from "./run.ts";
import { type TellingWorld, writeAccepted } from "./tell-sent.ts";

export type Doubt = {
  contactId: string;
  messageId: string;
  /** Epoch ms; null: it surely has not left, but its row would not be claimed. */
  leftAt: number | null;
  /** How often the provider was asked. */
  looks: number;
};

export type Settled = {
  final: string[];
  /** They surely were not sent. */
  again: string[];
  /** Epoch ms of the next look. */
  later: { contactId: string; at: number }[];
};

type World = TellingWorld & {
  channels: OrganizationChannels;
  rules: Pick<RunRules, "onUnknown">;
  fetch: typeof fetch;
  now: () => number;
  signal: AbortSignal;
};

const AT_ONCE = 3;
const LOOK_BACK_MS = HOUR_MS;

/** One read, a question to the provider for each that is still in doubt, and one batch. */
export const settleDoubts = async (world: World, doubts: readonly Doubt[]): Promise<Settled> => {
  const { db, organizationId } = world;
  const settled: Settled = { final: [], again: [], later: [] };
  const rows = new Map(
    (
      await readCampaignMessages(
        db,
        organizationId,
        doubts.map(({ messageId }) => messageId),
      )
    ).map((row) => [row.id, row]),
  );
  const asked: { doubt: Doubt; row: DoubtedMessage }[] = [];
  for (const doubt of doubts) {
    const row = rows.get(doubt.messageId);
    // The row comes before the request: without it nothing has left.
    if (!row) settled.again.push(doubt.contactId);
    else if (row.providerId !== null || row.status !== "scheduled") settled.final.push(doubt.contactId);
    else if (doubt.leftAt === null) settled.again.push(doubt.contactId);
    else asked.push({ doubt, row });
  }
  const found = await mapConcurrently(asked, AT_ONCE, async ({ doubt, row }) => ({
    doubt,
    row,
    answer: await ask(world, row, doubt.leftAt!),
  }));
  const at = world.now();
  const accepted = found.flatMap(({ row, answer }) => (answer.outcome === "found" ? [{ row, answer }] : []));
  const parked: { id: string; errorCode: string; error: string }[] = [];
  for (const { doubt, row, answer } of found) {
    const { contactId } = doubt;
    const isLast = doubt.looks + 1 >= LOOKS_MS.length || answer.outcome === "never";
    if (answer.outcome === "found") settled.final.push(contactId);
    else if (answer.outcome === "undelivered") settled.again.push(contactId);
    else if (!isLast) settled.later.push({ contactId, at: Math.max(at, doubt.leftAt! + LOOKS_MS[doubt.looks + 1]!) });
    else if (answer.outcome === "absent" && world.rules.onUnknown === "resend") {
      parked.push({ id: row.id, errorCode: "ABSENT", error: "The provider has no trace of it; it is sent again" });
      settled.again.push(contactId);
    } else {
      const reason = answer.outcome === "absent" ? "the provider has no evidence of it" : answer.reason;
      parked.push({ id: row.id, errorCode: UNKNOWN_OUTCOME, error: reason });
      settled.final.push(contactId);
    }
  }
  const reports = accepted.map(({ row, answer: { providerId, status, error } }) => ({
    organizationId,
    id: row.id,
    providerId,
    status,
    errorCode: error ? String(error.code ?? error.class) : null,
    errorName: error?.name ?? null,
    error: error?.message ?? null,
    at,
  }));
  const marked = parked.map((one) => ({ ...one, status: "scheduled" as const, errorName: null, holdUntil: null }));
  await writeAccepted(world, reports, marked.length > 0 ? [markCampaignMessages(db, organizationId, at, marked)] : []);
  return settled;
};

type Answer = ReconcileOutcome | { outcome: "undelivered" } | { outcome: "never"; reason: string };

const ask = async (world: World, row: DoubtedMessage, leftAt: number): Promise<Answer> => {
  const { db, organizationId, channels } = world;
  const sender = senderOf(channels, row);
  if (!sender) return { outcome: "never", reason: `the channel ${row.channel} is no longer configured` };
  // Nobody outside has it: sending it again is the same delivery.
  if (sender === channels.inapp) return { outcome: "undelivered" };
  if (!sender.channel.reconcile) return { outcome: "never", reason: `the channel ${row.channel} cannot be asked` };
  const claimed = new Set(await findClaimedIds(db, organizationId, row.contactId, leftAt - LOOK_BACK_MS));
  const content = readContent(row.content);
  const message = {
    id: row.id,
    to: row.recipient,
    ...(content.template ? content : { text: row.body }),
  };
  return sender.channel.reconcile(
    message,
    { since: leftAt, claimed },
    { fetch: world.fetch, now: world.now, signal: world.signal },
  );
};
