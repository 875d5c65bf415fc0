// WhatsApp through Meta's Cloud API. How a message is written is whatsapp-cloud/message.ts, error codes are whatsapp-cloud/errors.ts, webhooks are
// whatsapp-cloud/webhook.ts. The API has no idempotency key and no look-up: a doubt is settled by a status that carries our message's id, or
// stays one. Source: Meta's "WhatsApp Cloud API" guides, 2026-11.
import { startDeadline } from "../lib/deadline.ts";
import { isJsonObject, type JsonObject } from "../lib/json.ts";
import { mayHaveLeft } from "../lib/may-have-left.ts";
import { readCapped } from "../lib/read-capped.ts";
import { retryAfterMs } from "../lib/retry-after.ts";
import type { Channel, CheckOutcome, Net, OutboundMessage, SendOutcome } from "./channel.ts";
import { interactiveProblems, numberedText } from "./interactive.ts";
import { metaError } from "./whatsapp-cloud/errors.ts";
import { cloudMessage } from "./whatsapp-cloud/message.ts";
import { graphUrl, MAX_ANSWER_BYTES, TIMEOUT_MS, type WhatsAppCloudSettings } from "./whatsapp-cloud/settings.ts";
import { readHub, verifyHub } from "./whatsapp-cloud/webhook.ts";

export type { WhatsAppCloudSettings } from "./whatsapp-cloud/settings.ts";

const MAX_TEXT = 4_096;

/** `body` undefined: it was no JSON, or broke off. */
type Answer = { status: number; headers: Headers; body?: JsonObject };

const call = async (settings: WhatsAppCloudSettings, path: string, net: Net, body?: JsonObject): Promise<Answer> => {
  const deadline = startDeadline(TIMEOUT_MS, net.signal);
  // Called bare: workerd's fetch refuses to be a method of another object.
  const { fetch } = net;
  const answer = await deadline.race(
    fetch(graphUrl(settings, path), {
      method: body ? "POST" : "GET",
      headers: {
        Authorization: `Bearer ${settings.accessToken}`,
        Accept: "application/json",
        "Content-Type": "application/json",
      },
      body: body ? JSON.stringify(body) : null,
      redirect: "manual",
      signal: deadline.signal,
    }),
  );
  const { status, headers } = answer;
  try {
    const bytes = await deadline.race(readCapped(answer, MAX_ANSWER_BYTES));
    const value: unknown = bytes && JSON.parse(new TextDecoder().decode(bytes));
    return isJsonObject(value) ? { status, headers, body: value } : { status, headers };
  } catch {
    return { status, headers };
  }
};

const idOf = (body: JsonObject | undefined): string | undefined => {
  const [message] = Array.isArray(body?.messages) ? body.messages : [];
  return isJsonObject(message) && typeof message.id === "string" && message.id !== "" ? message.id : undefined;
};

/** Meta's own error, with what it says in detail. */
const errorOf = (body: JsonObject | undefined) => {
  const error = body?.error;
  if (!isJsonObject(error) || typeof error.code !== "number") return undefined;
  const details = isJsonObject(error.error_data) ? error.error_data.details : undefined;
  return metaError(error.code, String(details ?? error.message ?? ""));
};

const readAnswer = ({ status, headers, body }: Answer, now: number): SendOutcome => {
  if (status >= 200 && status < 300) {
    const providerId = idOf(body);
    return providerId
      ? { outcome: "accepted", providerId, status: "accepted" }
      : { outcome: "unknown", reason: `HTTP ${status} without a readable message id` };
  }
  const error = errorOf(body);
  const wait = retryAfterMs(headers, now);
  if (error) {
    const isBusy = status === 429 || status === 503;
    return {
      outcome: "refused",
      ...error,
      ...(isBusy && { class: "retry" as const }),
      ...(wait !== undefined && { retryAfterMs: wait }),
    };
  }
  if (status >= 500) return { outcome: "unknown", reason: `HTTP ${status} from a server on the way` };
  const name = `HTTP ${status}`;
  const isBusy = status === 429 || status === 408;
  return {
    outcome: "refused",
    class: isBusy ? "retry" : "configuration",
    code: status,
    name,
    message: name,
    ...(wait !== undefined && { retryAfterMs: wait }),
  };
};

/** What WhatsApp would refuse for certain, refused without asking it, under the code that it would give. */
const faultOf = (settings: WhatsAppCloudSettings, message: OutboundMessage) => {
  if (!settings.accessToken || !settings.phoneNumberId)
    return metaError(190, "no access token or number is configured");
  if (!message.to) return metaError(131008, "there is no recipient");
  if (message.template) return undefined;
  if ((message.mediaUrls?.length ?? 0) > 1) return metaError(131009, "one medium a message");
  if (!message.text && !message.mediaUrls?.length) return metaError(131008, "there is no text");
  if ([...(message.text ?? "")].length > MAX_TEXT)
    return metaError(131009, `the text has more than ${MAX_TEXT} characters`);
  return undefined;
};

/** What WhatsApp would refuse as buttons or a list goes as a numbered one. */
const fitting = (message: OutboundMessage): OutboundMessage => {
  const { interactive, text = "", ...rest } = message;
  if (!interactive || message.template || interactiveProblems(interactive, text).length === 0) return message;
  return { ...rest, text: numberedText(text, interactive) };
};

const send = async (settings: WhatsAppCloudSettings, wanted: OutboundMessage, net: Net): Promise<SendOutcome> => {
  const message = fitting(wanted);
  const fault = faultOf(settings, message);
  if (fault) return { outcome: "refused", ...fault };
  if (net.signal?.aborted)
    return { outcome: "refused", class: "retry", name: "Not sent", message: "given up before it left" };
  try {
    const path = `${encodeURIComponent(settings.phoneNumberId)}/messages`;
    return readAnswer(await call(settings, path, net, cloudMessage(message)), net.now());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return mayHaveLeft(error)
      ? { outcome: "unknown", reason }
      : { outcome: "refused", class: "retry", name: "Not connected", message: reason };
  }
};

const check = async (settings: WhatsAppCloudSettings, net: Net): Promise<CheckOutcome> => {
  try {
    const answer = await call(
      settings,
      `${encodeURIComponent(settings.phoneNumberId)}?fields=display_phone_number`,
      net,
    );
    if (answer.status === 200) return { ok: true };
    return { ok: false, reason: errorOf(answer.body)?.message ?? `HTTP ${answer.status}` };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
};

/** One number of the Cloud API. */
export const createWhatsAppCloud = (settings: WhatsAppCloudSettings): Channel => ({
  kind: "whatsapp",
  capabilities: {
    addressedBy: "phone",
    elseAddressedBy: "whatsapp_bsuid",
    maxText: MAX_TEXT,
    maxMedia: 1,
    templates: true,
    window: true,
    callbacks: true,
  },
  send: (message, net) => send(settings, message, net),
  check: (net) => check(settings, net),
  verify: (request) => verifyHub(settings.appSecret, request),
  parse: (request) => readHub(settings, request),
});
