// What became of a message whose sending ended in doubt. First our own row, which a status callback may have settled; then the provider. Without
// evidence it stays unknown, unless its author would rather send it again: a message is never repeated blindly (MESSAGING "Sending through Twilio").
import { findClaimedIds, type MessageRow, markUnsent, selectMessageOfStep } from "../../db/queries/messages.ts";
import { HOUR_MS } from "../../lib/durations.ts";
import type { Attempted, MessageReceipt, StepRef, UnknownPolicy } from "../action-ports.ts";
import { senderOf } from "./channels.ts";
import { conclude, heard, isAccepted, type MessagingWorld, UNKNOWN_OUTCOME } from "./conclude.ts";
import { netOf, outboundOf } from "./send.ts";

type Answer = Attempted<MessageReceipt> | { outcome: "absent" };

/** From then on a provider that took the request would list it, in ms since it left. */
const LISTED_MS = 5_000;
/** From then on a provider that lists nothing would have called back. */
const CALLED_BACK_MS = 10_000;

/** The row says so too: after a crash in the middle of a send it does not yet, and what nobody knows must be listed. */
const unknown = async (world: MessagingWorld, row: MessageRow, reason: string): Promise<Answer> => {
  const { organizationId, id } = row;
  const why = { errorCode: UNKNOWN_OUTCOME, error: reason, at: world.now() };
  await markUnsent(world.db, { organizationId, id, status: "scheduled", ...why }).run();
  return { outcome: "unknown", reason };
};

export const reconcileMessage = async (
  world: MessagingWorld,
  step: StepRef,
  onUnknown: UnknownPolicy = "park",
): Promise<Answer> => {
  const row = await selectMessageOfStep(world.db, step.organizationId, step.key).first<MessageRow>();
  // The row comes before the request: without it nothing has left.
  if (!row) return { outcome: "absent" };
  if (isAccepted(row)) return heard(world, step, row);
  // Refused, held back or suppressed: whoever asks again is told why, or sends it.
  if (row.status === "failed" || row.status === "canceled" || row.holdUntil !== null) return { outcome: "absent" };
  const channels = await world.channels(step.organizationId);
  const sender = senderOf(channels, row);
  if (!sender) return unknown(world, row, `the channel ${row.channel} is no longer configured`);
  // Nobody outside has it: sending it again is the same delivery.
  if (sender === channels.inapp) return absent(world, row);
  const since = row.updatedAt;
  const unproven = (waitMs: number, reason: string) =>
    onUnknown === "resend" && world.now() - since >= waitMs ? absent(world, row) : unknown(world, row, reason);
  if (!sender.channel.reconcile) return unproven(CALLED_BACK_MS, `the channel ${row.channel} cannot be asked`);
  const claimed = new Set(await findClaimedIds(world.db, row.organizationId, row.contactId, since - LOOK_BACK_MS));
  const found = await sender.channel.reconcile(
    outboundOf(row, sender, channels),
    { since, claimed },
    netOf(world, step),
  );
  if (found.outcome === "found") return conclude(world, step, row, { ...found, outcome: "accepted" });
  if (found.outcome === "unknown") return askedLater(world, row, found.reason);
  return unproven(LISTED_MS, "the provider has no evidence of it");
};

/** Who could not be asked, or could not tell, is asked again for so long since the message left, in ms: a callback may settle it meanwhile. */
const ASKED_FOR_MS = 600_000;
const ASKED_EVERY_MS = 5_000;

/** A look-up that failed is no finding: it must not count against the run. */
const askedLater = async (world: MessagingWorld, row: MessageRow, reason: string): Promise<Answer> => {
  const now = world.now();
  const age = now - row.updatedAt;
  const answer = await unknown(world, row, reason);
  return age < ASKED_FOR_MS ? { outcome: "deferred", until: now + Math.max(ASKED_EVERY_MS, age / 4), reason } : answer;
};

const LOOK_BACK_MS = HOUR_MS;

const absent = async (world: MessagingWorld, row: MessageRow): Promise<Answer> => {
  const { organizationId, id } = row;
  const why = { errorCode: "ABSENT", error: "It was not delivered", at: world.now() };
  await markUnsent(world.db, { organizationId, id, status: "failed", ...why }).run();
  return { outcome: "absent" };
};
