// From draft to what runs: an immutable version, and everything that listens for it, in one batch; the objects are told after.
import {
  findLatestVersion,
  insertVersion,
  isArchivedMeanwhile,
  refuseArchived,
  updateWorkflow,
} from "../../db/queries/workflows.ts";
import { newId } from "../../lib/ids.ts";
import type { JsonObject } from "../../lib/json.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { isArchived, openWorkflow, requireAuthoring, requireNotArchived } from "./access.ts";
import { type Definition, programOf, sameDefinition } from "./definition.ts";
import { startListening } from "./listening.ts";
import type { Authoring, Workflow } from "./workflow.ts";

export type PublishedWorkflow = { workflow: Workflow; publishedAt: number; version: number };

/**
 * Publishing the same draft again makes no new version and changes nothing; it tells the objects again, so that a publish whose end was
 * lost can be repeated. Throws `invalid_definition` with the errors of the draft.
 */
export const publishWorkflow = async (context: Context, via: Authoring, id: string): Promise<PublishedWorkflow> => {
  const workflow = await openWorkflow(context, id, "edit");
  requireAuthoring(workflow, via);
  requireNotArchived(workflow);
  const program = programOf(workflow.definition, "invalid_definition", context.ports.egress);

  const { db, now } = context.ports;
  const { organizationId } = workflow;
  const at = now();
  const version = await versionOf(context, workflow, at);
  const listening = await startListening(context.ports, workflow, version.id, program);
  const isCurrent =
    workflow.status === "active" && workflow.publishedVersionId === version.id && workflow.publishedAt !== null;
  const publishedAt = isCurrent ? workflow.publishedAt! : at;
  if (!isCurrent) {
    const batch = db.batch([
      // Archived between the look and this, it stays so: whoever ended it was told that nothing starts it any more.
      refuseArchived(db, organizationId, id),
      ...version.statements,
      updateWorkflow(db, organizationId, id, {
        status: "active",
        publishedVersionId: version.id,
        publishedAt,
        updatedAt: at,
      }),
      ...listening.statements,
      auditStatement(context, {
        action: "workflow.published",
        targetType: "workflow",
        targetId: id,
        details: { versionId: version.id, version: version.number },
      }),
    ]);
    await batch.catch((error: unknown) => {
      throw isArchivedMeanwhile(error) ? isArchived() : error;
    });
  }
  await listening.tellObjects();
  return {
    workflow: { ...workflow, status: "active", publishedVersionId: version.id, publishedAt },
    publishedAt,
    version: version.number,
  };
};

/** The version that holds this workflow's draft: the latest one when it is the same, else a new one, with the statement that makes it. */
export const versionOf = async (
  context: Context,
  workflow: Workflow,
  at: number,
): Promise<{ id: string; number: number; statements: D1PreparedStatement[] }> => {
  const { db } = context.ports;
  const { organizationId, definition } = workflow;
  const latest = await findLatestVersion(db, organizationId, workflow.id);
  if (latest && sameDefinition(latest.definition as unknown as Definition, definition)) {
    return { id: latest.id, number: latest.number, statements: [] };
  }
  const id = newId(at);
  const statement = insertVersion(db, {
    organizationId,
    id,
    workflowId: workflow.id,
    definition: definition as unknown as JsonObject,
    createdBy: context.principal.userId,
    createdAt: at,
  });
  return { id, number: (latest?.number ?? 0) + 1, statements: [statement] };
};
