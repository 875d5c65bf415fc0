// The ways out of this deployment, as its variables configure them: providers of messages, mail, and the rules for users' URLs.

import type { Channel } from "../channels/channel.ts";
import { parseSmtpUrl } from "../channels/email/smtp-url.ts";
import { createEmailSmtp } from "../channels/email-smtp.ts";
import { inapp } from "../channels/inapp.ts";
import { createTwilio } from "../channels/twilio.ts";
import { createWhatsAppCloud } from "../channels/whatsapp-cloud.ts";
import type { ActionPorts, Attempted, EmailOrder, StepRef } from "../domain/action-ports.ts";
import type { OrganizationChannels, Sender } from "../domain/message/channels.ts";
import { refusalOf } from "../domain/message/outcome.ts";
import { defaultRate } from "../domain/message/pacing.ts";
import type { Egress } from "../domain/ports.ts";
import type { Configuration } from "../env.ts";
import { DEFAULT_LIMITS, type EgressRules, guardedFetch, judgeUrl } from "../lib/egress.ts";
import { CLOUD_OF_VARIABLES } from "./doors.ts";

/** The attempt's own time-out is shorter as a rule (actions); this is what no node may exceed. */
const LONGEST_EXCHANGE_MS = 300_000;

export const egressRules = ({ environment, egressAllowHosts, publicUrl }: Configuration): EgressRules => ({
  ...DEFAULT_LIMITS,
  timeoutMs: LONGEST_EXCHANGE_MS,
  production: environment === "production",
  allowHosts: egressAllowHosts,
  ownHosts: publicUrl ? [new URL(publicUrl).host] : [],
});

/** Requests through the guard. */
export const httpPort = (configuration: Configuration): ActionPorts["http"] => ({
  // Called through the global, so that it is never called as a method of ours.
  request: (request) => guardedFetch(request, egressRules(configuration), (input, init) => fetch(input, init)),
});

export const egressPort = (configuration: Configuration): Egress => ({
  refusalOf: (url) => {
    const judged = judgeUrl(url, egressRules(configuration));
    return judged.ok ? undefined : judged.error.message;
  },
});

/** Twilio's senders, by the variables. */
const twilioSenders = ({ twilio, publicUrl = "" }: Configuration): Sender[] => {
  if (!twilio) return [];
  const { accountSid, authToken, from, whatsappFrom, apiBaseUrl, contentBaseUrl, rate, whatsappRate } = twilio;
  const sender = (kind: "sms" | "whatsapp", address: string, granted: number | undefined): Sender => ({
    channelId: null,
    channel: createTwilio({ kind, from: address, accountSid, authToken, apiBaseUrl, contentBaseUrl, publicUrl }),
    sender: address,
    rate: granted ?? defaultRate(kind, address),
  });
  return [
    ...(from ? [sender("sms", from, rate)] : []),
    ...(whatsappFrom ? [sender("whatsapp", whatsappFrom.replace(/^whatsapp:/, ""), whatsappRate)] : []),
  ];
};

/** The number of the Cloud API, by the variables. */
const cloudSenders = ({ whatsapp }: Configuration): Sender[] =>
  whatsapp
    ? [
        {
          channelId: CLOUD_OF_VARIABLES,
          channel: createWhatsAppCloud(whatsapp),
          sender: whatsapp.phoneNumberId,
          rate: defaultRate("whatsapp", whatsapp.phoneNumberId),
        },
      ]
    : [];

/** `own`: what the organisation has set up, which comes first. The variables make the default organisation's channels; `inapp` is everybody's. */
export const channelsOf = (
  configuration: Configuration,
  isDefault: boolean,
  own: readonly Sender[] = [],
): OrganizationChannels => {
  const { smtp, publicUrl } = configuration;
  const mail = smtp ? emailChannel(smtp) : undefined;
  return {
    configured: [
      ...own,
      ...(isDefault ? [...twilioSenders(configuration), ...cloudSenders(configuration)] : []),
      ...(mail ? [{ channelId: null, channel: mail, sender: smtp!.from, rate: null }] : []),
    ],
    inapp: { channelId: null, channel: inapp, sender: "", rate: null },
    callbackUrl: publicUrl ? `${publicUrl}/webhooks/status` : undefined,
  };
};

const emailChannel = ({ url, from }: NonNullable<Configuration["smtp"]>): Channel | undefined => {
  const server = parseSmtpUrl(url);
  return server.ok ? createEmailSmtp({ server: server.value, from }) : undefined;
};

/** One mail, under an id that follows from the step: a copy that arrives twice can be told by it. */
export const sendEmail = async (
  { smtp }: Configuration,
  step: StepRef,
  { to, subject, body, isHtml }: EmailOrder,
): ReturnType<ActionPorts["email"]["send"]> => {
  const channel = smtp && emailChannel(smtp);
  if (!channel) return refused("EMAIL_NOT_CONFIGURED", "No mail server is configured (SMTP_URL)");
  const message = { id: step.key, to, subject, ...(isHtml ? { html: body } : { text: body }) };
  const sent = await channel.send(message, { fetch, now: () => Date.now(), signal: step.signal });
  if (sent.outcome === "accepted")
    return { outcome: "ok", value: { messageId: sent.providerId, providerId: sent.providerId, to } };
  return sent.outcome === "unknown" ? sent : refusalOf(sent, "email");
};

const refused = <T>(code: string, message: string): Attempted<T> => ({
  outcome: "refused",
  code,
  message,
  retryable: false,
});
