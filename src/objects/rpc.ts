// What other rooms may ask of each object beside Execution (execution/rpc.ts), and how to reach one. No behaviour.

import type { OutboundMessage, SendOutcome } from "../channels/channel.ts";
import type { Claimed, RunClaim } from "../domain/contact/claim-run.ts";
import type { InboundMessage, InboundReceipt } from "../domain/contact/receive.ts";
import type { StreamEvent } from "../domain/event.ts";
import type { FeedReport } from "../domain/feed/fed.ts";
import type { Listener } from "../domain/feed/listener.ts";
import type { Slot } from "../domain/message/pacing.ts";
import type {
  Deliveries,
  DeliveryOrder,
  LimitAnswer,
  Schedules,
  SentOrder,
  WebhookCaller,
  WebhookRequest,
  WebhookSettings,
  WebhookVerdict,
} from "../domain/ports.ts";
import type { Asked, Place } from "../domain/queue/dispatch.ts";
import type { DispatchStatus } from "../domain/queue/port.ts";
import type { Encoding, UploadPlan, UploadView } from "../domain/upload/upload.ts";
import type { WebhookCounts } from "../domain/webhook/tally.ts";
import type { Env } from "../env.ts";
import { hash32 } from "../lib/hash.ts";
import type { Vitals } from "../lib/vitals.ts";
import type { OutboxAddress } from "../queue/catalogue.ts";

/** Every object with an outbox. */
export interface OutboxRpc {
  /** The events among `ids` that are not acknowledged yet. */
  take(ids: string[]): Promise<StreamEvent[]>;
  /** They were processed, or are visible as dead letters. Ids that are not here are no error. */
  acknowledge(ids: string[]): Promise<void>;
}

export interface InboxRpc extends OutboxRpc {
  /** Durable and deduped before it answers. Throws when it cannot be stored. */
  accept(event: StreamEvent, dedupeKey?: string): Promise<{ eventId: string; duplicate: boolean }>;
}

export interface WebhookRpc extends OutboxRpc {
  configure(settings: WebhookSettings): Promise<void>;
  forget(): Promise<void>;
  receive(token: string, request: WebhookRequest): Promise<WebhookVerdict>;
  welcomes(token: string, caller: WebhookCaller, now: number): Promise<boolean>;
  /** Of an endpoint that it has settings of. */
  counts(): Promise<WebhookCounts | null>;
}

export interface ContactRpc extends OutboxRpc {
  /** Whether the contact may have this run; of the object that counts their runs (runsObjectName). The same run again is allowed again. */
  claimRun(claim: RunClaim): Promise<Claimed>;
  receive(message: InboundMessage): Promise<InboundReceipt>;
  /** The run has asked, or is about to: what they say next is its, until then (epoch ms). */
  claim(executionId: string, until: number): Promise<void>;
  /** The contact is gone, or another: whom the address leads to is asked anew. */
  forget(): Promise<void>;
}

export type ScheduleSettings = Parameters<Schedules["set"]>[0];

export interface ScheduleRpc extends OutboxRpc {
  set(settings: ScheduleSettings): Promise<{ nextAt: number | null }>;
  clear(): Promise<void>;
  /** Looks after everything that is due. Null when it has no settings. */
  poke(): Promise<{ nextAt: number | null } | null>;
}

export interface CampaignRpc {
  /** Reads the campaign's row and does what it says. */
  look(organizationId: string, campaignId: string): Promise<void>;
}

export interface UploadRpc extends OutboxRpc {
  begin(plan: UploadPlan): Promise<void>;
  append(start: number, chunk: Uint8Array): Promise<void>;
  finish(encoding: Encoding): Promise<void>;
  abandon(): Promise<void>;
  read(): Promise<UploadView | null>;
  waitForEnd(timeoutMs: number): Promise<UploadView | null>;
}

export interface DeliveryRpc {
  send(order: DeliveryOrder, waitMs: number): Promise<SentOrder>;
  request(organizationId: string): ReturnType<Deliveries["request"]>;
  /** What its alarm does. */
  poke(): Promise<void>;
}

export interface LimiterRpc {
  take(max: number, windowMs: number): Promise<LimitAnswer>;
  giveBack(): Promise<void>;
}

export interface PacerRpc {
  /** `count` times (epoch ms) at which one message each may leave. */
  lease(perSecond: number, count: number, leadMs?: number): Promise<number[]>;
  leaseOne(perSecond: number, leadMs: number): Promise<Slot>;
  peek(): Promise<number>;
}

/** How often the sweeper looks, while anything is not final. */
export const SWEEP_MS = 10_000;

export interface SweeperRpc {
  /** Makes sure that it runs as long as anything is not final. */
  ensure(): Promise<void>;
}

/** Who opens a stream, and behind which event. */
export type ListenRequest = { listener: Listener; lastEventId?: string | undefined };

/** Of what `fetch` answers when it opens a stream. */
export const STREAM = "text/event-stream";

/** Beside it `fetch` with a ListenRequest opens a stream, or answers JSON `{full}`. */
export interface FeedRpc {
  /** Durable before it answers; what it has already changes nothing. False: nobody listens, the run need tell no more. */
  tell(report: FeedReport): Promise<boolean>;
}

export interface RetentionRpc {
  /** Makes sure that rounds go on. */
  ensure(): Promise<void>;
}

export interface HeartbeatRpc {
  /** Makes sure that it goes on beating. */
  ensure(): Promise<void>;
  /** Epoch ms of the first beat since the last outage; null while it never beat. */
  upSince(): Promise<number | null>;
  /** Adds what an isolate has noticed, and answers what all have in the last hour. */
  note(vitals: Vitals): Promise<Vitals>;
}

export interface DispatcherRpc {
  /** A slot for a run, or its place in the line. Idempotent by the run's id. */
  ask(asked: Asked): Promise<Place>;
  /** A run goes on and has its slot, whether or not there is one. */
  take(asked: Asked): Promise<void>;
  leave(executionId: string): Promise<void>;
  /** The limits have changed. */
  look(): Promise<void>;
  status(): Promise<DispatchStatus>;
  places(executionIds: string[]): Promise<{ [executionId: string]: Place }>;
}

const stubOf = <T>(namespace: DurableObjectNamespace, name: string): T =>
  namespace.get(namespace.idFromName(name)) as T;

/** PERSISTED CONTRACT: a change moves events away from the tombstones that dedupe them. */
export const INBOX_SHARDS = 8;
/**
 * Events of one shard on the queue at a time. What runs and campaigns cause comes by here, by the thousand: all shards of an organisation have four
 * batches on the queue, and others' events wait behind no more than that.
 */
export const MAX_OF_INBOX = 50;
/** The shard of an organisation's inbox that dedupes `key`. */
export const inboxName = (organizationId: string, key: string): string =>
  `${organizationId}/${hash32(key) % INBOX_SHARDS}`;

export const inboxStub = (env: Env, organizationId: string, key: string): InboxRpc =>
  stubOf(env.INBOX, inboxName(organizationId, key));
/** `tokenHash`: lower-case hex SHA-256 of the token. */
export const webhookStub = (env: Env, tokenHash: string): WebhookRpc => stubOf(env.WEBHOOK, tokenHash);
export const contactStub = (env: Env, name: string): ContactRpc => stubOf(env.CONTACT, name);
export const scheduleStub = (env: Env, scheduleId: string): ScheduleRpc => stubOf(env.SCHEDULE, scheduleId);
/** PERSISTED CONTRACT: travels between objects. `outcome` null: it surely has not left. */
export type Carried = { contactId: string; outcome: SendOutcome | null };
export type Cargo = {
  contactId: string;
  message: OutboundMessage;
  slot: number;
  channel: string;
  channelId: string | null;
};

/** Another object's connections, for a campaign that needs more than one has. It keeps nothing. */
export interface LaneRpc {
  /** `perSecond`: the rate at which a message that missed its slot asks for another; null: nothing limits it. */
  carry(organizationId: string, cargo: Cargo[], perSecond: number | null): Promise<Carried[]>;
}

/** PERSISTED CONTRACT. */
export const campaignName = (organizationId: string, campaignId: string): string => `${organizationId}/${campaignId}`;
export const laneStub = (env: Env, organizationId: string, campaignId: string, lane: number): LaneRpc =>
  stubOf(env.CAMPAIGN, `${campaignName(organizationId, campaignId)}#${lane}`);
export const campaignStub = (env: Env, name: string): CampaignRpc => stubOf(env.CAMPAIGN, name);
export const limiterStub = (env: Env, key: string): LimiterRpc => stubOf(env.LIMITER, key);
/** `sender`: domain/message/channels.ts, pacingKey. */
export const pacerStub = (env: Env, sender: string): PacerRpc => stubOf(env.PACER, sender);
/** PERSISTED CONTRACT: an upload is found under its own organisation only. */
export const uploadName = (organizationId: string, uploadId: string): string => `${organizationId}/${uploadId}`;
/** PERSISTED CONTRACT: a delivery is found under its own organisation only. */
export const deliveryStub = (env: Env, organizationId: string, deliveryId: string): DeliveryRpc =>
  stubOf(env.DELIVERY, `${organizationId}/${deliveryId}`);
export const uploadStub = (env: Env, name: string): UploadRpc => stubOf(env.UPLOAD, name);
/** PERSISTED CONTRACT: a feed is found under its own organisation only. */
export const feedStub = (env: Env, organizationId: string, workflowId: string): FeedRpc & Fetcher =>
  stubOf(env.FEED, `${organizationId}/${workflowId}`);
export const sweeperStub = (env: Env): SweeperRpc => stubOf(env.SWEEPER, "sweeper");
export const retentionStub = (env: Env): RetentionRpc => stubOf(env.RETENTION, "retention");
/** One an organisation; only limited runs come by it. */
export const dispatcherStub = (env: Env, organizationId: string): DispatcherRpc =>
  stubOf(env.DISPATCHER, organizationId);
export const heartbeatStub = (env: Env): HeartbeatRpc => stubOf(env.HEARTBEAT, "heartbeat");

export const outboxStub = (env: Env, { kind, name }: OutboxAddress): OutboxRpc => {
  const namespaces = {
    inbox: env.INBOX,
    webhook: env.WEBHOOK,
    contact: env.CONTACT,
    schedule: env.SCHEDULE,
    upload: env.UPLOAD,
  };
  return stubOf(namespaces[kind], name);
};
