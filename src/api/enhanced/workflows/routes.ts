// …/workflows: a route an operation. A handler is parse, convert, verb, convert.
import { createEnhancedWorkflow } from "../../../domain/workflow/enhanced/create-workflow.ts";
import { deleteEnhancedWorkflow } from "../../../domain/workflow/enhanced/delete-workflow.ts";
import { listEnhancedWorkflows } from "../../../domain/workflow/enhanced/list-workflows.ts";
import { readEnhancedWorkflow } from "../../../domain/workflow/enhanced/read-workflow.ts";
import { updateEnhancedWorkflow } from "../../../domain/workflow/enhanced/update-workflow.ts";
import type { ApiContext } from "../../shared/api.ts";
import { parsePage } from "../../shared/page.ts";
import { parse } from "../../shared/parse.ts";
import { toPagination } from "../convert.ts";
import { ALWAYS, BASE, enhancedOperations } from "../operations.ts";
import * as convert from "./convert.ts";
import * as schema from "./schema.ts";

const WORKFLOWS = `${BASE}/workflows`;
const WORKFLOW = `${WORKFLOWS}/{id}`;
const tag = "Workflows";

const { routes, operation } = enhancedOperations();

export { routes };

/** `tags=a&tags=b`, `tags[]=a` and `tags=a,b`. */
const tagsOf = (c: ApiContext): string[] => {
  const sent = [...(c.req.queries("tags") ?? []), ...(c.req.queries("tags[]") ?? [])];
  const tags = sent.flatMap((one) => one.split(",")).map((one) => one.trim());
  return parse(schema.tagsFilter, { tags: [...new Set(tags)].filter((one) => one !== "") }).tags;
};

operation(
  {
    method: "get",
    path: WORKFLOWS,
    summary: "List workflows, whichever API made them",
    tag,
    query: schema.workflowQuery,
    answers: { 200: schema.workflowList },
    errors: ALWAYS,
  },
  async (c, { query }) => {
    const page = parsePage(c, "limit");
    const { rows, total, labels } = await listEnhancedWorkflows(
      c.var.context,
      convert.fromQuery(query, tagsOf(c)),
      page,
    );
    return c.json({ workflows: rows.map(convert.toSummary), pagination: toPagination(page, total), filters: labels });
  },
);

operation(
  {
    method: "post",
    path: WORKFLOWS,
    summary: "Create a workflow",
    tag,
    body: schema.createWorkflowBody,
    answers: { 201: schema.createdWorkflow },
    errors: [...ALWAYS, 404, 413],
  },
  async (c, { body }) => {
    const { workflow, findings } = await createEnhancedWorkflow(c.var.context, convert.fromCreate(body));
    return c.json(
      {
        workflow: convert.toWorkflow(workflow),
        validationResults: findings.map(convert.toValidationResult),
        estimatedPerformance: {},
      },
      201,
    );
  },
);

operation(
  {
    method: "get",
    path: WORKFLOW,
    summary: "Get a workflow with what is known of it",
    tag,
    answers: { 200: schema.workflowDetails },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) =>
    c.json({ workflow: convert.toWorkflow(await readEnhancedWorkflow(c.var.context, params.id!)) }),
);

operation(
  {
    method: "put",
    path: WORKFLOW,
    summary: "Change a workflow; an active one goes on with its next version at once",
    tag,
    body: schema.updateWorkflowBody,
    answers: { 200: schema.updatedWorkflow },
    errors: [...ALWAYS, 404, 409, 413, 422],
  },
  async (c, { params, body }) => {
    const changed = await updateEnhancedWorkflow(c.var.context, params.id!, convert.fromUpdate(body));
    return c.json({
      workflow: convert.toWorkflow(changed.workflow),
      validationResults: changed.findings.map(convert.toValidationResult),
      migrationWarnings: changed.migrationWarnings,
    });
  },
);

operation(
  {
    method: "delete",
    path: WORKFLOW,
    summary: "Archive a workflow",
    tag,
    answers: { 200: schema.deletedWorkflow },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) => {
    const archived = await deleteEnhancedWorkflow(c.var.context, params.id!);
    return c.json({
      success: true,
      archivedWorkflow: convert.toArchived(archived),
      affectedExecutions: archived.inFlight,
    });
  },
);
