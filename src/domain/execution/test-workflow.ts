// A dry run of a workflow's draft, for its author. Leaves one audit row and nothing else.
import { CURRENT_FLAGS } from "../../engine/flags.ts";
import { newId } from "../../lib/ids.ts";
import type { JsonObject } from "../../lib/json.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { openWorkflow } from "../workflow/access.ts";
import { programOf } from "../workflow/definition.ts";
import { type DryRun, dryRun } from "./dry-run.ts";
import { redactView } from "./redact.ts";
import { checkRunSize } from "./run-size.ts";

export type TestedRun = DryRun;

/** Throws `execution_refused` with the errors of a draft that cannot run. */
export const testWorkflow = async (
  context: Context,
  workflowId: string,
  { variables, metadata }: { variables: JsonObject; metadata: JsonObject },
): Promise<TestedRun> => {
  const workflow = await openWorkflow(context, workflowId, "execute");
  checkRunSize({ variables, metadata });
  const program = programOf(workflow.definition, "execution_refused");
  const { db, now, code } = context.ports;
  await db.batch([
    auditStatement(context, { action: "workflow.tested", targetType: "workflow", targetId: workflowId }),
  ]);
  const at = now();
  const { organizationId } = workflow;
  const run = await dryRun(
    program,
    {
      flags: CURRENT_FLAGS,
      executionId: newId(at),
      organizationId,
      workflowId,
      versionId: "draft",
      startNodes: [],
      event: { id: newId(at), type: "MANUAL_TRIGGER", source: "test", data: variables, occurredAt: at },
      variables,
      metadata,
      username: context.principal.username,
    },
    { now, code },
  );
  return { ...run, view: redactView(run.view) };
};
