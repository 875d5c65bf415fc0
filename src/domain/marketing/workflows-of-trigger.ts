// The workflows that a trigger may start, those that the caller can see.
import { listWorkflowsOfTrigger, type WorkflowOfTrigger } from "../../db/queries/marketing-joins.ts";
import { atLeast, type Context } from "../context.ts";
import { readPart } from "./parts.ts";

export type { WorkflowOfTrigger };

/** Newest first. */
export const workflowsOfTrigger = async (
  context: Context,
  triggerId: string,
  page: { limit: number; offset: number },
): Promise<{ rows: WorkflowOfTrigger[]; total: number }> => {
  const { principal, ports } = context;
  await readPart(context, "trigger", triggerId);
  const visibleTo = atLeast(principal.role, "admin") ? {} : { visibleTo: principal.userId };
  return listWorkflowsOfTrigger(ports.db, principal.organizationId, { triggerId, ...visibleTo }, page);
};
