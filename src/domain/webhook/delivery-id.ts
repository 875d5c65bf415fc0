// The sender's own id of a delivery, by which a repeated one is known. Without such an id two equal bodies are two events.
import { createHash } from "node:crypto";
import { type Json, own } from "../../lib/json.ts";
import type { AnyScheme } from "./signature.ts";

type Source = { header: string } | { field: string };

/** In order of preference. `Idempotency-Key` comes from whoever cares to send one. */
const ANY: Source[] = [
  { header: "idempotency-key" },
  { header: "webhook-id" },
  { header: "x-github-delivery" },
  { header: "x-shopify-webhook-id" },
];

/**
 * Where a scheme's ids are. Stripe and Slack put theirs inside the signed body, where nobody can change it; those win over any header.
 */
const SOURCES: Record<AnyScheme, Source[]> = {
  standard: [{ header: "webhook-id" }, ...ANY],
  signalbox: ANY,
  github: [{ header: "x-github-delivery" }, { header: "idempotency-key" }],
  stripe: [{ field: "id" }, { header: "idempotency-key" }],
  "standard-webhooks": [{ header: "webhook-id" }],
  shopify: [{ header: "x-shopify-webhook-id" }, { header: "idempotency-key" }],
  slack: [{ field: "event_id" }, { header: "idempotency-key" }],
};

const MAX_KEY = 200;

/** PERSISTED CONTRACT: the dedupe key of a delivery, `name:value`, or undefined when the sender names none. */
export const deliveryId = (scheme: AnyScheme, headers: Record<string, string>, payload: Json): string | undefined => {
  for (const source of SOURCES[scheme]) {
    const name = "header" in source ? source.header : source.field;
    const value = "header" in source ? headers[source.header] : own(payload, source.field);
    if (typeof value !== "string" || value === "") continue;
    const key = `${name}:${value}`;
    return key.length <= MAX_KEY ? key : `${name}:sha256:${createHash("sha256").update(value).digest("hex")}`;
  }
  return undefined;
};
