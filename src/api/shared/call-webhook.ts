// A call at a webhook's public door: its raw bytes go to the webhook's object, whose verdict comes back. No database on this way.
import { DomainError } from "../../domain/errors.ts";
import type { WebhookVerdict } from "../../domain/ports.ts";
import { allowPage } from "./allow-page.ts";
import type { ApiContext } from "./api.ts";
import { writeRateLimit } from "./rate-limit.ts";
import { readBytes } from "./read-body.ts";

export const noWebhook = (): DomainError => new DomainError("not_found", "Webhook not found", { subject: "webhook" });

/**
 * Tells the webhook's limit in the headers, and browsers whether the page may read the answer. Throws what it was refused for; `unknown` makes
 * the error for a name that no webhook has.
 */
export const callWebhook = async (
  c: ApiContext,
  name: string,
  unknown: () => DomainError | Promise<DomainError>,
): Promise<Exclude<WebhookVerdict, { kind: "refused" }>> => {
  const { ports, clientAddress } = c.var;
  const now = ports.now();
  const verdict = await ports.webhooks.receive(name, {
    bodyBytes: await readBytes(c),
    headers: Object.fromEntries(c.req.raw.headers),
    clientAddress,
    now,
  });
  if (verdict.pageMayRead) allowPage(c);
  if (verdict.kind === "challenge") return verdict;
  const { rateLimit } = verdict;
  if (rateLimit) writeRateLimit(c, { ...rateLimit, resetAt: rateLimit.resetAt * 1000 });
  if (verdict.kind !== "refused") return verdict;
  const { code, message } = verdict;
  if (code === "not_found") throw await unknown();
  throw new DomainError(code, message, {
    subject: "webhook",
    ...(code === "rate_limited" &&
      rateLimit && { retryAfterSeconds: Math.max(1, rateLimit.resetAt - Math.floor(now / 1000)) }),
  });
};
