// The states of a marketing workflow: activated, paused, put back to a draft. Archiving is every workflow's (domain/workflow).
import { updateWorkflow } from "../../db/queries/workflows.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { DomainError } from "../errors.ts";
import { openWorkflow, requireNotArchived } from "../workflow/access.ts";
import { batchUnless, changeTime, changing, unlessChanged } from "../workflow/changing.ts";
import { stopListening } from "../workflow/listening.ts";
import { pauseOpened } from "../workflow/pause-workflow.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { compileWorkflow } from "./compile-workflow.ts";
import { readJoined } from "./joined.ts";
import { openForChange, openOwn } from "./open-workflow.ts";
import { saveWorkflow } from "./save-workflow.ts";
import { marketingWireOf } from "./wire.ts";

/** It may be without triggers and actions. Activating what is active tells its objects again. */
export const activateWorkflow = (context: Context, id: string): Promise<Workflow> =>
  changing(async () => {
    const workflow = await openForChange(context, id);
    const joined = await readJoined(context.ports.db, workflow.organizationId, id);
    return saveWorkflow(context, workflow, { joined, activates: true });
  });

export const neverActivated = (): DomainError =>
  new DomainError("impossible", "A draft can't be paused: it was never activated", { subject: "workflow" });

/** Of any API. Runs under way go on. Throws `impossible` for a draft. */
export const pauseWorkflow = (context: Context, id: string): Promise<Workflow> =>
  changing(async () => {
    const workflow = await openWorkflow(context, id, "edit");
    requireNotArchived(workflow);
    if (workflow.status === "draft") throw neverActivated();
    const at = changeTime(context, workflow);
    return { ...workflow, ...(await pauseOpened(context, workflow, at, unlessChanged(context, workflow))) };
  });

/** From any state. Nothing starts it until it is activated again. */
export const resetWorkflow = (context: Context, id: string): Promise<Workflow> =>
  changing(async () => {
    const workflow = await openOwn(context, id);
    const { db } = context.ports;
    const listening = await stopListening(context.ports, workflow);
    const change = { status: "draft", archivedAt: null, updatedAt: changeTime(context, workflow) } as const;
    // It may be executed as a draft, and in the archive it has followed no part.
    const definition = compileWorkflow(marketingWireOf(workflow), await readJoined(db, workflow.organizationId, id));
    await batchUnless(context, unlessChanged(context, workflow), [
      updateWorkflow(db, workflow.organizationId, id, {
        ...change,
        definition: definition,
      }),
      ...listening.statements,
      auditStatement(context, { action: "workflow.reset", targetType: "workflow", targetId: id }),
    ]);
    await listening.tellObjects();
    return { ...workflow, ...change, definition };
  });
