// What an answer of Twilio's Messages API says about a message, above all whether it may have been sent. The Messages API has no
// idempotency key, so a doubt is `unknown` and is looked up, never repeated:
//   2xx with a sid              accepted
//   2xx without one             unknown: Twilio said yes, the rest got lost
//   3xx, 4xx                    refused: nothing is made before the request is judged
//   500, 503 in Twilio's form   refused, retry: Twilio's own word that it made nothing
//   503 with Retry-After        refused, retry: turned away at the door
//   any other 5xx               unknown: a proxy speaks (HTML, 502, 504), and what is behind it may have done the work

import { isJsonObject, type Json, type JsonObject } from "../../lib/json.ts";
import { retryAfterMs } from "../../lib/retry-after.ts";
import type { ProviderError, SendOutcome } from "../channel.ts";
import { isMessageStatus, type MessageStatus } from "../status.ts";
import { httpError, twilioError } from "./errors.ts";

const parseObject = (text: string): JsonObject | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const textOf = (value: Json | undefined): string => (typeof value === "string" ? value : "");

/** Our word for a status of Twilio's; undefined for an inbound message's and for one we do not know. */
export const statusOf = (text: string): MessageStatus | undefined => {
  const status = text.toLowerCase();
  if (status === "partially_delivered") return "sent";
  return isMessageStatus(status) ? status : undefined;
};

/** The error of a message resource or a callback; Twilio writes none as null, an empty text or 0. */
export const errorOf = (code: Json | undefined, said: Json | undefined): ProviderError | undefined => {
  const number = Number(code ?? 0);
  return Number.isInteger(number) && number > 0 ? twilioError(number, textOf(said)) : undefined;
};

/** What one message resource says. */
export type Resource = { providerId: string; status: MessageStatus; segments?: number; error?: ProviderError };

export const readResource = (resource: Json | undefined): Resource | undefined => {
  if (!isJsonObject(resource) || textOf(resource.sid) === "") return undefined;
  const segments = Number(resource.num_segments);
  const error = errorOf(resource.error_code, resource.error_message);
  return {
    providerId: textOf(resource.sid),
    status: statusOf(textOf(resource.status)) ?? "accepted",
    ...(segments > 0 && { segments }),
    ...(error && { error }),
  };
};

/** `text` is undefined when the body could not be read to its end. `now` in epoch ms. */
export const readAnswer = (status: number, headers: Headers, text: string | undefined, now: number): SendOutcome => {
  const body = text === undefined ? undefined : parseObject(text);
  if (status >= 200 && status < 300) {
    const resource = readResource(body);
    return resource
      ? { outcome: "accepted", ...resource }
      : { outcome: "unknown", reason: `HTTP ${status} without a readable message id` };
  }
  const code = typeof body?.code === "number" ? body.code : undefined;
  const said = textOf(body?.message);
  const isTwilios = said !== "" && (code !== undefined || body?.status === status);
  const wait = retryAfterMs(headers, now);
  if (status >= 500 && !(status === 503 && wait !== undefined) && !(isTwilios && (status === 500 || status === 503)))
    return { outcome: "unknown", reason: `HTTP ${status} from a server on the way` };
  const error = code === undefined ? httpError(status, said) : twilioError(code, said);
  const retry = status === 429 || status >= 500;
  return {
    outcome: "refused",
    ...error,
    ...(retry && { class: "retry" as const }),
    ...(wait !== undefined && { retryAfterMs: wait }),
  };
};
