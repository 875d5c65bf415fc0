// …/workflows: a route an operation. A handler is parse, convert, verb, convert.
import { z } from "@hono/zod-openapi";
import { activateWorkflow, pauseWorkflow, resetWorkflow } from "../../../domain/marketing/activate-workflow.ts";
import { deleteWorkflow } from "../../../domain/marketing/delete-workflow.ts";
import { createWithStatus, editWorkflow } from "../../../domain/marketing/edit-workflow.ts";
import { addAction, addTrigger, removeAction, removeTrigger } from "../../../domain/marketing/join-workflow.ts";
import { listWorkflows, readParts, readWorkflow } from "../../../domain/marketing/read-workflow.ts";
import { archiveWorkflow } from "../../../domain/workflow/archive-workflow.ts";
import type { ApiContext } from "../../shared/api.ts";
import { echoing } from "../../shared/echoing.ts";
import { type Page, parsePage } from "../../shared/page.ts";
import { toPage } from "../convert.ts";
import { ALWAYS, BASE, marketingOperations } from "../operations.ts";
import { nothing, page, pageOf } from "../schema.ts";
import * as convert from "./convert.ts";
import * as schema from "./schema.ts";

const WORKFLOWS = `${BASE}/workflows` as const;
const WORKFLOW = `${WORKFLOWS}/{id}` as const;
const tag = "Workflows";

const { routes, operation } = marketingOperations();

export { routes };

/** All of a workflow's parts are read at once: they are few. */
const part = <T>({ limit, offset }: Page, rows: readonly T[]): readonly T[] => rows.slice(offset, offset + limit);

const shown = async (c: ApiContext, id: string, verb: "view" | "edit") =>
  convert.toWorkflow(await readWorkflow(c.var.context, id, verb));

operation(
  {
    method: "get",
    path: WORKFLOWS,
    summary: "List workflows",
    tag,
    query: schema.workflowFilter,
    answers: { 200: pageOf(schema.workflowSummary) },
    errors: [400, ...ALWAYS],
  },
  async (c, { query }) => {
    const page = parsePage(c, "page_size");
    const { rows, total } = await listWorkflows(c.var.context, convert.fromWorkflowFilter(query), page);
    return c.json(toPage(c, page, total, rows.map(convert.toSummary)));
  },
);

operation(
  {
    method: "post",
    path: WORKFLOWS,
    summary: "Create a workflow",
    tag,
    body: echoing(schema.fullWorkflow, schema.workflow),
    answers: { 201: schema.workflow },
    errors: [400, ...ALWAYS],
  },
  async (c, { body }) => {
    const status = convert.fromStatus(body.status ?? "DRAFT");
    const { id } = await createWithStatus(c.var.context, convert.fromWorkflow(body), status);
    return c.json(await shown(c, id, "edit"), 201);
  },
);

operation(
  {
    method: "get",
    path: WORKFLOW,
    summary: "Get a workflow",
    tag,
    answers: { 200: schema.workflow },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) => c.json(await shown(c, params.id, "view")),
);

for (const [method, summary, body] of [
  ["put", "Replace a workflow", echoing(schema.fullWorkflow, schema.workflow)],
  ["patch", "Change a workflow", echoing(schema.someWorkflow, schema.workflow)],
] as const) {
  operation(
    {
      method,
      path: WORKFLOW,
      summary,
      tag,
      body,
      answers: { 200: schema.workflow },
      errors: [400, ...ALWAYS, 404, 409],
    },
    async (c, { body, params }) => {
      const status = body.status && convert.fromStatus(body.status);
      await editWorkflow(c.var.context, params.id, convert.fromWorkflowChange(body), status);
      return c.json(await shown(c, params.id, "edit"));
    },
  );
}

operation(
  {
    method: "delete",
    path: WORKFLOW,
    summary: "Delete a workflow; one that has run is archived",
    tag,
    answers: { 204: nothing },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) => {
    await deleteWorkflow(c.var.context, params.id);
    return c.body(null, 204);
  },
);

for (const [word, summary, verb] of [
  ["activate", "Activate a workflow", activateWorkflow],
  ["pause", "Pause a workflow", pauseWorkflow],
  ["archive", "Archive a workflow", archiveWorkflow],
  ["reset", "Put a workflow back to a draft", resetWorkflow],
] as const) {
  operation(
    {
      method: "post",
      path: `${WORKFLOW}/${word}`,
      summary,
      tag,
      answers: { 200: schema.workflow },
      errors: [400, ...ALWAYS, 404, 409],
    },
    async (c, { params }) => {
      await verb(c.var.context, params.id);
      return c.json(await shown(c, params.id, "edit"));
    },
  );
}

const joining = { method: "post", tag, errors: [400, ...ALWAYS, 404, 409] } as const;

operation(
  {
    ...joining,
    path: `${WORKFLOW}/add_trigger`,
    summary: "Add a trigger to a workflow, or change how it is attached",
    body: schema.addTriggerBody,
    answers: { 201: schema.triggerOfWorkflow },
  },
  async (c, { body, params }) => {
    const { trigger_id: triggerId, priority = 0, specific_conditions: specificConditions = null } = body;
    const joined = await addTrigger(c.var.context, params.id, { triggerId, priority, specificConditions });
    return c.json(convert.toTriggerOfWorkflow(joined), 201);
  },
);

operation(
  {
    ...joining,
    path: `${WORKFLOW}/remove_trigger`,
    summary: "Remove a trigger from a workflow",
    body: schema.removeTriggerBody,
    answers: { 200: schema.said },
  },
  async (c, { body, params }) => {
    await removeTrigger(c.var.context, params.id, body.trigger_id);
    return c.json({ success: true, message: "Trigger removed from workflow" });
  },
);

operation(
  {
    ...joining,
    path: `${WORKFLOW}/add_action`,
    summary: "Add an action to a workflow, or change how it is attached",
    body: schema.addActionBody,
    answers: { 201: schema.actionOfWorkflow },
  },
  async (c, { body, params }) => {
    const joined = await addAction(c.var.context, params.id, {
      actionId: body.action_id,
      position: body.order ?? null,
      isRequired: body.is_required ?? true,
      conditionId: body.condition_id ?? null,
    });
    return c.json(convert.toActionOfWorkflow(joined), 201);
  },
);

operation(
  {
    ...joining,
    path: `${WORKFLOW}/remove_action`,
    summary: "Remove an action from a workflow",
    body: schema.removeActionBody,
    answers: { 200: schema.said },
  },
  async (c, { body, params }) => {
    await removeAction(c.var.context, params.id, body.action_id);
    return c.json({ success: true, message: "Action removed from workflow" });
  },
);

operation(
  {
    method: "get",
    path: `${WORKFLOW}/triggers`,
    summary: "List a workflow's triggers",
    tag,
    query: z.object(page),
    answers: { 200: pageOf(schema.triggerOfWorkflow) },
    errors: [400, ...ALWAYS, 404],
  },
  async (c, { params }) => {
    const page = parsePage(c, "page_size");
    const { triggers } = await readParts(c.var.context, params.id);
    return c.json(toPage(c, page, triggers.length, part(page, triggers).map(convert.toTriggerOfWorkflow)));
  },
);

operation(
  {
    method: "get",
    path: `${WORKFLOW}/actions`,
    summary: "List a workflow's actions",
    tag,
    query: z.object(page),
    answers: { 200: pageOf(schema.actionOfWorkflow) },
    errors: [400, ...ALWAYS, 404],
  },
  async (c, { params }) => {
    const page = parsePage(c, "page_size");
    const { actions } = await readParts(c.var.context, params.id);
    return c.json(toPage(c, page, actions.length, part(page, actions).map(convert.toActionOfWorkflow)));
  },
);
