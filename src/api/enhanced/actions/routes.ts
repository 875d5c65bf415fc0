// …/actions: a route an operation. A handler is parse, convert, verb, convert.
import { listActionDefinitions } from "../../../domain/action/list-definitions.ts";
import { tryAction } from "../../../domain/action/try-action.ts";
import { ALWAYS, BASE, enhancedOperations } from "../operations.ts";
import * as convert from "./convert.ts";
import * as schema from "./schema.ts";

const tag = "Actions";

const { routes, operation } = enhancedOperations();

export { routes };

operation(
  {
    method: "get",
    path: `${BASE}/actions/definitions`,
    summary: "List the action definitions and integrations",
    tag,
    answers: { 200: schema.actionDefinitions },
    errors: ALWAYS,
  },
  async (c) => c.json(convert.toDefinitions(await listActionDefinitions(c.var.context))),
);

operation(
  {
    method: "post",
    path: `${BASE}/actions/test/{actionType}`,
    summary: "Test one action by itself",
    tag,
    perMinute: 60,
    computes: true,
    body: schema.testBody,
    answers: { 200: schema.testedAction },
    errors: [...ALWAYS, 404, 413, 422],
  },
  async (c, { params, body }) => c.json(convert.toTested(await tryAction(c.var.context, params.actionType, body))),
);
