// …/actions: a route an operation. A handler is parse, convert, verb, convert.
import { z } from "@hono/zod-openapi";
import { invalid } from "../../../domain/errors.ts";
import { ACTION_TYPES, actionTypeOf } from "../../../domain/marketing/action-types.ts";
import { createAction } from "../../../domain/marketing/create-action.ts";
import { listParts } from "../../../domain/marketing/parts.ts";
import { tryAction } from "../../../domain/marketing/try-action.ts";
import type { JsonObject } from "../../../lib/json.ts";
import { ALWAYS, BASE, marketingOperations } from "../operations.ts";
import { judgingType, resource } from "../resource.ts";
import { tryBody } from "../schema.ts";
import * as convert from "./convert.ts";
import * as schema from "./schema.ts";

const { routes, operation } = marketingOperations();

export { routes };

const ACTIONS = `${BASE}/actions` as const;
const tag = "Actions";

// Before what takes any word for an id.
operation(
  {
    method: "get",
    path: `${ACTIONS}/action_types`,
    summary: "List the action types",
    tag,
    answers: { 200: schema.actionTypes },
    errors: ALWAYS,
  },
  (c) => c.json(ACTION_TYPES.map(({ value, label }) => ({ value, label }))),
);

operation(
  {
    method: "get",
    path: `${ACTIONS}/parameter_templates`,
    summary: "Describe the fields of one action type's configuration, or of all",
    tag,
    query: schema.templateFilter,
    answers: { 200: z.union([schema.parameterTemplate, z.array(schema.parameterTemplate)]) },
    errors: [400, ...ALWAYS],
  },
  (c, { query }) => {
    if (query.action_type === undefined) return c.json(ACTION_TYPES.map(convert.toParameterTemplate));
    const type = actionTypeOf(query.action_type);
    if (!type) throw invalid("action_type", "Select a valid choice.");
    return c.json(convert.toParameterTemplate(type));
  },
);

resource(operation, {
  kind: "action",
  alsoJudge: judgingType("action"),
  path: "actions",
  name: "an action",
  tag,
  created: schema.newAction,
  full: schema.fullAction,
  some: schema.someAction,
  filter: schema.actionFilter,
  row: schema.action,
  create: (context, { workflow, is_required = true, condition_id = null, ...body }) =>
    createAction(
      context,
      convert.fromAction(body),
      workflow ? { workflowId: workflow, isRequired: is_required, conditionId: condition_id } : null,
    ),
  fromChange: convert.fromActionChange,
  list: (context, query, page) => listParts(context, "action", convert.fromActionFilter(query), page),
  to: convert.toAction,
});

operation(
  {
    method: "post",
    path: `${ACTIONS}/{id}/test`,
    summary: "Test what an action would do, rendered; nothing is sent or changed",
    tag,
    isRead: true,
    perMinute: 60,
    computes: true,
    body: tryBody,
    answers: { 200: schema.testAnswer },
    errors: [400, ...ALWAYS, 404, 429],
  },
  async (c, { body, params }) => {
    const tried = await tryAction(c.var.context, params.id, (body.context ?? {}) as JsonObject);
    return c.json(convert.toTried(tried));
  },
);
