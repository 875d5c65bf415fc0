// Every message that goes through a queue: its shape, how often it is tried again, and where it ends when nothing helps. PERSISTED CONTRACT:
// messages of an older deployment are still on their way when a newer one reads them, so fields are only ever added, and as optional ones.
import { z } from "zod";
import type { StreamEvent } from "../domain/event.ts";
import { isJsonObject, type JsonObject } from "../lib/json.ts";

/** As in wrangler.toml (a test compares them): deliveries after the first before a message is a dead letter. */
export const QUEUES = {
  events: { retries: 5, retryDelaySeconds: 2, dead: "events-dead" },
  projections: { retries: 10, retryDelaySeconds: 2, dead: "projections-dead" },
} as const;
export type QueueName = keyof typeof QUEUES;

/** Cloudflare Queues: 128 KB a message, 100 messages or 256 KB a batch. We stay below, for what the platform adds. */
export const MAX_BATCH_MESSAGES = 100;
export const MAX_BATCH_BYTES = 240_000;
/** A larger event travels as a reference, and is fetched from its outbox. */
export const MAX_INLINE_EVENT_BYTES = 60_000;

/** Not copied and not looked into: it was judged when it was accepted, and may be large. */
const json = z.custom<JsonObject>(isJsonObject, "is not an object");

const streamEvent: z.ZodType<StreamEvent> = z.object({
  id: z.string(),
  organizationId: z.string(),
  type: z.string(),
  source: z.string(),
  contactId: z.string().optional(),
  conversationId: z.string().optional(),
  data: json,
  headers: z.record(z.string(), z.string()).optional(),
  occurredAt: z.number(),
  depth: z.number(),
  target: z.object({ workflowId: z.string(), nodeIds: z.array(z.string()) }).optional(),
  executed: z.object({ workflowId: z.string() }).optional(),
  // What is left out here gets lost on the way, so it must not compile.
} satisfies { [Field in keyof StreamEvent]-?: z.ZodType }) as z.ZodType<StreamEvent>;

/** The object that holds the event until it is acknowledged. */
const outboxAddress = z.object({
  kind: z.enum(["inbox", "webhook", "contact", "schedule", "upload"]),
  /** Of the object, for `idFromName`. */
  name: z.string(),
});
export type OutboxAddress = z.infer<typeof outboxAddress>;

/** An accepted event on its way to the consumer: whole when it is small, else by its id. */
export const eventMessage = z.object({
  id: z.string(),
  organizationId: z.string(),
  outbox: outboxAddress,
  /** Epoch ms. */
  acceptedAt: z.number(),
  event: streamEvent.optional(),
  /** The waits up to this row have been told: more runs wait for the event than one delivery may call. */
  toldTo: z.number().optional(),
});
export type EventMessage = z.infer<typeof eventMessage>;

const stepRow = z.object({
  n: z.number(),
  nodeId: z.string(),
  nodeType: z.string(),
  visit: z.number(),
  status: z.enum(["running", "waiting", "completed", "failed", "cancelled", "skipped"]),
  startedAt: z.number(),
  completedAt: z.number().nullable(),
  attempts: z.number(),
  error: z.string().nullable(),
  /** Of its time, waiting, in ms; absent: none. */
  waitMs: z.number().optional(),
  /** Who was called: a host or a provider; absent: nobody. */
  service: z.string().optional(),
  /** It waited for something that did not come in time. */
  late: z.boolean().optional(),
});

/** How a run stood at journal sequence `seq`: its row in the index, and its steps (of very long runs the first and the last ones). */
export const projectionMessage = z.object({
  executionId: z.string(),
  organizationId: z.string(),
  workflowId: z.string(),
  versionId: z.string(),
  seq: z.number(),
  status: z.enum(["queued", "running", "waiting", "completed", "failed", "cancelled", "timed_out"]),
  startedAt: z.number(),
  /** Of a run that did not begin at once: when it was to (epoch ms); null: as soon as there was room. */
  scheduledAt: z.number().nullable().optional(),
  /** False of one that has not begun, or ended before. */
  begun: z.boolean().optional(),
  /** The run that it repeats, and how often that was done. */
  retryOf: z.string().optional(),
  retries: z.number().optional(),
  endedAt: z.number().nullable(),
  nodesExecuted: z.number(),
  error: z.string().nullable(),
  errorNodeId: z.string().nullable(),
  errorCode: z.string().nullable().optional(),
  /** Epoch ms at which its object wakes at the latest; null when final. */
  nextWakeAt: z.number().nullable(),
  dryRun: z.boolean(),
  eventId: z.string().nullable(),
  triggerType: z.string(),
  priority: z.number(),
  parentId: z.string().nullable(),
  /** How often each counted node was entered so far, by its id; absent where nothing is counted. */
  entries: z.record(z.string(), z.number()).optional(),
  steps: z.array(stepRow),
});
export type ProjectionMessage = z.infer<typeof projectionMessage>;
