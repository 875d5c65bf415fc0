// What the domain and the actions need of the world, as interfaces. Shells (objects, app) provide them; tests may too.
import type { Address } from "../channels/channel.ts";
import type { AuditRow } from "../db/queries/audit.ts";
import type { FinalStatus, Input, RunStatus, StartInput } from "../engine/contract.ts";
import type { Seed } from "../engine/state.ts";
import type { Json, JsonObject } from "../lib/json.ts";
import type { Vitals } from "../lib/vitals.ts";
import type { ActionPorts, CodeLanguage, StepRef } from "./action-ports.ts";
import type { Claimed, RunClaim } from "./contact/claim-run.ts";
import type { Delivery, DeliveryAnswer, DeliveryRequest } from "./delivery/delivery.ts";
import type { ErrorCode } from "./errors.ts";
import type { StreamEvent } from "./event.ts";
import type { Listener } from "./feed/listener.ts";
import type { OrganizationChannels } from "./message/channels.ts";
import type { Pacing } from "./message/pacing.ts";
import type { RunLimits } from "./queue/limits.ts";
import type { Queues } from "./queue/port.ts";
import type { Encoding, UploadPlan, UploadView } from "./upload/upload.ts";
import type { WebhookCounts } from "./webhook/tally.ts";

/** The definitions' and the index's database. Only db/queries speak SQL to it. */
export type Database = D1Database;

/** What its start input says of a run, and what else its object is to know. */
export type StartRequest = Omit<StartInput, "type" | "at" | "flags" | "queued" | "seed"> & {
  /** A parent that waits for this run's end. */
  parent?: { executionId: string; key: string; depth: number };
  /** How many events led to this one; carried into the events that the run emits. */
  eventDepth: number;
  /** Secrets that a parent handed on, by their ids: whose they are (workflow ids). */
  lent?: StepRef["lent"];
  /** 1 to 10, 10 first; 5 when absent. */
  priority?: number;
  /** How many runs may work at a time; absent: any number. */
  limits?: RunLimits;
  /** It begins at that time (epoch ms), and not before. */
  startAt?: number;
  /** The run that it repeats, and how often that was done before. */
  retry?: RunRetry;
  /** What an earlier run got to. */
  seed?: Seed;
  /** Somebody listens to the workflow: the run tells its Feed of its steps. */
  watched?: boolean;
  /** The organisation has global variables, last changed then (epoch ms): the run takes them at its start. */
  globalsAt?: number;
};

/** PERSISTED CONTRACT: a run keeps it. */
export type RunRetry = { of: string; times: number };

export type NodeVisitView = {
  n: number;
  nodeId: string;
  nodeType: string;
  visit: number;
  status: "running" | "waiting" | "completed" | "failed" | "cancelled" | "skipped";
  startedAt: number;
  completedAt: number | null;
  input: Json;
  output: Json;
  logs: string[];
  error: { code: string; message: string } | null;
  attempts: number;
  port: string | null;
  /** The run that this one repeats has made it. */
  takenOver?: true;
};

export type ExecutionView = {
  executionId: string;
  organizationId: string;
  workflowId: string;
  versionId: string;
  status: "queued" | RunStatus;
  dryRun: boolean;
  startedAt: number;
  endedAt: number | null;
  /**
   * When it was accepted, where it did not begin at once; `startAt`: before which it was not to begin. Epoch ms. `begun` false: `startedAt` is no
   * start.
   */
  queued?: { at: number; startAt: number | null; begun: boolean };
  priority?: number;
  retry?: RunRetry;
  /** Node ids in the order in which visits began. */
  path: string[];
  visits: NodeVisitView[];
  variables: JsonObject;
  output: Json;
  error: { code: string; message: string; nodeId: string | null } | null;
  metrics: {
    commits: number;
    steps: number;
    attempts: number;
    /** Wall time, and of it: running nodes' own work, waiting for effects, waiting on timers and events. */
    totalMs: number;
    effectMs: number;
    waitMs: number;
  };
  stuck: string | null;
  /** Names of variables whose values are shown to nobody; absent where there are none. */
  secrets?: readonly string[];
};

/** All that an `Execution` object keeps of its run. */
export type RunHistory = {
  /** The inputs by which the run became what it is; sequence numbers from 1. */
  journal: { seq: number; at: number; input: Input }[];
  /** The state that is stored, as rows (engine/state.ts stateOfRows). */
  rows: { key: string; value: string }[];
  /** Of the last input. */
  seq: number;
  commits: number;
  stuck: string | null;
  /** 1 to 10, 10 first. */
  priority: number;
  eventDepth: number;
  lent?: StepRef["lent"];
  parentId: string | null;
  /** Epoch ms at which something is due by itself; null when nothing is. */
  wakeAt: number | null;
};

/** An `Execution` object each; see objects/execution. */
export interface Executions {
  /** Idempotent by execution id: a second start changes nothing and tells the present status. `startedAt`: epoch ms. */
  start(request: StartRequest): Promise<{ status: RunStatus; created: boolean; startedAt: number }>;
  /** Null when there is no such run in this organisation. */
  read(organizationId: string, executionId: string): Promise<ExecutionView | null>;
  /** Resolves at the run's end, or with null after `timeoutMs`. */
  waitForEnd(organizationId: string, executionId: string, timeoutMs: number): Promise<{ status: FinalStatus } | null>;
  cancel(
    organizationId: string,
    executionId: string,
    reason: string,
  ): Promise<{ status: RunStatus; cancelled: boolean; at: number } | null>;
  journal(organizationId: string, executionId: string): Promise<{ seq: number; at: number; input: Json }[] | null>;
  history(organizationId: string, executionId: string): Promise<RunHistory | null>;
}

/** An `Inbox` object each organisation and shard: durable and deduped before it answers. */
export interface Inbox {
  accept(event: StreamEvent, dedupeKey?: string): Promise<{ eventId: string; duplicate: boolean }>;
}

/** Everything a `Webhook` object judges by. PERSISTED CONTRACT: the object keeps it. */
export type WebhookSettings = {
  webhookId: string;
  organizationId: string;
  workflowId: string;
  /** The `trigger_webhook` nodes of the published version; a run starts at them. */
  nodeIds: string[];
  enabled: boolean;
  workflowActive: boolean;
  requireSignature: boolean;
  signatureScheme: string;
  /** Lower-case hex SHA-256 of the token: the object's name. The token itself is in the caller's URL and nowhere here. */
  tokenHash: string;
  /** Sealed by `Secrets.encrypt` under domain/webhook/settings.ts `secretField`. */
  sealedSecret: string;
  ipAllowlist: string[];
  rateLimitMax: number;
  rateLimitWindowSeconds: number;
  /** Of an endpoint of the enhanced API, whose workflow may be none (empty); absent: core's. */
  endpoint?: EndpointSettings;
  /** In lower case; empty or absent: any. */
  allowedOrigins?: string[];
};

/** PERSISTED CONTRACT, with WebhookSettings. */
export type EndpointSettings = {
  /** Good beside the other secret until then (epoch ms). */
  previous: { sealedSecret: string; until: number } | null;
  /** A condition tree over the payload; null: everything. */
  filters: Json;
  /** JSONata; null: the payload as it came. */
  transform: string | null;
  /** Who subscribes to what webhooks receive, as far as it is known here: the answer names them. */
  listeners: JsonObject[];
};

/** What the rate-limit headers say: requests per window, how many are left, and when the window lets more in (epoch seconds). */
export type RateLimit = { limit: number; remaining: number; resetAt: number };

/** Who calls, as far as that can be known before they do. */
export type WebhookCaller = {
  /** Of the page whose browser calls; undefined: no browser. */
  origin: string | undefined;
  /** CF-Connecting-IP; an allowlist without it denies. */
  clientAddress: string | undefined;
};

export type WebhookRequest = {
  /** As they came, already counted against the limit of a body. */
  bodyBytes: Uint8Array;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** CF-Connecting-IP; an allowlist without it denies. */
  clientAddress: string | undefined;
  now: number;
};

export type WebhookVerdict = {
  /** Of an endpoint of the enhanced API that the caller's page may call: it may read the answer as well, good or bad. */
  pageMayRead?: true;
} & WebhookOutcome;

export type WebhookOutcome =
  | {
      kind: "accepted";
      executionId: string;
      webhookId: string;
      workflowId: string;
      eventId: string;
      /** The sender's event id was seen before: nothing new starts, the ids are those of the first time. */
      duplicate: boolean;
      /** Epoch ms. */
      acceptedAt: number;
      rateLimit: RateLimit;
      /** Of an endpoint of the enhanced API: all that it starts. */
      started: { workflowId: string; executionId: string }[];
    }
  /** The webhook's own filters do not let it through. */
  | { kind: "filtered"; rateLimit: RateLimit }
  /** A sender's handshake that wants its own text back (Slack's `url_verification`). */
  | { kind: "challenge"; challenge: string }
  | { kind: "refused"; code: ErrorCode; message: string; rateLimit?: RateLimit };

export interface Webhooks {
  /** Pushes new settings to the webhook's object; it loads them by itself when it has none. */
  configure(settings: WebhookSettings): Promise<void>;
  forget(tokenHash: string): Promise<void>;
  /** One call to one object: judged, and durable when accepted. An unknown token is refused with `not_found`. */
  receive(token: string, request: WebhookRequest): Promise<WebhookVerdict>;
  /** Whether an endpoint of the enhanced API takes calls of this caller's page at all. Writes and counts nothing. */
  welcomes(token: string, caller: WebhookCaller, now: number): Promise<boolean>;
  /** What an endpoint's object has counted up to now; null when it was never told of any endpoint. */
  counts(tokenHash: string): Promise<WebhookCounts | null>;
}

export interface Schedules {
  /** One `Schedule` object each trigger; replaces what was set before. */
  set(schedule: {
    scheduleId: string;
    organizationId: string;
    workflowId: string;
    nodeId: string;
    cron: string | null;
    timezone: string;
    /** Epoch ms; once. */
    at: number | null;
    everyMs: number | null;
    /** Since when it is wanted, epoch ms: what has come since then is due. Null: from now on. */
    since: number | null;
  }): Promise<{ nextAt: number | null }>;
  clear(scheduleId: string): Promise<void>;
}

/** A `Campaign` object each campaign. */
export interface Campaigns {
  /** The object reads the campaign's row and does what it says: starts, stops, waits for its time. Durable before it answers. */
  look(organizationId: string, campaignId: string): Promise<void>;
}

export interface Secrets {
  /** AES-GCM with organisation and field as additional data; key id in front. */
  encrypt(organizationId: string, field: string, plain: string): Promise<string>;
  decrypt(organizationId: string, field: string, sealed: string): Promise<string>;
}

export type LimitAnswer = {
  allowed: boolean;
  /** How many more the window takes. */
  remaining: number;
  /** Epoch ms at which the window is empty again. */
  resetAt: number;
  /** 0 when allowed. */
  retryAfterMs: number;
};

/** Sliding windows, one `Limiter` object a key; they survive eviction. A call that fails throws: each caller says whether it fails open or closed. */
export interface Limiter {
  /** Counts one use of `key`, unless `max` uses lie in the last `windowMs` already: a refused use is not counted. */
  take(key: string, max: number, windowMs: number): Promise<LimitAnswer>;
  /** Takes the latest use of `key` back: it turned out not to count. */
  giveBack(key: string): Promise<void>;
}

export type NamedChannel = { organizationId: string; channelId: string };

/** A provider's request as it came: `url` with path and query, `body` the raw bytes. */
export type ProviderCallback = { method: string; url: string; headers: Headers; body: Uint8Array };

/** A `Contact` object each address: it receives what comes from there, and remembers whom that leads to. */
export interface Contacts {
  /** Whom the address leads to is asked anew with the next message. */
  forget(organizationId: string, address: Address): Promise<void>;
  /** Whether the contact may have one more run of a workflow, decided for one after the other; the same run again is allowed again. */
  claimRun(organizationId: string, contactId: string, claim: RunClaim): Promise<Claimed>;
}

/** An `Upload` object each file of contacts. */
export interface Uploads {
  begin(plan: UploadPlan): Promise<void>;
  /** `start`: bytes before this chunk. */
  append(organizationId: string, uploadId: string, start: number, chunk: Uint8Array): Promise<void>;
  /** The file is whole: its object works through it. */
  finish(organizationId: string, uploadId: string, encoding: Encoding): Promise<void>;
  /** It will not be whole: nothing of it is kept. */
  abandon(organizationId: string, uploadId: string): Promise<void>;
  /** Null when there is no such upload in this organisation. */
  read(organizationId: string, uploadId: string): Promise<UploadView | null>;
  /** As it is at its end, or after `timeoutMs`. */
  waitForEnd(organizationId: string, uploadId: string, timeoutMs: number): Promise<UploadView | null>;
}

/** Messages and statuses that providers tell us of, each kept by the object whose it is before this answers. */
export interface Callbacks {
  /**
   * How many facts it told. `named`: the channel whose own URL was called. Throws `signature_invalid` when it is not truly the provider's (or
   * none is configured), `unavailable`.
   */
  receive(provider: "twilio" | "whatsapp_cloud", callback: ProviderCallback, named?: NamedChannel): Promise<number>;
  /** The text to echo to a provider that subscribes; undefined when it does not know the channel's token. */
  challenge(provider: "whatsapp_cloud", url: string, named?: NamedChannel): Promise<string | undefined>;
}

/** A `Feed` object each watched workflow. */
export interface Feeds {
  /**
   * A text/event-stream that goes on behind `lastEventId`, or from now. Full: of the workflow's or the organisation's listeners there are too many.
   */
  open(
    organizationId: string,
    workflowId: string,
    listener: Listener,
    lastEventId: string | undefined,
  ): Promise<{ kind: "open"; body: ReadableStream<Uint8Array> } | { kind: "full"; by: "workflow" | "organization" }>;
}

/** Where users' URLs may lead in this deployment (SECURITY "Egress"). Every request is judged again when it is made. */
export interface Egress {
  /** Why the URL may not be called; undefined when it may. */
  refusalOf(url: string): string | undefined;
}

/** The one `Heartbeat` object. */
export interface Heartbeat {
  /** Epoch ms since when the service has been up without an outage; null when that was never measured. */
  upSince(): Promise<number | null>;
  /** What all isolates have noticed of themselves in the last hour. */
  vitals(): Promise<Vitals>;
}

/** `audit`: that it was asked for; written with its row. */
export type DeliveryOrder = { delivery: Delivery; request: DeliveryRequest; hops: number; audit: AuditRow };
/** `answer`: what the last attempt of all was answered, when it was; null as well when it was made by an earlier life of the object. */
export type SentOrder = { delivery: Delivery; answer: DeliveryAnswer | null };

/** A `Delivery` object each outgoing webhook. */
export interface Deliveries {
  /** Durable before its first attempt; answers at its end, or as it is after `waitMs`. */
  send(order: DeliveryOrder, waitMs: number): Promise<SentOrder>;
  /** What was sent, for another delivery of the same; null when it is no longer kept. */
  request(organizationId: string, deliveryId: string): Promise<{ request: DeliveryRequest; hops: number } | null>;
}

/** `position`: in the expression, from 0. */
export type TransformFault = { code: string; message: string; position?: number };

export interface Transforms {
  /** `now` (epoch ms) is what its clock says. Never throws. */
  run(expression: string, input: Json, now: number): { ok: true; value: Json } | { ok: false; fault: TransformFault };
  /** Undefined when it can be read; nothing of it is run. */
  check(expression: string): TransformFault | undefined;
}

export interface Ports {
  db: Database;
  now: () => number;
  executions: Executions;
  inbox: Inbox;
  webhooks: Webhooks;
  schedules: Schedules;
  campaigns: Campaigns;
  secrets: Secrets;
  limiter: Limiter;
  heartbeat: Heartbeat;
  queues: Queues;
  feeds: Feeds;
  callbacks: Callbacks;
  /** An organisation's channels: those of the operator's variables and its own. One read. */
  channels: (organizationId: string) => Promise<OrganizationChannels>;
  pacing: Pacing;
  contacts: Contacts;
  uploads: Uploads;
  deliveries: Deliveries;
  egress: Egress;
  /** A request through the egress guard, for tests that really call out. */
  http: ActionPorts["http"];
  /** Users' snippets in their sandbox, for dry runs. */
  code: ActionPorts["code"];
  /** Expressions over payloads (JSONata), in the sandbox. */
  transform: Transforms;
  /** What is wrong with a snippet, before anybody runs it: errors first. `line` from 1. */
  checkCode: (
    language: CodeLanguage,
    code: string,
  ) => { line?: number; message: string; severity: "error" | "warning" }[];
}
