// Reading one workflow on behalf of somebody: it exists in their organisation, and they may do this with it. The first line of every verb about a
// workflow.
import { findWorkflow, findWorkflowHead, type WorkflowGrant } from "../../db/queries/workflows.ts";
import type { Context } from "../context.ts";
import { DomainError, notFound } from "../errors.ts";
import { lacking, may, type Verb } from "../permission.ts";
import type { Authoring, Workflow, WorkflowSummary } from "./workflow.ts";

type Found<W> = { workflow: W; grant: WorkflowGrant | null } | undefined;

const permitted = <W extends WorkflowSummary>(context: Context, found: Found<W>, verb: Verb): W => {
  if (!found) throw notFound("workflow");
  const { workflow, grant } = found;
  if (may(context.principal, { createdBy: workflow.createdBy, explicit: grant }, verb)) return workflow;
  throw lacking(context.principal, verb, "workflow");
};

/** Throws `not_found` for another organisation's as for a missing one, `forbidden` inside the organisation. One read. */
export const openWorkflow = async (context: Context, id: string, verb: Verb): Promise<Workflow> => {
  const { organizationId, userId } = context.principal;
  const found = await findWorkflow(context.ports.db, organizationId, id, userId);
  return permitted(context, found, verb) as Workflow;
};

/** The same without the graph. */
export const openWorkflowHead = async (context: Context, id: string, verb: Verb): Promise<WorkflowSummary> => {
  const { organizationId, userId } = context.principal;
  return permitted(context, await findWorkflowHead(context.ports.db, organizationId, id, userId), verb);
};

/** The same, with whether the caller may do other things with it as well. */
export const openWorkflowHeadWith = async (
  context: Context,
  id: string,
  verb: Verb,
): Promise<{ workflow: WorkflowSummary; mayAlso: (verb: Verb) => boolean }> => {
  const { organizationId, userId } = context.principal;
  const found = await findWorkflowHead(context.ports.db, organizationId, id, userId);
  const workflow = permitted(context, found, verb);
  const grants = { createdBy: workflow.createdBy, explicit: found!.grant };
  return { workflow, mayAlso: (other) => may(context.principal, grants, other) };
};

/** A graph is edited only where it was made. */
export const requireAuthoring = (workflow: WorkflowSummary, via: Authoring): void => {
  if (workflow.authoring === via) return;
  throw new DomainError(
    "conflict",
    `This workflow was made through the ${workflow.authoring} API and is edited there`,
    {
      subject: "workflow",
      details: { authoring: workflow.authoring },
    },
  );
};

export const requireNotArchived = (workflow: WorkflowSummary): void => {
  if (workflow.status !== "archived") return;
  throw isArchived();
};

export const isArchived = (): DomainError =>
  new DomainError("impossible", "The workflow is archived", { subject: "workflow" });

export const readWorkflow = (context: Context, id: string): Promise<Workflow> => openWorkflow(context, id, "view");
