// The wire shapes of the flow API, and the source of its OpenAPI document. A flow's content is the domain's own document (domain/flow/flow.ts), which
// is kept as it was sent: the body goes to the verb untouched.
import { z } from "@hono/zod-openapi";
import { type Flow, flowDocument } from "../../domain/flow/flow.ts";
import { isJsonObject, type JsonObject } from "../../lib/json.ts";

const instant = z.iso.datetime().openapi({ example: "2025-01-15T10:30:00.000Z" });
const json: z.ZodType<unknown> = z.unknown().openapi({ description: "Any JSON value" });

const finding = z
  .object({
    severity: z.enum(["error", "warning"]),
    code: z.string().openapi({ example: "too_many_buttons" }),
    message: z.string(),
    nodeId: z.string().optional(),
    edgeId: z.string().optional(),
    path: z.string().openapi({ example: "flowNodes.2.expectedAnswers" }),
    offer: json.optional().openapi({ description: "The node as it would be right" }),
  })
  .openapi("Finding");

export const flowContent = z.object(flowDocument.shape).openapi("FlowContent");

/** Sent content is not made into something else: no field is lost, none changes its place. */
export const flowBody = z
  .custom<JsonObject>(isJsonObject, "must be an object")
  .openapi({ type: "object", allOf: [{ $ref: "#/components/schemas/FlowContent" }] });

export const statusBody = z
  .strictObject({ status: z.enum(["published", "stop"]) })
  .openapi("FlowStatus", { example: { status: "published" } });

const known = {
  id: z.string().openapi({ description: "24 hex digits", example: "507f1f77bcf86cd799439011" }),
  created: instant,
  lastUpdated: instant.openapi({ description: "Of the content" }),
  isPro: z.boolean(),
  status: z.enum(["draft", "published", "stop"]),
  brand_id: z.int(),
  user_id: z.int(),
  created_at: instant,
  updated_at: instant,
  warnings: z
    .array(finding)
    .optional()
    .openapi({ description: "Of a publish or an update: what does not keep the flow from running" }),
};

export const flowData = z.object({ ...flowDocument.shape, ...known }).openapi("FlowData");

/** As it is answered. */
export type FlowData = Pick<Flow, "name" | "flowNodes" | "flowEdges" | "transform"> & {
  id: string;
  created: string;
  lastUpdated: string;
  isPro: boolean;
  status: string;
  brand_id: number;
  user_id: number;
  created_at: string;
  updated_at: string;
  warnings?: object[];
};

export const flowList = z.array(flowData);

export const deletedFlow = z.object({ id: z.string(), deleted: z.literal(true) });

export const errorAnswer = z
  .object({
    error: z.string().openapi({ example: "validation_error" }),
    detail: z.string(),
    field: z.string().optional().openapi({ example: "flowNodes.2.flowReplies.0.data" }),
    errors: z.array(z.object({ field: z.string(), message: z.string(), code: z.string().optional() })).optional(),
    findings: z.array(finding).optional(),
    request_id: z.string(),
  })
  .openapi("Error");
