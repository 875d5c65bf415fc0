// Wire shapes of an organisation's own settings.
import { z } from "@hono/zod-openapi";
import { type CodeBudget, LARGEST_BUDGET, LEAST_BUDGET } from "../../../domain/code-budget/budget.ts";
import { LONGEST_DAYS, MEMORY_DAYS } from "../../../domain/retention/days.ts";

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

export const retention = z
  .object({ executions_days: z.int(), events_days: z.int(), messages_days: z.int(), dead_letters_days: z.int() })
  .openapi("Retention");

export const codeBudget = z
  .object({ steps: z.int(), memory_bytes: z.int(), output_bytes: z.int(), depth: z.int() })
  .openapi("CodeBudget");
