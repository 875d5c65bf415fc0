// A workflow on the wire, and what it is made of: for every part of this API that takes or shows one.
import { z } from "@hono/zod-openapi";
import { isTimeZone } from "../../../lib/time-zone.ts";
import { anyJson } from "../../shared/any-json.ts";
import { line, prose } from "../../shared/text.ts";
import { instant } from "../schema.ts";

const id = line(128).min(1, "May not be empty.");
const MAX_LIST = 20_000;

/** Fields of the editor's own stay as they were sent. */
const node = z.looseObject({
  id,
  type: line(128),
  position: z.looseObject({ x: z.number(), y: z.number() }).optional(),
  data: z
    .looseObject({
      label: prose(1_000).optional(),
      config: z.record(z.string(), anyJson).optional(),
    })
    .optional(),
});

const edge = z.looseObject({
  id: id.optional(),
  source: line(128),
  target: line(128),
  sourceHandle: line(128).nullish(),
  targetHandle: line(128).nullish(),
});

/** A list of `{name, defaultValue}` (or `value`), as some editors keep them, is taken as the object that it says. */
const listed = z
  .array(
    z.looseObject({
      name: z.string().min(1).max(128),
      value: anyJson.optional(),
      defaultValue: anyJson.optional(),
      isSecret: z.literal(false, "Secrets are kept by POST …/workflows/{id}/variables only.").optional(),
    }),
  )
  .max(1_000);
const variables = z.preprocess(
  (sent, context) => {
    if (!Array.isArray(sent)) return sent;
    const { data, error } = listed.safeParse(sent);
    for (const { path, message } of error?.issues ?? []) context.addIssue({ code: "custom", path, message });
    return data
      ? Object.fromEntries(data.map(({ name, value, defaultValue }) => [name, value ?? defaultValue ?? null]))
      : {};
  },
  z.record(z.string().max(128), anyJson),
);

/** The shape of React Flow. */
export const workflowData = z
  .looseObject({
    nodes: z.array(node).max(5_000, "Must have at most 5000 nodes."),
    edges: z.array(edge).max(MAX_LIST, `Must have at most ${MAX_LIST} edges.`),
    variables: variables.optional(),
  })
  .transform((data) => data)
  .openapi("WorkflowData");

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "Must be HH:MM.");

export const workflowSettings = z
  .strictObject({
    /** The whole run ends as timed_out after so many seconds. */
    timeoutSeconds: z
      .number()
      .positive()
      .max(366 * 86_400)
      .optional(),
    maxConcurrency: z.int().min(1).max(10_000).optional(),
    /** Of actions that name no retry of their own. */
    retry: z
      .strictObject({ maxAttempts: z.int().min(1).max(20), backoffSeconds: z.number().min(0).max(86_400) })
      .optional(),
    /** Started when a run fails, with what is known of it. */
    errorWorkflowId: z.string().min(1).max(128).optional(),
    /** No message leaves then; without a zone on the recipient's clock. */
    quietHours: z
      .strictObject({
        start: clock,
        end: clock,
        timezone: z.string().refine(isTimeZone, "Must be an IANA time zone.").optional(),
      })
      .optional(),
  })
  .openapi("WorkflowSettings");

export const validationResult = z
  .object({
    severity: z.enum(["error", "warning", "suggestion"]),
    code: z.string(),
    message: z.string(),
    nodeId: z.string().optional(),
    path: z.string().optional(),
  })
  .openapi("ValidationResult");

export const workflow = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    category: z.string().nullable(),
    templateId: z.string().nullable(),
    status: z.enum(["draft", "active", "paused", "archived"]),
    /** Of what runs; 0 when it was never published. */
    version: z.int(),
    authoring: z.enum(["marketing", "enhanced", "core", "flow"]),
    workflowData,
    triggerType: z.string().nullable(),
    triggerConfig: z.record(z.string(), anyJson),
    settings: workflowSettings,
    tags: z.array(z.string()),
    createdAt: instant,
    updatedAt: instant,
    publishedAt: instant.nullable(),
    archivedAt: instant.nullable(),
    lastRunAt: instant.nullable(),
    usageCount: z.int(),
    createdBy: z.string(),
    organizationId: z.string(),
  })
  .openapi("Workflow");
