// Requests to Twilio's REST API: where they go, how they authenticate, how a message becomes a form.

import { toBase64 } from "../../lib/base64.ts";
import { startDeadline } from "../../lib/deadline.ts";
import { readCapped } from "../../lib/read-capped.ts";
import type { Net, OutboundMessage } from "../channel.ts";
import { MAX_ANSWER_BYTES, TIMEOUT_MS, TWILIO_API, type TwilioSettings } from "./settings.ts";

const baseUrl = (settings: TwilioSettings): string => (settings.apiBaseUrl || TWILIO_API).replace(/\/+$/, "");

export const messagesUrl = (settings: TwilioSettings): string =>
  `${baseUrl(settings)}/2010-04-01/Accounts/${encodeURIComponent(settings.accountSid)}/Messages.json`;

/** The URL of a path that Twilio names (`next_page_uri`), on the configured host only. */
export const apiUrl = (settings: TwilioSettings, path: string): string =>
  `${baseUrl(settings)}/${path.replace(/^\/+/, "")}`;

/** An address as Twilio writes it on this channel. */
export const twilioAddress = (settings: TwilioSettings, address: string): string =>
  settings.kind === "whatsapp" && !address.startsWith("whatsapp:") ? `whatsapp:${address}` : address;

/** The form of one send. A given sender beats the messaging service, which beats the default sender. */
export const messageForm = (settings: TwilioSettings, message: OutboundMessage): URLSearchParams => {
  const form = new URLSearchParams({ To: twilioAddress(settings, message.to) });
  const from = message.from ?? (settings.messagingServiceSid ? undefined : settings.from);
  if (from) form.set("From", twilioAddress(settings, from));
  else if (settings.messagingServiceSid) form.set("MessagingServiceSid", settings.messagingServiceSid);
  if (message.template) {
    form.set("ContentSid", message.template.contentSid);
    if (Object.keys(message.template.variables).length > 0)
      form.set("ContentVariables", JSON.stringify(message.template.variables));
  } else {
    if (message.text) form.set("Body", message.text);
    for (const url of message.mediaUrls ?? []) form.append("MediaUrl", url);
  }
  if (message.statusCallback) form.set("StatusCallback", message.statusCallback);
  return form;
};

/** The account itself: who may read it has the right token. */
export const accountUrl = (settings: TwilioSettings): string =>
  `${baseUrl(settings)}/2010-04-01/Accounts/${encodeURIComponent(settings.accountSid)}.json`;

export type Answer = {
  status: number;
  headers: Headers /** Undefined when it broke off or was endless. */;
  text?: string;
};

/** One request, redirects not followed. Rejects when no answer began; then the request may have left. */
export const callTwilio = async (
  settings: TwilioSettings,
  url: string,
  net: Net,
  form?: URLSearchParams,
): Promise<Answer> => {
  const deadline = startDeadline(TIMEOUT_MS, net.signal);
  // Called bare: workerd's fetch refuses to be a method of another object.
  const { fetch } = net;
  const answer = await deadline.race(
    fetch(url, {
      method: form ? "POST" : "GET",
      headers: {
        Authorization: `Basic ${toBase64(`${settings.accountSid}:${settings.authToken}`)}`,
        Accept: "application/json",
        ...(form && { "Content-Type": "application/x-www-form-urlencoded" }),
      },
      body: form ? form.toString() : null,
      redirect: "manual",
      signal: deadline.signal,
    }),
  );
  const { status, headers } = answer;
  try {
    const bytes = await deadline.race(readCapped(answer, MAX_ANSWER_BYTES));
    return bytes ? { status, headers, text: new TextDecoder().decode(bytes) } : { status, headers };
  } catch {
    return { status, headers };
  }
};
