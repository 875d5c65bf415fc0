// Wire shapes of what is on record: who did what, and what was given up.
import { z } from "@hono/zod-openapi";
import { anyJson } from "../../shared/any-json.ts";
import { instant, moment, pageQuery, pagination } from "../schema.ts";

export const auditQuery = z.object({
  ...pageQuery,
  actor: z.string().max(200).optional(),
  action: z.string().max(100).optional(),
  target_type: z.string().max(100).optional(),
  target_id: z.string().max(200).optional(),
  startDate: moment.optional(),
  endDate: moment.optional(),
});

export const deadLetterQuery = z
  .object({
    ...pageQuery,
    queue: z.enum(["events", "projections", "workflows"]).optional(),
    /** `open`: not replayed. */
    status: z.enum(["open", "replayed"]).optional(),
  })
  .transform(({ queue, status }) => ({
    ...(queue ? { queue } : {}),
    ...(status ? { open: status === "open" } : {}),
  }));

export const auditEntry = z
  .object({
    id: z.string(),
    actor: z.string().openapi({ description: "user:<id>, key:<id> or system" }),
    action: z.string(),
    target_type: z.string().nullable(),
    target_id: z.string().nullable(),
    details: z.record(z.string(), anyJson),
    request_id: z.string().nullable(),
    at: instant,
  })
  .openapi("AuditEntry");
export const auditEntries = z.object({ entries: z.array(auditEntry), pagination });

export const deadLetter = z
  .object({
    id: z.string(),
    queue: z.string(),
    subject_id: z.string().nullable(),
    body: anyJson,
    error: z.string().nullable(),
    attempts: z.int(),
    created_at: instant,
    replayed_at: instant.nullable(),
  })
  .openapi("DeadLetter");
export const deadLetters = z.object({ deadLetters: z.array(deadLetter), pagination });
export const replayed = z.object({ success: z.literal(true), deadLetter });
