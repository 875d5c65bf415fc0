// From draft or stop to what people meet. The document is checked and compiled anew, so that what runs is what this product makes of it today.
import { forgetNodeEntries } from "../../db/queries/node-entries.ts";
import type { Context } from "../context.ts";
import { changeTime, changing } from "../workflow/changing.ts";
import { checkSize, sameDefinition } from "../workflow/definition.ts";
import { publishOpened } from "../workflow/publish-workflow.ts";
import type { FlowFinding } from "./check-flow.ts";
import { runnableFlow } from "./definition-of-flow.ts";
import { openFlow, unlessFlowChanged } from "./open-flow.ts";
import { type FlowRecord, recordOf } from "./record.ts";

/** Publishing what is published changes nothing. Throws `invalid_definition` with the findings. */
export const publishFlow = (context: Context, id: string): Promise<{ flow: FlowRecord; warnings: FlowFinding[] }> =>
  changing(async () => {
    const workflow = await openFlow(context, id, "edit");
    const { db, egress } = context.ports;
    const { definition, program, warnings } = runnableFlow(recordOf(workflow).content, egress);
    checkSize(definition);
    const isPublished = workflow.status === "active" && sameDefinition(definition, workflow.definition);
    const change = { definition: definition, updatedAt: changeTime(context, workflow) };
    const { workflow: published } = await publishOpened(context, { ...workflow, definition }, program, {
      unless: unlessFlowChanged(context, workflow),
      ...(!isPublished && { change }),
      // Entries count from the first publication on; a draft may have been run by hand.
      statements: workflow.publishedAt === null ? [forgetNodeEntries(db, workflow.organizationId, id)] : [],
    });
    const updatedAt = isPublished ? workflow.updatedAt : change.updatedAt;
    return { flow: recordOf({ ...published, updatedAt }), warnings };
  });
