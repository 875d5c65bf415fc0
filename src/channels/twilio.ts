// SMS and WhatsApp through Twilio's Messages API. How answers are judged is twilio/answer.ts, error codes are twilio/errors.ts, webhooks are
// twilio/signature.ts and twilio/webhook.ts. Source: Twilio's "Messages resource" and webhook guides, 2026-11.

import { mayHaveLeft } from "../lib/may-have-left.ts";
import type {
  Capabilities,
  Channel,
  CheckOutcome,
  Net,
  OutboundMessage,
  ProviderError,
  SendOutcome,
} from "./channel.ts";
import { interactiveProblems, numberedText } from "./interactive.ts";
import { countSegments, MAX_SMS_CHARACTERS } from "./sms-segments.ts";
import { readAnswer } from "./twilio/answer.ts";
import { contentOf } from "./twilio/content.ts";
import { twilioError } from "./twilio/errors.ts";
import { reconcile } from "./twilio/reconcile.ts";
import { accountUrl, callTwilio, messageForm, messagesUrl } from "./twilio/request.ts";
import type { TwilioSettings } from "./twilio/settings.ts";
import { verifySignature } from "./twilio/signature.ts";
import { readWebhook } from "./twilio/webhook.ts";

export type { TwilioSettings } from "./twilio/settings.ts";

const COMMON = { addressedBy: "phone", maxText: MAX_SMS_CHARACTERS, templates: true, callbacks: true } as const;

// Twilio's Body takes 1,600 characters on every channel, also where WhatsApp itself would take 4,096.
const CAPABILITIES: Readonly<Record<TwilioSettings["kind"], Capabilities>> = {
  sms: { ...COMMON, maxMedia: 10, window: false },
  // Twilio names a user without a number `whatsapp:US.…`, as their messages come and as they are answered.
  whatsapp: { ...COMMON, elseAddressedBy: "whatsapp_bsuid", maxMedia: 1, window: true },
};

/** What Twilio would refuse for certain, refused without asking it, under the code that it would give. */
const faultOf = (settings: TwilioSettings, message: OutboundMessage): ProviderError | undefined => {
  if (!settings.accountSid || !settings.authToken)
    return twilioError(20003, "no account SID or auth token is configured");
  if (!message.from && !settings.from && !settings.messagingServiceSid) return twilioError(21603);
  if (!message.to) return twilioError(21604);
  if (message.template) return undefined;
  if ((message.mediaUrls?.length ?? 0) > CAPABILITIES[settings.kind].maxMedia) return twilioError(21623);
  if (!message.text && !message.mediaUrls?.length) return twilioError(21619);
  const text = message.interactive ? numberedText(message.text ?? "", message.interactive) : (message.text ?? "");
  if ([...text].length > MAX_SMS_CHARACTERS) return twilioError(21617);
  return undefined;
};

/** Buttons and lists as Twilio takes them: made content on WhatsApp, a numbered list on SMS and wherever WhatsApp would refuse them. */
const withoutInteractive = async (
  settings: TwilioSettings,
  message: OutboundMessage,
  net: Net,
): Promise<OutboundMessage> => {
  const { interactive, text = "", ...rest } = message;
  if (!interactive || message.template) return message;
  const asText = { ...rest, text: numberedText(text, interactive) };
  const fits = settings.kind === "whatsapp" && interactiveProblems(interactive, text).length === 0;
  if (!fits || message.mediaUrls?.length) return asText;
  const contentSid = await contentOf(settings, text, interactive, net);
  return contentSid ? { ...rest, template: { contentSid, variables: {} } } : asText;
};

const check = async (settings: TwilioSettings, net: Net): Promise<CheckOutcome> => {
  try {
    const { status } = await callTwilio(settings, accountUrl(settings), net);
    return status === 200 ? { ok: true } : { ok: false, reason: `Twilio answered HTTP ${status}` };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
};

const doubt = (error: unknown): SendOutcome => {
  const reason = error instanceof Error ? error.message : String(error);
  return mayHaveLeft(error)
    ? { outcome: "unknown", reason }
    : { outcome: "refused", class: "retry", name: "Not connected", message: reason };
};

const send = async (settings: TwilioSettings, message: OutboundMessage, net: Net): Promise<SendOutcome> => {
  const fault = faultOf(settings, message);
  if (fault) return { outcome: "refused", ...fault };
  if (net.signal?.aborted)
    return { outcome: "refused", class: "retry", name: "Not sent", message: "given up before it left" };
  const plain = await withoutInteractive(settings, message, net);
  try {
    const answer = await callTwilio(settings, messagesUrl(settings), net, messageForm(settings, plain));
    const outcome = readAnswer(answer.status, answer.headers, answer.text, net.now());
    // A messaging service answers before it has counted.
    if (outcome.outcome !== "accepted" || outcome.segments || settings.kind !== "sms" || !plain.text) return outcome;
    return { ...outcome, segments: countSegments(plain.text).segments };
  } catch (error) {
    return doubt(error);
  }
};

/** One Twilio sender. `verify` and `parse` serve webhooks of both kinds, since Twilio sends them to one URL. */
export const createTwilio = (settings: TwilioSettings): Channel => ({
  kind: settings.kind,
  capabilities: CAPABILITIES[settings.kind],
  ...(settings.kind === "sms" && { countSegments: (text: string) => countSegments(text).segments }),
  send: (message, net) => send(settings, message, net),
  check: (net) => check(settings, net),
  reconcile: (message, hint, net) => reconcile(settings, message, hint, net),
  verify: (request) => verifySignature(settings.authToken, settings.publicUrl, request),
  parse: readWebhook,
});
