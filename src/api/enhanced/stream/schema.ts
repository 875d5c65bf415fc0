// Wire shapes of the live stream: its events, and tickets to it.
import { z } from "@hono/zod-openapi";
import type { LiveEvents, OutputSummary } from "../../../domain/feed/live-event.ts";
import { instant } from "../schema.ts";

const ms = z.int().min(0);
const type = z.enum(["null", "boolean", "number", "string", "array", "object"]);

/** `StepCompletedEvent`, as the document calls the data of `step_completed`. */
const typeName = (name: string): string =>
  `${`_${name}`.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase())}Event`;

/** An event as the stream has it: its name, its place, and its data. */
const event = <Name extends keyof LiveEvents>(name: Name, data: z.ZodType<LiveEvents[Name]>) =>
  z.object({ event: z.literal(name), id: z.string(), data: data.openapi(typeName(name)) });

const output: z.ZodType<OutputSummary> = z
  .object({
    type,
    fields: z.array(z.object({ name: z.string(), type })).exactOptional(),
    length: z.int().exactOptional(),
  })
  .openapi({ description: "What kind of thing it is; its values are in the execution itself" });

const ofRun = { workflowId: z.string(), executionId: z.string() };
const ended = {
  ...ofRun,
  versionId: z.string(),
  testMode: z.boolean(),
  startedAt: instant,
  completedAt: instant,
  timestamp: instant,
  durationMs: ms,
  nodesExecuted: z.int(),
};

export const liveEvent = z
  .discriminatedUnion("event", [
    event(
      "execution_started",
      z.object({
        ...ofRun,
        versionId: z.string(),
        status: z.enum(["running", "queued"]),
        triggerType: z.string(),
        testMode: z.boolean(),
        parentExecutionId: z.string().nullable(),
        priority: z.int(),
        startedAt: instant,
        timestamp: instant,
      }),
    ),
    event(
      "step_completed",
      z.object({
        ...ofRun,
        step: z.int(),
        nodeId: z.string(),
        nodeType: z.string(),
        visit: z.int(),
        status: z.enum(["completed", "failed", "cancelled"]),
        port: z.string().nullable(),
        attempts: z.int(),
        startedAt: instant,
        completedAt: instant,
        timestamp: instant,
        durationMs: ms,
        output,
        error: z.object({ code: z.string(), message: z.string() }).nullable(),
      }),
    ),
    event(
      "message_sent",
      z.object({
        ...ofRun,
        nodeId: z.string(),
        messageId: z.string(),
        channel: z.string().nullable(),
        status: z.string(),
        at: instant,
        timestamp: instant,
      }),
    ),
    event("execution_completed", z.object({ ...ended, status: z.literal("completed"), output })),
    event(
      "execution_failed",
      z.object({
        ...ended,
        status: z.enum(["failed", "timed_out", "cancelled"]),
        error: z.object({ code: z.string(), message: z.string(), nodeId: z.string().nullable() }).nullable(),
      }),
    ),
    event(
      "workflow_updated",
      z.object({
        workflowId: z.string(),
        name: z.string(),
        status: z.enum(["draft", "active", "paused", "archived"]),
        version: z.int().nullable(),
        changes: z.array(z.string()),
        updatedAt: instant,
        timestamp: instant,
      }),
    ),
    event("gap", z.object({ workflowId: z.string(), reason: z.enum(["expired", "slow", "dropped", "too_many"]) })),
    event("connected", z.object({ workflowId: z.string(), resumed: z.boolean(), heartbeatSeconds: z.int() })),
  ])
  .openapi("WorkflowEventStream", { description: "One event; `data` is one line of JSON" });

export const streamQuery = z.object({
  ticket: z.string().max(200).optional().openapi({ description: "In place of the headers: see POST /stream-tickets" }),
  lastEventId: z.string().max(200).optional().openapi({ description: "In place of the header Last-Event-ID" }),
});

export const ticketBody = z.strictObject({ workflowId: z.string().min(1).max(200) });

export const ticketAnswer = z
  .object({ ticket: z.string(), expiresAt: instant, streamUrl: z.string() })
  .openapi("StreamTicket");
