// New content for a flow, in any status. A published one stays published: new conversations take the new version at once, running ones keep theirs.
import { updateWorkflow } from "../../db/queries/workflows.ts";
import { isJsonObject, type Json, type JsonObject } from "../../lib/json.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { batchUnless, changeTime, changing } from "../workflow/changing.ts";
import { checkSize } from "../workflow/definition.ts";
import { publishOpened } from "../workflow/publish-workflow.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { acceptFlow } from "./accept-flow.ts";
import type { FlowFinding } from "./check-flow.ts";
import { definitionOfFlow, runnableFlow } from "./definition-of-flow.ts";
import type { Flow } from "./flow.ts";
import { openFlow, unlessFlowChanged } from "./open-flow.ts";
import { type FlowRecord, recordOf, wireOf } from "./record.ts";
import { statusWord } from "./status-word.ts";

/**
 * A field of the content that is absent keeps its value. Throws `invalid_input` for what is no flow, and for a published one
 * `invalid_definition` with the findings of content that could not be published: it stays as it was.
 */
export const updateFlow = (
  context: Context,
  id: string,
  sent: Json | undefined,
): Promise<{ flow: FlowRecord; warnings: FlowFinding[] }> =>
  changing(async () => {
    const workflow = await openFlow(context, id, "edit");
    const before = recordOf(workflow).content as JsonObject;
    const ours = { id, status: statusWord(workflow.status), user_id: Number(workflow.createdBy) };
    const content = acceptFlow(isJsonObject(sent) ? { ...before, ...sent } : sent, ours);
    const at = changeTime(context, workflow);
    return workflow.status === "active"
      ? publishChanged(context, workflow, content, at)
      : { flow: await saveChanged(context, workflow, content, at), warnings: [] };
  });

const changeOf = (workflow: Workflow, content: Flow, at: number) => ({
  name: content.name,
  entityId: content.brand_id ?? workflow.entityId,
  wire: wireOf({ flow: content, contentUpdatedAt: at }),
  updatedAt: at,
});

const publishChanged = async (context: Context, workflow: Workflow, content: Flow, at: number) => {
  const { definition, program, warnings } = runnableFlow(content, context.ports.egress);
  checkSize(definition);
  const change = changeOf(workflow, content, at);
  const { workflow: published } = await publishOpened(context, { ...workflow, ...change, definition }, program, {
    unless: unlessFlowChanged(context, workflow),
    change: { ...change, definition: definition },
  });
  return { flow: recordOf(published), warnings };
};

const saveChanged = async (context: Context, workflow: Workflow, content: Flow, at: number): Promise<FlowRecord> => {
  const { db } = context.ports;
  const definition = definitionOfFlow(content);
  checkSize(definition);
  const change = changeOf(workflow, content, at);
  const unless = unlessFlowChanged(context, workflow);
  await batchUnless(context, unless, [
    updateWorkflow(db, workflow.organizationId, workflow.id, {
      ...change,
      definition: definition,
    }),
    auditStatement(context, { action: "workflow.updated", targetType: "workflow", targetId: workflow.id }),
  ]);
  return recordOf({ ...workflow, ...change });
};
