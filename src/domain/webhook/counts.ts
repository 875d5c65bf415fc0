// What a webhook has been sent and what became of it. Its object counts; the row follows within seconds, in one write for many calls.
import { writeCounts } from "../../db/queries/endpoints.ts";
import type { Database } from "../ports.ts";
import type { Refusal } from "./judge.ts";
import type { WebhookCounts } from "./tally.ts";

export const NO_COUNTS: WebhookCounts = {
  received: 0,
  accepted: 0,
  duplicates: 0,
  filtered: 0,
  refused: {},
  lastReceivedAt: null,
  lastAcceptedAt: null,
  lastRefusal: null,
};

type Result = "accepted" | "duplicates" | "filtered" | Refusal;

export const counted = (counts: WebhookCounts, result: Result, now: number): WebhookCounts => {
  const next = { ...counts, received: counts.received + 1, lastReceivedAt: now };
  if (typeof result === "string") {
    return { ...next, [result]: counts[result] + 1, ...(result === "accepted" && { lastAcceptedAt: now }) };
  }
  const { reason, message } = result;
  return {
    ...next,
    refused: { ...counts.refused, [reason]: (counts.refused[reason] ?? 0) + 1 },
    lastRefusal: { at: now, reason, message },
  };
};

export const tellCounts = (
  db: Database,
  { organizationId, webhookId }: { organizationId: string; webhookId: string },
  counts: WebhookCounts,
): Promise<void> => writeCounts(db, { organizationId, id: webhookId }, counts);
