// Who may do what with one workflow, beyond or below their role.
import {
  listWorkflowPermissions,
  replaceWorkflowPermissions,
  type WorkflowPermission,
} from "../../db/queries/workflows.ts";
import { auditStatement } from "../audit/record.ts";
import { atLeast, type Context } from "../context.ts";
import { DomainError } from "../errors.ts";
import { refuseGrantsBeyondKey } from "../permission.ts";
import { openWorkflowHead } from "./access.ts";

export type { WorkflowPermission };

/** Only the workflow's creator and the organisation's admins decide about permissions. */
const openAsOwner = async (context: Context, id: string) => {
  const workflow = await openWorkflowHead(context, id, "edit");
  const { principal } = context;
  if (workflow.createdBy === principal.userId || atLeast(principal.role, "admin")) return workflow;
  throw new DomainError("forbidden", "Permissions are the workflow's owner's to see and change", {
    subject: "workflow",
  });
};

export const readWorkflowPermissions = async (context: Context, id: string): Promise<WorkflowPermission[]> => {
  const { organizationId } = await openAsOwner(context, id);
  return listWorkflowPermissions(context.ports.db, organizationId, id);
};

/** The given permissions take the place of all that were; of two for the same user the last counts. */
export const setWorkflowPermissions = async (
  context: Context,
  id: string,
  given: WorkflowPermission[],
): Promise<WorkflowPermission[]> => {
  const { organizationId } = await openAsOwner(context, id);
  refuseGrantsBeyondKey(context.principal, given);
  const byUser = new Map(given.map((permission) => [permission.userId, permission]));
  const permissions = [...byUser.values()].toSorted((a, b) => (a.userId < b.userId ? -1 : 1));
  const { db } = context.ports;
  await db.batch([
    ...replaceWorkflowPermissions(db, organizationId, id, permissions),
    auditStatement(context, {
      action: "workflow.permissions_changed",
      targetType: "workflow",
      targetId: id,
      details: { permissions },
    }),
  ]);
  return permissions;
};
