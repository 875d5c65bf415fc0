// Wire shapes of what-if: a run's rest under other terms, and the difference.
import { z } from "@hono/zod-openapi";
import { anyJson } from "../../shared/any-json.ts";
import { instant, ms } from "../schema.ts";
import { EXECUTION_STATUSES } from "./schema.ts";

const object = z.record(z.string(), anyJson);

export const forkBody = z.strictObject({
  fromSeq: z.int().min(0).openapi({ description: "The last input that stays as it was; 0: not even the start does" }),
  version: z
    .union([z.int().min(1), z.string().min(1).max(64)])
    .optional()
    .openapi({
      description: "Number or id of another version of the workflow, or `draft`; absent: the execution's own",
    }),
  overrides: z
    .strictObject({
      variables: object.optional(),
      outputs: object.optional().openapi({ description: "By node id; of a condition the name of its port" }),
      event: z.strictObject({ data: object }).optional(),
      contact: object.optional(),
    })
    .optional(),
});

const place = z.object({ nodeId: z.string(), visit: z.int() });
const pair = <T extends z.ZodType>(value: T) => z.object({ original: value, fork: value });

const side = z.object({
  /** Null: the draft. */
  version: z.int().nullable(),
  status: z.enum(EXECUTION_STATUSES),
  startedAt: instant,
  completedAt: instant.nullable(),
  durationMs: ms.nullable(),
  path: z.array(z.string()),
  output: anyJson,
  error: z.object({ code: z.string(), message: z.string(), nodeId: z.string().nullable() }).nullable(),
});

const message = z
  .object({
    /** Null: as the send would choose. */
    channel: z.string().nullable(),
    /** Null: the execution's contact. */
    to: z.string().nullable(),
    subject: z.string().nullable(),
    text: z.string(),
    at: instant,
  })
  .nullable();
const times = z.object({ startedAt: instant, completedAt: instant.nullable() }).nullable();
const change = z.enum(["added", "removed", "changed"]);

export const forked = z
  .object({
    executionId: z.string(),
    fromSeq: z.int(),
    /** Of the execution's last input. */
    seq: z.int(),
    /** Where its virtual clock begins. */
    at: instant,
    /** No difference but in times. */
    equal: z.boolean(),
    original: side,
    fork: side,
    differences: z.object({
      status: pair(z.enum(EXECUTION_STATUSES)).nullable(),
      nodes: z.object({ onlyOriginal: z.array(place), onlyFork: z.array(place) }),
      outputs: z.array(place.extend(pair(anyJson).shape)),
      ports: z.array(place.extend(pair(z.string().nullable()).shape)),
      variables: z.array(pair(anyJson).extend({ name: z.string() })),
      messages: z.array(place.extend({ change, ...pair(message).shape })),
      /** Other things done outside. */
      actions: z.array(place.extend({ action: z.string(), change })),
      timing: z.array(place.extend({ ...pair(times).shape, differenceMs: z.number().nullable() })),
    }),
    /** What answered in place of the outside: what answered the execution, mocks, and events that were assumed to come. */
    answers: z.object({ recorded: z.int(), mocked: z.int(), assumedEvents: z.int() }),
    /** What of the execution has no place in the other version, and was left behind. */
    unmapped: z.array(z.object({ nodeId: z.string(), reason: z.string() })),
    notes: z.array(z.string()),
    /** Inputs that were stepped. */
    steps: z.int(),
    /** By which budget it was stopped; null as a rule. */
    truncated: z.string().nullable(),
    durationMs: ms,
  })
  .openapi("Fork");
