// …/triggers: a route an operation. A handler is parse, convert, verb, convert.

import { z } from "@hono/zod-openapi";
import { createPart, listParts, updatePart } from "../../../domain/marketing/parts.ts";
import { tryTrigger } from "../../../domain/marketing/try-trigger.ts";
import { workflowsOfTrigger } from "../../../domain/marketing/workflows-of-trigger.ts";
import type { JsonObject } from "../../../lib/json.ts";
import { parsePage } from "../../shared/page.ts";
import { toPage } from "../convert.ts";
import { ALWAYS, BASE, marketingOperations } from "../operations.ts";
import { judgingType, resource, withWarnings } from "../resource.ts";
import { page, pageOf, tryBody, warnings } from "../schema.ts";
import * as convert from "./convert.ts";
import * as schema from "./schema.ts";

const TRIGGER = `${BASE}/triggers/{id}` as const;
const tag = "Triggers";

const { routes, operation } = marketingOperations();

export { routes };

resource(operation, {
  kind: "trigger",
  alsoJudge: judgingType("trigger"),
  path: "triggers",
  name: "a trigger",
  tag,
  created: schema.fullTrigger,
  full: schema.fullTrigger,
  some: schema.someTrigger,
  filter: schema.triggerFilter,
  row: schema.trigger,
  create: (context, body) => createPart(context, "trigger", convert.fromTrigger(body)),
  fromChange: convert.fromTriggerChange,
  list: (context, query, page) => listParts(context, "trigger", convert.fromTriggerFilter(query), page),
  to: convert.toTrigger,
});

for (const [word, isActive, summary] of [
  ["activate", true, "Activate a trigger"],
  ["deactivate", false, "Deactivate a trigger"],
] as const) {
  operation(
    {
      method: "post",
      path: `${TRIGGER}/${word}`,
      summary,
      tag,
      answers: { 200: schema.trigger.extend({ warnings }) },
      errors: [400, ...ALWAYS, 404, 409],
    },
    async (c, { params }) => {
      const { part, warnings } = await updatePart(c.var.context, "trigger", params.id, { isActive });
      return c.json(withWarnings(convert.toTrigger(part), warnings));
    },
  );
}

operation(
  {
    method: "get",
    path: `${TRIGGER}/workflows`,
    summary: "List the workflows that have a trigger",
    tag,
    query: z.object(page),
    answers: { 200: pageOf(schema.workflowOfTrigger) },
    errors: [400, ...ALWAYS, 404],
  },
  async (c, { params }) => {
    const page = parsePage(c, "page_size");
    const { rows, total } = await workflowsOfTrigger(c.var.context, params.id, page);
    return c.json(toPage(c, page, total, rows.map(convert.toWorkflowOfTrigger)));
  },
);

operation(
  {
    method: "post",
    path: `${TRIGGER}/test`,
    summary: "Test whether a trigger would match, and what failed; nothing starts",
    tag,
    isRead: true,
    body: tryBody,
    answers: { 200: schema.testAnswer },
    errors: [400, ...ALWAYS, 404],
  },
  async (c, { body, params }) => {
    const tried = await tryTrigger(c.var.context, params.id, (body.context ?? {}) as JsonObject);
    return c.json({ trigger_id: params.id, ...tried });
  },
);
