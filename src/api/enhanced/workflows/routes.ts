// …/workflows: a route an operation. A handler is parse, convert, verb, convert.
import { createEnhancedWorkflow } from "../../../domain/workflow/enhanced/create-workflow.ts";
import { deleteEnhancedWorkflow } from "../../../domain/workflow/enhanced/delete-workflow.ts";
import { listEnhancedWorkflows } from "../../../domain/workflow/enhanced/list-workflows.ts";
import { readWorkflowDetail } from "../../../domain/workflow/enhanced/read-workflow.ts";
import { reviewWorkflow } from "../../../domain/workflow/enhanced/review-workflow.ts";
import { testEnhancedWorkflow } from "../../../domain/workflow/enhanced/test-workflow.ts";
import { type EnhancedChange, updateEnhancedWorkflow } from "../../../domain/workflow/enhanced/update-workflow.ts";
import { validateEnhancedWorkflow } from "../../../domain/workflow/enhanced/validate-workflow.ts";
import type { ApiContext } from "../../shared/api.ts";
import { inTurn } from "../../shared/in-turn.ts";
import { countOperation } from "../../shared/operation.ts";
import { parsePage } from "../../shared/page.ts";
import { namedAs, toPagination } from "../convert.ts";
import { ALWAYS, BASE, enhancedOperations } from "../operations.ts";
import { tagsOf } from "../tags-of.ts";
import * as convert from "./convert.ts";
import { toTested, toValidated, toValidationResults } from "./review-convert.ts";
import * as review from "./review-schema.ts";
import * as schema from "./schema.ts";

const WORKFLOWS = `${BASE}/workflows` as const;
const WORKFLOW = `${WORKFLOWS}/{id}` as const;
const tag = "Workflows";
const TRIAL = `${WORKFLOW}/test` as const;
/** Each computes for up to 20 s. */
const TRIALS_A_MINUTE = 60;
/** Drawings are larger than other bodies; what is stored of one has its own bound (domain/workflow/enhanced/check-wire.ts). */
const DRAWING_BYTES = 2 * 1024 * 1024;

const DATA = { variables: "testData", metadata: "testData" };

const { routes, operation } = enhancedOperations();

export { routes };

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
    maxBytes: DRAWING_BYTES,
    answers: { 201: schema.createdWorkflow },
    errors: [...ALWAYS, 404, 413],
  },
  async (c, { body }) => {
    const made = await createEnhancedWorkflow(c.var.context, convert.fromCreate(body));
    const reviewed = await reviewWorkflow(c.var.context, made);
    return c.json(
      {
        workflow: convert.toWorkflow(made.workflow),
        validationResults: toValidationResults(made.findings, reviewed),
        estimatedPerformance: reviewed.estimate,
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
  async (c, { params }) => c.json(convert.toDetails(c, await readWorkflowDetail(c.var.context, params.id))),
);

const updated = async (c: ApiContext, id: string, change: EnhancedChange) => {
  const changed = await updateEnhancedWorkflow(c.var.context, id, change);
  return {
    workflow: convert.toWorkflow(changed.workflow),
    validationResults: toValidationResults(changed.findings, await reviewWorkflow(c.var.context, changed)),
    migrationWarnings: changed.migrationWarnings,
  };
};

operation(
  {
    method: "put",
    path: WORKFLOW,
    summary: "Change a workflow; an active one goes on with its next version at once",
    tag,
    body: schema.updateWorkflowBody,
    maxBytes: DRAWING_BYTES,
    answers: { 200: schema.updatedWorkflow },
    errors: [...ALWAYS, 404, 409, 413, 422],
  },
  async (c, { params, body }) => c.json(await updated(c, params.id, convert.fromUpdate(body))),
);

for (const [word, status, summary] of [
  ["publish", "active", "Make a workflow active"],
  ["pause", "paused", "Pause a workflow: nothing starts it, runs under way go on"],
  ["resume", "active", "Let a paused workflow start again"],
] as const) {
  operation(
    {
      method: "post",
      path: `${WORKFLOW}/${word}`,
      summary,
      tag,
      answers: { 200: schema.updatedWorkflow },
      errors: [...ALWAYS, 404, 409, 422],
    },
    async (c, { params }) => c.json(await updated(c, params.id, { status })),
  );
}

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
    const archived = await deleteEnhancedWorkflow(c.var.context, params.id);
    return c.json({
      success: true,
      archivedWorkflow: convert.toArchived(archived),
      affectedExecutions: archived.inFlight,
    });
  },
);

operation(
  {
    method: "post",
    path: `${WORKFLOW}/validate`,
    summary: "Validate a workflow, or a drawing of it, with suggestions",
    tag,
    isRead: true,
    body: review.validateBody,
    maxBytes: DRAWING_BYTES,
    answers: { 200: review.validated },
    errors: [...ALWAYS, 404, 413],
  },
  async (c, { params, body }) => {
    const validated = async () =>
      c.json(toValidated(await namedAs(DATA, validateEnhancedWorkflow(c.var.context, params.id, body))));
    if (!body.testData) return validated();
    // With data it runs as a test does, and is counted as one.
    await countOperation(c, "post", TRIAL, TRIALS_A_MINUTE);
    return inTurn(c, validated);
  },
);

operation(
  {
    method: "post",
    path: TRIAL,
    summary: "Test a workflow as it is now, without side effects",
    tag,
    perMinute: TRIALS_A_MINUTE,
    computes: true,
    body: review.testBody,
    answers: { 200: review.tested },
    errors: [...ALWAYS, 404, 413],
  },
  async (c, { params, body }) => {
    const { testData, stepByStep = false, mockExternalServices = true } = body;
    const asked = { testData, stepByStep, mockExternalServices };
    const test = await namedAs(DATA, testEnhancedWorkflow(c.var.context, params.id, asked));
    return c.json(toTested(test, stepByStep));
  },
);
