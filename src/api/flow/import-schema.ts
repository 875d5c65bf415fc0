// The wire shapes of an import: another product's export as it came, or an order with it, and the flow that it made with its report.
import { z } from "@hono/zod-openapi";
import { MAX_KEYWORD, MAX_KEYWORDS, MAX_NAME } from "../../domain/flow/limits.ts";
import { isJsonObject, type JsonObject } from "../../lib/json.ts";
import { flowData } from "./schema.ts";

/** Exports are larger than flows: they say everything about colours and fonts. */
export const MAX_EXPORT_BYTES = 10 * 1024 * 1024;

const order = z.strictObject({
  /** Where the export stands in what was sent. */
  at: z.enum(["", "source"]),
  source: z.custom<JsonObject>(isJsonObject, "must be an object"),
  name: z.string().trim().min(1).max(MAX_NAME).optional(),
  keywords: z.array(z.string().max(MAX_KEYWORD)).max(MAX_KEYWORDS).optional(),
});

/** No export of these products has a `source` of its own at the top. */
const orderIn = (sent: unknown): unknown =>
  isJsonObject(sent) && "source" in sent ? { at: "source", ...sent } : { at: "", source: sent };

export const importBody = z.preprocess(orderIn, order).openapi({
  type: "object",
  description: "The export itself (a Twilio Studio flow definition, a Typebot export), or this with it as `source`",
  properties: {
    source: { type: "object" },
    name: { type: "string", maxLength: MAX_NAME },
    keywords: { type: "array", items: { type: "string", maxLength: MAX_KEYWORD }, maxItems: MAX_KEYWORDS },
  },
});

const part = z
  .object({
    path: z.string().openapi({ example: "states.3.properties.body", description: "In the export" }),
    name: z.string().openapi({ description: "What the export calls the part" }),
    type: z.string().openapi({ example: "send-message" }),
    became: z.array(z.string()).openapi({ description: "Types of the nodes that stand for it" }),
    nodeIds: z.array(z.string()),
    reason: z.string().optional(),
  })
  .openapi("ImportedPart");

export const importedFlow = z
  .object({
    ...flowData.shape,
    origin: z.enum(["studio", "typebot"]),
    report: z.object({ mapped: z.array(part), approximated: z.array(part), unsupported: z.array(part) }),
  })
  .openapi("ImportedFlow");
