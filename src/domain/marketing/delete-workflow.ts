// The end of a marketing workflow. One that has run is archived, so that its history stays readable; one that never ran is gone.
import { countsOf, deleteJoinsOfWorkflow, deleteWorkflowRow } from "../../db/queries/marketing-joins.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { openWorkflowHead } from "../workflow/access.ts";
import { archiveWorkflow } from "../workflow/archive-workflow.ts";
import { batchUnless, changing, unlessChanged } from "../workflow/changing.ts";
import { stopListening } from "../workflow/listening.ts";

/** Of another API's it is the archive, whether it ran or not. */
export const deleteWorkflow = (context: Context, id: string): Promise<{ isArchived: boolean }> =>
  changing(async () => {
    const workflow = await openWorkflowHead(context, id, "delete");
    const { db } = context.ports;
    const { organizationId, name } = workflow;
    const counts = (await countsOf(db, organizationId, [id])).get(id);
    if (workflow.authoring !== "marketing" || (counts?.executions ?? 0) > 0) {
      await archiveWorkflow(context, id);
      return { isArchived: true };
    }
    const listening = await stopListening(context.ports, workflow);
    await batchUnless(context, unlessChanged(context, workflow), [
      ...listening.statements,
      ...deleteJoinsOfWorkflow(db, workflow),
      ...deleteWorkflowRow(db, workflow),
      auditStatement(context, { action: "workflow.deleted", targetType: "workflow", targetId: id, details: { name } }),
    ]);
    await listening.tellObjects();
    return { isArchived: false };
  });
