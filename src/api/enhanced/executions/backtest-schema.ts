// Wire shapes of a backtest: a workflow tried on the real events of a time.
import { z } from "@hono/zod-openapi";
import { MAX_BACKTEST_EVENTS, USUAL_BACKTEST_EVENTS } from "../../../domain/backtest/backtest-workflow.ts";
import { anyJson } from "../../shared/any-json.ts";
import { instant, moment } from "../schema.ts";
import { workflowData } from "../workflows/workflow-schema.ts";

export const backtestBody = z.strictObject({
  since: moment.optional().openapi({ description: "Events received from then on; a week before `until` when absent" }),
  until: moment.optional().openapi({ description: "Left out itself; now when absent" }),
  limit: z.int().min(1).max(MAX_BACKTEST_EVENTS).default(USUAL_BACKTEST_EVENTS),
  definition: workflowData
    .optional()
    .openapi({ description: "Tried in place of the draft; of workflows made through this API" }),
  triggerType: z.string().min(1).max(128).optional(),
  triggerConfig: z.record(z.string(), anyJson).optional(),
});

const refusal = z.object({ gate: z.string().nullable(), code: z.string(), reason: z.string() });

const message = z
  .object({
    nodeId: z.string(),
    visit: z.int(),
    contactId: z.string().nullable(),
    to: z.string().nullable(),
    channel: z.string().nullable(),
    subject: z.string().nullable(),
    text: z.string(),
    /** In virtual time. */
    at: instant,
    outcome: z.enum(["sent", "refused", "held"]),
    refusal: refusal.nullable(),
    /** Gates that held it back before it went. */
    held: z.array(z.object({ gate: z.string(), reason: z.string(), until: instant })),
  })
  .openapi("BacktestMessage");

const counts = z.record(z.string(), z.int());
const side = z
  .object({
    runs: z.int(),
    failed: z.int(),
    waiting: z.int(),
    sent: z.int(),
    refused: counts,
    held: counts,
    recipients: z.int(),
    actions: counts,
  })
  .openapi("BacktestSummary");

export const backtest = z
  .object({
    workflowId: z.string(),
    since: instant,
    until: instant,
    limit: z.int(),
    /** Null: it was never published. */
    publishedVersion: z.int().nullable(),
    events: z.object({ tried: z.int(), draftStarted: z.int(), publishedStarted: z.int() }),
    /** It ends before `until`. */
    truncated: z.boolean(),
    truncatedAt: z
      .object({ reason: z.enum(["limit", "time", "recipients", "reads"]), at: instant, eventId: z.string() })
      .nullable(),
    summary: z.object({
      draft: side,
      published: side.nullable(),
      changes: z.object({ added: z.int(), lost: z.int(), changed: z.int(), same: z.int() }),
    }),
    /** Each who is written to by one of the two, for an event. */
    recipients: z.array(
      z.object({
        eventId: z.string(),
        eventType: z.string(),
        eventAt: instant,
        contactId: z.string().nullable(),
        name: z.string().nullable(),
        to: z.string().nullable(),
        change: z.enum(["added", "lost", "changed", "same"]),
        draft: z.array(message),
        published: z.array(message),
      }),
    ),
    /** Events for which only one of the two starts: why the other does not. */
    starts: z.array(
      z.object({
        eventId: z.string(),
        eventType: z.string(),
        eventAt: instant,
        draft: z.string().nullable(),
        published: z.string().nullable(),
      }),
    ),
    notes: z.array(z.string()),
    durationMs: z.number().min(0),
  })
  .openapi("Backtest");
