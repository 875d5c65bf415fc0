// What actions may do to the world, as one interface. Objects implement it for one run; a test passes a fake. What the domain needs is ports.ts.
import type { Interactive } from "../channels/channel.ts";
import type { RunStatus } from "../engine/contract.ts";
import type { EgressAnswer, EgressFailure, EgressRequest } from "../lib/egress.ts";
import type { Json, JsonObject } from "../lib/json.ts";

/**
 * How one attempt to change the world ended. Ports never throw for what the world does.
 * refused: it surely had no effect; `code` in UPPER_SNAKE, `message` for people, `retryable` when the same request may succeed later; `service`: the
 * provider that refused it, when it was one.
 * unknown: it may have had its effect (time-out or crash after it left).
 * deferred: it may not happen before `until` (epoch ms) and had no effect; to be asked again then.
 */
export type Attempted<T> =
  | { outcome: "ok"; value: T }
  | {
      outcome: "refused";
      code: string;
      message: string;
      retryable: boolean;
      retryAfterMs?: number;
      details?: Json;
      service?: string;
    }
  | { outcome: "unknown"; reason: string }
  | { outcome: "deferred"; until: number; reason: string };

/** Who asks. `key` is `execution:node:visit`, the same on every attempt: a port that sees it again must not do the work again. */
export type StepRef = {
  key: string;
  executionId: string;
  organizationId: string;
  workflowId: string;
  /** The version that the run is pinned to: it acts for whoever made that version. */
  versionId: string;
  /** Epoch ms at which the step began, the same on every attempt: ids that follow from the step lie at its time. */
  startedAt: number;
  /** Depth of the event that started the run; an event caused by the step has one more. */
  eventDepth: number;
  /** Secrets that were handed to the run, by their ids: whose they are (workflow ids). */
  lent?: Readonly<Record<string, string>>;
  /** To be waited for right before anything leaves; when it fails nothing may leave. */
  cleared?: Promise<void>;
  /** When the contact has written last and where, as far as the run knows: later than the database, perhaps. */
  heard?: { conversationId: string; at: number };
  /** The workflow's own, beside the organisation's: no message of the step leaves then. On the recipient's clock where no zone is named. */
  quietHours?: { start: string; end: string; timezone?: string };
  /** Aborted at the attempt's time-out, and for the reason STEP_OVER when nobody waits for the step any more. */
  signal: AbortSignal;
};

export const STEP_OVER = "the step is over";

export type MessageOrder = {
  /** May be empty when there is a template. */
  text: string;
  /** HTTPS URLs of pictures and documents that go with the text. */
  mediaUrls?: readonly string[];
  /** Answers to choose from. */
  interactive?: Interactive;
  /** Goes in place of the text where free text may not go (WhatsApp's closed window), or alone when there is no text. */
  template?: { contentSid: string; language?: string; variables: Readonly<Record<string, string>> };
  /** What makes a mail of it; `isHtml`: the text is HTML. */
  mail?: { subject: string; isHtml: boolean };
  /**
   * The contact to write to, and their conversation. Without `to`, the message goes to this contact; without either, in the app, to the
   * workflow's own conversation, as long as no provider could have been meant.
   */
  contactId?: string;
  conversationId?: string;
  /** An address as the author wrote it (E.164, e-mail, contact id); wins over `contactId`. */
  to?: string;
  /** A channel's kind or id; absent: the conversation's, else the contact's, else the organisation's default. */
  channel?: string;
};

/** A message that was accepted. `status` is one of MESSAGE_STATUSES; `providerId` null while the provider gave none. */
export type MessageReceipt = {
  messageId: string;
  providerId: string | null;
  channel: string;
  to: string;
  status: string;
};

/** `providerId`: the Message-ID that the mail carries; `messageId`: of the message's row, the same Message-ID where there is none. */
export type MailReceipt = { messageId: string; providerId: string; to: string };

export type EmailOrder = { to: string; subject: string; body: string; isHtml: boolean };

/** The contact after a change, as templates read it; `changed` false when nothing was to do. */
export type ContactChange = { contact: JsonObject; changed: boolean };

/** A message of which the provider has no evidence: left as it is for people to judge, or sent again. */
export const UNKNOWN_POLICIES = ["park", "resend"] as const;
export type UnknownPolicy = (typeof UNKNOWN_POLICIES)[number];

export const CONVERSATION_STATUSES = ["open", "pending", "closed"] as const;
export type ConversationStatus = (typeof CONVERSATION_STATUSES)[number];

export const CODE_LANGUAGES = ["python", "javascript"] as const;
export type CodeLanguage = (typeof CODE_LANGUAGES)[number];

export type Snippet = {
  language: CodeLanguage;
  code: string;
  context: JsonObject;
  /** Wanted is whether the result is true, as its language has it. */
  asTruth?: boolean;
};

/** `error.code`: SYNTAX_ERROR, CODE_ERROR (the snippet raised), BUDGET_EXCEEDED (steps or memory), INVALID_RESULT. */
export type CodeOutcome =
  | { ok: true; result: Json; logs: string[] }
  | { ok: false; error: { code: string; message: string }; logs: string[] };

/** A child run as it is now. `output` and `error` are set at its end. */
export type ChildRun = {
  executionId: string;
  status: RunStatus;
  output: Json;
  error: { code: string; message: string } | null;
};

export interface ActionPorts {
  http: {
    /** The egress guard with this deployment's rules; any HTTP answer is an answer. Never throws. */
    request(request: EgressRequest): Promise<EgressAnswer | EgressFailure>;
  };
  messages: {
    /** All gates (consent, window, rate, …) are judged inside; the gate's name in upper case is the refusal's code. */
    send(step: StepRef, order: MessageOrder): Promise<Attempted<MessageReceipt>>;
    /** What became of the message of an earlier attempt of this step; `absent` when it is to be sent again. */
    reconcile(step: StepRef, onUnknown?: UnknownPolicy): Promise<Attempted<MessageReceipt> | { outcome: "absent" }>;
  };
  email: {
    /** To a contact it is a message like any other, behind the same gates; to an address that is nobody's it goes as it is. */
    send(step: StepRef, order: EmailOrder): Promise<Attempted<MailReceipt>>;
    /** What became of the mail of an earlier attempt of this step; `absent` only when it surely was not sent. */
    reconcile(step: StepRef): Promise<Attempted<MailReceipt> | { outcome: "absent" }>;
  };
  /** Each change emits its event (TAG_ADDED, …) in the same commit, at `step.eventDepth + 1`, and only when something changed. */
  contacts: {
    addTag(step: StepRef, contactId: string, tag: string): Promise<Attempted<ContactChange>>;
    removeTag(step: StepRef, contactId: string, tag: string): Promise<Attempted<ContactChange>>;
    /** Merges `attributes` into the contact's; null removes one. */
    update(step: StepRef, contactId: string, attributes: JsonObject): Promise<Attempted<ContactChange>>;
    /** The same by the names of `user.*`: phone, email, timezone, external_id and tags are the contact's own, others attributes. */
    changeFields(step: StepRef, contactId: string, fields: JsonObject): Promise<Attempted<ContactChange>>;
    /** Adds the note once per step key. */
    addNote(step: StepRef, contactId: string, note: string): Promise<Attempted<{ noteId: string }>>;
  };
  conversations: {
    /** Without `conversationId`: the contact's latest conversation. */
    setStatus(
      step: StepRef,
      of: { conversationId?: string; contactId?: string },
      status: ConversationStatus,
    ): Promise<Attempted<{ conversationId: string; status: ConversationStatus; changed: boolean }>>;
  };
  code: {
    /**
     * Runs a snippet in its sandbox with `context` as its only input, within what the organisation's code may spend. No side effect. Whatever the
     * snippet does is an outcome; throws only while that budget cannot be read.
     */
    run(organizationId: string, snippet: Snippet): Promise<CodeOutcome>;
  };
  secrets: {
    /** Of these ids of secret variables those that the step's run may open. */
    ownOf(step: Pick<StepRef, "organizationId" | "workflowId" | "lent">, ids: readonly string[]): Promise<string[]>;
    /** The values of those by their ids, null of one that was deleted; leaves a row in the audit. */
    open(
      step: Pick<StepRef, "organizationId" | "key" | "workflowId" | "lent">,
      ids: readonly string[],
    ): Promise<ReadonlyMap<string, string | null>>;
  };
  workflows: {
    /**
     * Starts a run of the workflow's published version, its id derived from `step.key`: a second call starts nothing and tells how the
     * child is now. With `wait` a child that is not final yet will send its end to this run as the `result` of `step.key`.
     * Refusals: NOT_FOUND (also another organisation's), NOT_ACTIVE, NOT_ALLOWED (its own dates, or bounds for the contact).
     */
    startChild(
      step: StepRef,
      /** `contactId`: whom it is about. */
      child: { workflowId: string; variables: JsonObject; wait: boolean; contactId?: string },
    ): Promise<Attempted<ChildRun>>;
  };
}
