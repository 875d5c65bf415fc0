// …/triggers: a route an operation. A handler is parse, convert, verb, convert.
import { deleteTrigger, updateTrigger } from "../../../domain/trigger/change-trigger.ts";
import { createTrigger } from "../../../domain/trigger/create-trigger.ts";
import { listTriggerDefinitions } from "../../../domain/trigger/list-definitions.ts";
import { readTriggers } from "../../../domain/trigger/read-triggers.ts";
import { ALWAYS, BASE, enhancedOperations } from "../operations.ts";
import * as convert from "./convert.ts";
import * as schema from "./schema.ts";

const TRIGGERS = `${BASE}/triggers/{workflowId}` as const;
const TRIGGER = `${TRIGGERS}/{triggerId}` as const;
const tag = "Triggers";

const { routes, operation } = enhancedOperations();

export { routes };

operation(
  {
    method: "get",
    path: `${BASE}/triggers/definitions`,
    summary: "List the trigger definitions",
    tag,
    answers: { 200: schema.triggerDefinitions },
    errors: ALWAYS,
  },
  async (c) => c.json(convert.toDefinitions(await listTriggerDefinitions(c.var.context))),
);

operation(
  {
    method: "get",
    path: TRIGGERS,
    summary: "List a workflow's triggers, webhook endpoints and schedules",
    tag,
    answers: { 200: schema.workflowTriggers },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) => c.json(convert.toTriggers(c, await readTriggers(c.var.context, params.workflowId))),
);

operation(
  {
    method: "post",
    path: TRIGGERS,
    summary: "Add a trigger beside the graph; an active workflow has it at once",
    tag,
    body: schema.createTriggerBody,
    answers: { 201: schema.savedTrigger },
    errors: [...ALWAYS, 404, 409, 413, 422],
  },
  async (c, { params, body }) =>
    c.json(
      convert.toSaved(
        c,
        await convert.namedInTrigger(createTrigger(c.var.context, params.workflowId, convert.fromNew(body))),
      ),
      201,
    ),
);

for (const method of ["put", "patch"] as const)
  operation(
    {
      method,
      path: TRIGGER,
      summary: "Change, enable or disable a trigger; what is not named stays",
      tag,
      body: schema.updateTriggerBody,
      answers: { 200: schema.savedTrigger },
      errors: [...ALWAYS, 404, 409, 413, 422],
    },
    async (c, { params: { workflowId, triggerId }, body }) => {
      const change = convert.fromChange(body);
      const saved = await convert.namedInTrigger(updateTrigger(c.var.context, workflowId!, triggerId!, change));
      return c.json(convert.toSaved(c, saved));
    },
  );

operation(
  {
    method: "delete",
    path: TRIGGER,
    summary: "Remove a trigger, with its webhook endpoint",
    tag,
    answers: { 200: schema.deletedTrigger },
    errors: [...ALWAYS, 404, 409, 422],
  },
  async (c, { params: { workflowId, triggerId } }) => {
    const { workflow, trigger } = await deleteTrigger(c.var.context, workflowId!, triggerId!);
    const shown = convert.toTrigger(c, { workflow, endpoints: [], schedules: [] }, trigger);
    return c.json({ success: true as const, trigger: shown });
  },
);
