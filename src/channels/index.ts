// The catalogue of channels: a provider is one file and one line here. What an organisation has set up, and where its secrets are kept, is not
// decided here.
import type { Channel, ChannelKind, RawRequest } from "./channel.ts";
import { parseSmtpUrl } from "./email/smtp-url.ts";
import { createEmailSmtp } from "./email-smtp.ts";
import { countSegments } from "./sms-segments.ts";
import { inboundKeysOf } from "./twilio/webhook.ts";
import { createTwilio } from "./twilio.ts";
import { challengeOf, numberIdsOf } from "./whatsapp-cloud/webhook.ts";
import { createWhatsAppCloud } from "./whatsapp-cloud.ts";

/** PERSISTED CONTRACT (channels.provider). */
const PROVIDERS = ["twilio", "whatsapp_cloud", "smtp"] as const;
export type Provider = (typeof PROVIDERS)[number];

/** A channel as an organisation has set it up. `settings` and `credentials` are the provider's own; see PROVIDER_FIELDS. */
export type ChannelSetup = {
  kind: ChannelKind;
  sender: string;
  settings: Readonly<Record<string, string>>;
  credentials: Readonly<Record<string, string>>;
};

type Definition = {
  kinds: readonly ChannelKind[];
  /** Fields with whether each is needed. */
  settings: Readonly<Record<string, boolean>>;
  credentials: Readonly<Record<string, boolean>>;
  /** Settings that are base URLs, judged by the egress guard. */
  urls: readonly string[];
  /** By what the provider's callbacks name the sender; undefined where nothing comes in. */
  inboundKey: (setup: ChannelSetup) => string | undefined;
  /** The same, of a callback. */
  keysOf: (request: RawRequest) => string[];
  /** What is wrong with it beside missing fields; `path` inside the setup. */
  problem?: (setup: ChannelSetup) => { path: string; message: string } | undefined;
  create: (setup: ChannelSetup, publicUrl: string) => Channel;
};

const smtpOf = ({ credentials }: ChannelSetup) => parseSmtpUrl(credentials.url ?? "");

export const PROVIDER_FIELDS: Readonly<Record<Provider, Definition>> = {
  twilio: {
    kinds: ["sms", "whatsapp"],
    settings: { accountSid: true, messagingServiceSid: false, apiBaseUrl: false, contentBaseUrl: false },
    credentials: { authToken: true },
    urls: ["apiBaseUrl", "contentBaseUrl"],
    inboundKey: ({ kind, sender, settings }) =>
      settings.messagingServiceSid || (kind === "whatsapp" ? `whatsapp:${sender}` : sender),
    keysOf: inboundKeysOf,
    create: ({ kind, sender, settings, credentials }, publicUrl) =>
      createTwilio({
        kind: kind === "whatsapp" ? "whatsapp" : "sms",
        accountSid: settings.accountSid ?? "",
        authToken: credentials.authToken ?? "",
        ...(settings.messagingServiceSid ? { messagingServiceSid: settings.messagingServiceSid } : { from: sender }),
        ...(settings.apiBaseUrl && { apiBaseUrl: settings.apiBaseUrl }),
        ...((settings.contentBaseUrl || settings.apiBaseUrl) && {
          contentBaseUrl: settings.contentBaseUrl || settings.apiBaseUrl!,
        }),
        publicUrl,
      }),
  },
  whatsapp_cloud: {
    kinds: ["whatsapp"],
    settings: { phoneNumberId: true, apiBaseUrl: false },
    credentials: { accessToken: true, appSecret: true, verifyToken: true },
    urls: ["apiBaseUrl"],
    inboundKey: ({ settings }) => settings.phoneNumberId,
    keysOf: numberIdsOf,
    create: ({ settings, credentials }) =>
      createWhatsAppCloud({
        phoneNumberId: settings.phoneNumberId ?? "",
        accessToken: credentials.accessToken ?? "",
        ...(credentials.appSecret && { appSecret: credentials.appSecret }),
        ...(credentials.verifyToken && { verifyToken: credentials.verifyToken }),
        ...(settings.apiBaseUrl && { apiBaseUrl: settings.apiBaseUrl }),
      }),
  },
  smtp: {
    kinds: ["email"],
    settings: {},
    credentials: { url: true },
    urls: [],
    inboundKey: () => undefined,
    keysOf: () => [],
    problem: (setup) => {
      const server = smtpOf(setup);
      return server.ok ? undefined : { path: "credentials.url", message: server.error };
    },
    create: (setup) => {
      const server = smtpOf(setup);
      // Judged when it was saved; one that no longer parses sends nothing.
      return createEmailSmtp({
        server: server.ok ? server.value : { host: "invalid.invalid", port: 587, tls: "starttls" },
        from: setup.sender,
      });
    },
  },
};

/** Host and port that a setup's mail is handed to; undefined for every other provider. */
export const mailServerOf = (provider: Provider, setup: ChannelSetup): { host: string; port: number } | undefined => {
  const server = provider === "smtp" ? smtpOf(setup) : undefined;
  return server?.ok ? { host: server.value.host, port: server.value.port } : undefined;
};

export { challengeOf, countSegments };
