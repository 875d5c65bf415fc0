// Outgoing webhooks, both ways.
import type { z } from "@hono/zod-openapi";
import type { Delivery, DeliveryAttempt, DeliveryRequest } from "../../../domain/delivery/delivery.ts";
import type { SentDelivery } from "../../../domain/delivery/send-webhook.ts";
import type { SigningSecret } from "../../../domain/delivery/signing-secret.ts";
import type { ApiContext } from "../../shared/api.ts";
import { timeOf, timeOrNull } from "../convert.ts";
import type * as schema from "./schema.ts";

type Payload = NonNullable<z.output<typeof schema.sendBody>["payload"]>;

/** A field that is no text is written as JSON. */
const withQuery = (url: string, payload: Payload): string => {
  if (!URL.canParse(url)) return url;
  const made = new URL(url);
  for (const [name, value] of Object.entries(payload))
    made.searchParams.append(name, typeof value === "string" ? value : JSON.stringify(value));
  return made.href;
};

/** A GET request has no body: its payload goes into the query. */
export const fromSend = ({
  payload,
  timeout,
  retryConfig,
  ...rest
}: z.output<typeof schema.sendBody>): DeliveryRequest => ({
  ...rest,
  url: rest.method === "GET" && payload ? withQuery(rest.url, payload) : rest.url,
  body: rest.method === "GET" || payload === undefined ? null : JSON.stringify(payload),
  timeoutMs: timeout,
  retry: retryConfig,
});

const toAttempt = (attempt: DeliveryAttempt) => ({ ...attempt, startedAt: timeOf(attempt.startedAt) });

export const toSent = (c: ApiContext, { delivery, answer }: SentDelivery): z.input<typeof schema.sent> => {
  const { attempts, createdAt, completedAt } = delivery;
  const startedAt = attempts[0]?.startedAt ?? createdAt;
  return {
    success: delivery.status === "delivered",
    responseStatus: attempts.at(-1)?.responseStatus ?? 0,
    responseBody: answer?.body ?? null,
    timing: {
      startedAt: timeOf(startedAt),
      completedAt: timeOrNull(completedAt),
      durationMs: Math.max(0, (completedAt ?? c.var.ports.now()) - startedAt),
      requestMs: attempts.reduce((sum, { durationMs }) => sum + durationMs, 0),
      attempts: attempts.length,
    },
    deliveryId: delivery.id,
    messageId: delivery.messageId,
    status: delivery.status,
    attempts: attempts.map(toAttempt),
    nextAttemptAt: timeOrNull(delivery.nextAttemptAt),
  };
};

export const toDelivery = ({ organizationId: _, ...delivery }: Delivery): z.input<typeof schema.delivery> => ({
  ...delivery,
  success: delivery.status === "delivered",
  responseStatus: delivery.attempts.at(-1)?.responseStatus ?? null,
  attempts: delivery.attempts.map(toAttempt),
  attemptCount: delivery.attempts.length,
  nextAttemptAt: timeOrNull(delivery.nextAttemptAt),
  createdAt: timeOf(delivery.createdAt),
  completedAt: timeOrNull(delivery.completedAt),
});

export const toSigningSecret = ({ secret, previous, createdAt }: SigningSecret) => ({
  secretKey: secret,
  previousSecretKey: previous?.secret ?? null,
  previousSecretValidUntil: timeOrNull(previous?.until ?? null),
  createdAt: timeOf(createdAt),
});
