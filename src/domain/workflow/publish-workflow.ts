// From draft to what runs: an immutable version, and everything that listens for it, in one batch; the objects are told after.
import {
  findLatestVersion,
  insertVersion,
  isArchivedMeanwhile,
  refuseArchived,
  updateWorkflow,
  type WorkflowRow,
} from "../../db/queries/workflows.ts";
import type { Program } from "../../engine/program.ts";
import { newId } from "../../lib/ids.ts";
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
  const { organizationId } = workflow;
  return publishOpened(context, workflow, program, {
    // Archived between the look and this, it stays so: whoever ended it was told that nothing starts it any more.
    unless: { statement: refuseArchived(context.ports.db, organizationId, id), refusal: isArchived },
  });
};

type Publishing = {
  /** What makes the batch fail, and what is said then (`isArchivedMeanwhile`). */
  unless: { statement: D1PreparedStatement; refusal: () => Error };
  /** Saved with it, for an API that saves and publishes in one step; already in `workflow`. */
  change?: Partial<Omit<WorkflowRow, "organizationId" | "id" | "status">>;
  /** Further statements of the same batch. */
  statements?: D1PreparedStatement[];
};

/** What `workflow` holds becomes its version and what listens, in one batch. `program` is what its definition compiled to. */
export const publishOpened = async (
  context: Context,
  workflow: Workflow,
  program: Program,
  { unless, change, statements = [] }: Publishing,
): Promise<PublishedWorkflow> => {
  const { db, now } = context.ports;
  const { organizationId, id } = workflow;
  const at = now();
  const version = await versionOf(context, workflow, at);
  const listening = await startListening(context.ports, workflow, version.id, program);
  const isCurrent =
    workflow.status === "active" && workflow.publishedVersionId === version.id && workflow.publishedAt !== null;
  const publishedAt = isCurrent ? workflow.publishedAt! : at;
  if (!isCurrent || change) {
    const batch = db.batch([
      unless.statement,
      ...version.statements,
      updateWorkflow(db, organizationId, id, {
        updatedAt: at,
        ...change,
        status: "active",
        publishedVersionId: version.id,
        publishedAt,
        maxConcurrency: program.settings.maxConcurrency ?? null,
      }),
      ...listening.statements,
      ...statements,
      auditStatement(context, {
        action: "workflow.published",
        targetType: "workflow",
        targetId: id,
        details: { versionId: version.id, version: version.number },
      }),
    ]);
    await batch.catch((error: unknown) => {
      throw isArchivedMeanwhile(error) ? unless.refusal() : error;
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
  if (latest && sameDefinition(latest.definition as Definition, definition)) {
    return { id: latest.id, number: latest.number, statements: [] };
  }
  const id = newId(at);
  const statement = insertVersion(db, {
    organizationId,
    id,
    workflowId: workflow.id,
    definition: definition,
    createdBy: context.principal.userId,
    createdAt: at,
  });
  return { id, number: (latest?.number ?? 0) + 1, statements: [statement] };
};
