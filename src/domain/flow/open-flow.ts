// Reading one flow on behalf of somebody: users see and change their own flows only, whatever their role; the first line of every verb about one.
import { findWorkflow } from "../../db/queries/workflows.ts";
import { isObjectId } from "../../lib/ids.ts";
import type { Context } from "../context.ts";
import { DomainError, notFound } from "../errors.ts";
import { lacking, may, type Verb } from "../permission.ts";
import { type Unless, unlessChanged } from "../workflow/changing.ts";
import type { Workflow } from "../workflow/workflow.ts";

/** Another user's flow does not exist for who reads, and is refused to who writes (`forbidden`). One that was deleted is gone for both. */
export const openFlow = async (context: Context, id: string, verb: Verb): Promise<Workflow> => {
  if (!isObjectId(id)) throw notFound("flow");
  const { principal, ports } = context;
  const found = await findWorkflow(ports.db, principal.organizationId, id, principal.userId);
  if (found?.workflow.authoring !== "flow" || found.workflow.status === "archived") throw notFound("flow");
  const { workflow, grant } = found;
  if (workflow.createdBy !== principal.userId) {
    if (verb === "view") throw notFound("flow");
    throw new DomainError("forbidden", "This flow belongs to another user", { subject: "flow" });
  }
  if (!may(principal, { createdBy: workflow.createdBy, explicit: grant }, verb)) throw lacking(principal, verb, "flow");
  return workflow as Workflow;
};

/** What makes a batch fail when the flow is no longer as it was read. */
export const unlessFlowChanged = (context: Context, workflow: Workflow): Unless =>
  unlessChanged(context, workflow, "flow");
