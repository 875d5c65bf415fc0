// What is counted of a webhook: the words and the shape. Who counts is counts.ts.

/** Why a call was refused, for the webhook's own counts. PERSISTED CONTRACT: names in `webhooks.counts`. */
export const REFUSAL_REASONS = [
  "disabled",
  "workflow_not_active",
  "address_not_allowed",
  "origin_not_allowed",
  "signature_missing",
  "signature_invalid",
  "signature_stale",
  "malformed",
  "too_large",
  "rate_limited",
  "transform_failed",
] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** PERSISTED CONTRACT: webhooks.counts, and kept by the object. Times are epoch ms. */
export type WebhookCounts = {
  /** Every call that reached it: accepted, duplicates, filtered and refused. */
  received: number;
  accepted: number;
  duplicates: number;
  filtered: number;
  refused: { [Reason in RefusalReason]?: number };
  lastReceivedAt: number | null;
  lastAcceptedAt: number | null;
  lastRefusal: { at: number; reason: RefusalReason; message: string } | null;
};
