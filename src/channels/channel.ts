// The contract that every channel implements, in neutral words: no provider's field name passes this file. Send gates, consent and retries
// are the caller's; a channel only says truly what happened. Statuses and their order are in status.ts.

import type { MessageStatus } from "./status.ts";

export const CHANNEL_KINDS = ["sms", "whatsapp", "email", "inapp"] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

/** PERSISTED CONTRACT. Whom a message came from or goes to. A WhatsApp user may have a business-scoped id and no number. */
export type Address = { kind: "phone" | "whatsapp_bsuid" | "email" | "contact"; value: string };

/** Query parameter of our status callback URLs that carries our message id. PERSISTED CONTRACT: such URLs live at the provider for days. */
export const MESSAGE_ID_PARAM = "message";

/** PERSISTED CONTRACT. One message to one person. `to` and `from` carry no channel prefix (`+14155551234`, `ada@example.com`). */
export type OutboundMessage = {
  /** Our message id; the channel passes it on wherever the provider lets it come back. */
  id: string;
  to: string;
  /** Sender; the channel's own default when absent. */
  from?: string;
  text?: string;
  mediaUrls?: readonly string[];
  /** An approved template: the provider's id or name of it. `language` where the name alone does not say it (`en_US`). */
  template?: { contentSid: string; language?: string; variables: Readonly<Record<string, string>> };
  /** A question with its answers to choose from, beside `text`; a numbered list where the channel has nothing better. */
  interactive?: Interactive;
  subject?: string;
  html?: string;
  /** URL for status callbacks; it names the message in `MESSAGE_ID_PARAM`. */
  statusCallback?: string;
};

/** PERSISTED CONTRACT. Ids come back as the answer's `choice.id`. */
export type Interactive = {
  header?: string;
  footer?: string;
} & (
  | { kind: "buttons"; buttons: readonly { id: string; title: string }[] }
  /** `button`: what opens the list. Rows without a section are in one without a title. */
  | {
      kind: "list";
      button: string;
      rows: readonly { id: string; title: string; description?: string; section?: string }[];
    }
);

/**
 * What a refusal means for the next step. permanent: never for this contact. consent: opted out. window: needs a template. configuration: the
 * sender is wrong, no contact is to blame. content: this text. retry: the same message may go later. unknown: one retry, then failed.
 */
export type ErrorClass = "permanent" | "consent" | "window" | "configuration" | "content" | "retry" | "unknown";

/** PERSISTED CONTRACT. A provider's error; `name` is the provider's own wording for `code`, `message` what it said this time. */
export type ProviderError = { class: ErrorClass; code?: number | string; name: string; message: string };

/**
 * PERSISTED CONTRACT. accepted: the provider has it (`error` when it already failed there). refused: it surely was not sent.
 * unknown: it may have been sent; never repeat it blindly, reconcile first.
 */
export type SendOutcome =
  | { outcome: "accepted"; providerId: string; status: MessageStatus; segments?: number; error?: ProviderError }
  | ({ outcome: "refused"; retryAfterMs?: number } & ProviderError)
  | { outcome: "unknown"; reason: string };

/** What the provider knows of a send whose outcome was unknown. absent: no evidence of it; unknown: could not be told apart or asked. */
export type ReconcileOutcome =
  | { outcome: "found"; providerId: string; status: MessageStatus; segments?: number; error?: ProviderError }
  | { outcome: "absent" }
  | { outcome: "unknown"; reason: string };

/** `since`: epoch ms at which the attempt started. `claimed`: provider ids that are known to belong to other messages. */
export type ReconcileHint = { since: number; claimed: ReadonlySet<string> };

/** Whether the provider knows us by these credentials. */
export type CheckOutcome = { ok: true } | { ok: false; reason: string };

/** An HTTP request as it arrived: `url` unchanged, `body` the raw bytes. */
export type RawRequest = { method: string; url: string; headers: Headers; body: Uint8Array };

/** PERSISTED CONTRACT. A person wrote to us. `providerId` is the dedupe key within the channel. */
export type MessageReceived = {
  fact: "message_received";
  channel: ChannelKind;
  providerId: string;
  from: Address;
  /** By what the provider names the sender of ours that it came to, where that is not `to`. */
  inboundKey?: string;
  /** Other identities of the same person that came along. */
  alsoFrom?: readonly Address[];
  to: string;
  text: string;
  media: readonly { url: string; contentType: string }[];
  /** A tapped button or list row. */
  choice?: { kind: "button" | "list"; id: string; title?: string };
  profileName?: string;
  /** The provider saw an opt-out, opt-in or help word and has answered it: act on it, do not answer as well. */
  consent?: "opt_out" | "opt_in" | "help";
  /** Provider id of the message that this one answers. */
  inReplyTo?: string;
};

/** PERSISTED CONTRACT. A message of ours moved. Dedupe on (`providerId`, `status`). */
export type StatusChanged = {
  fact: "status_changed";
  channel: ChannelKind;
  providerId: string;
  /** Our message id, when the callback's URL carried it. */
  messageId?: string;
  /** What of our callback URL's query the provider returned in its body. */
  callbackData?: string;
  inboundKey?: string;
  status: MessageStatus;
  to?: string;
  from?: string;
  error?: ProviderError;
};

export type InboundFact = MessageReceived | StatusChanged;

/** The outside world, given so that tests can drive it. `now` is epoch ms. */
export type Net = { fetch: typeof fetch; now: () => number; signal?: AbortSignal };

export type Capabilities = {
  /** Kind of identity that `to` names. */
  addressedBy: Address["kind"];
  /** And the one that it may name of who has none of that kind. */
  elseAddressedBy?: Address["kind"];
  /** Longest text in characters (UTF-16 units, as the provider counts). */
  maxText: number;
  maxMedia: number;
  templates: boolean;
  /** Free text only within 24 hours of the person's last message. */
  window: boolean;
  /** Status changes arrive later by callback. */
  callbacks: boolean;
};

export interface Channel {
  readonly kind: ChannelKind;
  readonly capabilities: Capabilities;
  /** How many SMS a text becomes; absent where nothing is split. */
  countSegments?(text: string): number;
  /** Sends once, never retries, never throws: every fault is an outcome. */
  send(message: OutboundMessage, net: Net): Promise<SendOutcome>;
  /** Looks a message of unknown outcome up at the provider. Absent where the provider cannot be asked. */
  reconcile?(message: OutboundMessage, hint: ReconcileHint, net: Net): Promise<ReconcileOutcome>;
  /** Asks the provider whether the credentials are right; sends nothing. Absent where that cannot be asked. */
  check?(net: Net): Promise<CheckOutcome>;
  /** Whether the request truly comes from the provider. False when no secret is configured. */
  verify(request: RawRequest): Promise<boolean>;
  /** The facts in a verified request; empty for anything else. */
  parse(request: RawRequest): readonly InboundFact[];
}
