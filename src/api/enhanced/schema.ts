// Wire shapes of this API: what comes in is judged here, and nowhere else.
import { z } from "@hono/zod-openapi";
import { type CodeBudget, LARGEST_BUDGET, LEAST_BUDGET } from "../../domain/code-budget/budget.ts";
import { ROLES } from "../../domain/context.ts";
import { isUserId } from "../../domain/identity/user-id.ts";
import { SCOPES } from "../../domain/permission.ts";
import { LONGEST_DAYS, MEMORY_DAYS } from "../../domain/retention/days.ts";
import { anyJson } from "../shared/any-json.ts";

export const isPlainText = (text: string): boolean => text.isWellFormed() && !/[\u0000-\u001f\u007f]/.test(text);

/** Text for people: no control characters, no lone surrogates. */
const label = (max: number) =>
  z
    .string()
    .trim()
    .min(1, "May not be blank.")
    .max(max, `Must have at most ${max} characters.`)
    .refine(isPlainText, "Has characters that are not text.");

const userId = z.union([
  z.int().transform(String),
  z.string().refine(isUserId, "Must be 1 to 128 characters without spaces."),
]);

export const createKeyBody = z.strictObject({
  name: label(200),
  scopes: z
    .array(z.enum(SCOPES))
    .min(1, "Must name at least one scope.")
    .transform((scopes) => [...new Set(scopes)])
    .optional(),
});

export const addMemberBody = z.strictObject({ user_id: userId, role: z.enum(ROLES) });
export const changeRoleBody = z.strictObject({ role: z.enum(ROLES) });

/** Null: as usual. Never less than a finished run's own memory. */
const days = z.int().min(MEMORY_DAYS).max(LONGEST_DAYS).nullable().optional();
export const retentionBody = z
  .strictObject({ executions_days: days, events_days: days, messages_days: days, dead_letters_days: days })
  .refine((body) => Object.values(body).some((value) => value !== undefined), "Must name at least one kind of data.");

const amount = (name: keyof CodeBudget) =>
  z.int().min(LEAST_BUDGET[name]).max(LARGEST_BUDGET[name]).nullable().optional();
/** Null: as usual. */
export const codeBudgetBody = z
  .strictObject({
    steps: amount("steps"),
    memory_bytes: amount("memoryBytes"),
    output_bytes: amount("outputBytes"),
    depth: amount("depth"),
  })
  .refine((body) => Object.values(body).some((value) => value !== undefined), "Must name at least one budget.");

/** A date or date-time with its offset; a date alone is its midnight in UTC. */
const moment = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], {
    error: "Must be an ISO 8601 date or date-time with an offset.",
  })
  .transform((text) => Date.parse(text));

export const auditQuery = z.object({
  actor: z.string().max(200).optional(),
  action: z.string().max(100).optional(),
  target_type: z.string().max(100).optional(),
  target_id: z.string().max(200).optional(),
  startDate: moment.optional(),
  endDate: moment.optional(),
});

export const deadLetterQuery = z
  .object({
    queue: z.enum(["events", "projections", "workflows"]).optional(),
    /** `open`: not replayed. */
    status: z.enum(["open", "replayed"]).optional(),
  })
  .transform(({ queue, status }) => ({
    ...(queue ? { queue } : {}),
    ...(status ? { open: status === "open" } : {}),
  }));

/** ApiErrorResponse of the document. */
export const errorAnswer = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      details: z.record(z.string(), anyJson).optional(),
      timestamp: z.iso.datetime(),
      requestId: z.string(),
    }),
    validation: z.array(z.object({ field: z.string(), message: z.string(), code: z.string().optional() })).optional(),
  })
  .openapi("ApiErrorResponse");

export const openApi = z.looseObject({ openapi: z.string() });

/** PaginationInfo of the document. */
export const pagination = z.object({ total: z.int(), page: z.int(), limit: z.int(), totalPages: z.int() });
