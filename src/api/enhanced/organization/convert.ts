// Where the wire names of an organisation's settings meet ours.
import type { z } from "zod";
import type { CodeBudget } from "../../../domain/code-budget/budget.ts";
import type { RetentionDays } from "../../../domain/retention/days.ts";
import type { codeBudgetBody, retentionBody } from "./schema.ts";

const given = <T>(name: string, value: T | undefined): { [name: string]: T } =>
  value === undefined ? {} : { [name]: value };

export const fromCodeBudget = (
  body: z.output<typeof codeBudgetBody>,
): { [Name in keyof CodeBudget]?: number | null } => ({
  ...given("steps", body.steps),
  ...given("memoryBytes", body.memory_bytes),
  ...given("outputBytes", body.output_bytes),
  ...given("depth", body.depth),
});

export const toCodeBudget = ({ steps, memoryBytes, outputBytes, depth }: CodeBudget) => ({
  steps,
  memory_bytes: memoryBytes,
  output_bytes: outputBytes,
  depth,
});

export const fromRetention = (
  body: z.output<typeof retentionBody>,
): { [Name in keyof RetentionDays]?: number | null } => ({
  ...given("executions", body.executions_days),
  ...given("events", body.events_days),
  ...given("messages", body.messages_days),
  ...given("deadLetters", body.dead_letters_days),
});

export const toRetention = (days: RetentionDays) => ({
  executions_days: days.executions,
  events_days: days.events,
  messages_days: days.messages,
  dead_letters_days: days.deadLetters,
});
