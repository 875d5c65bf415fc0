// Ending a run before its own end.
import { isFirstOf } from "../../db/queries/audit.ts";
import { isFinal } from "../../engine/contract.ts";
import { auditStatementIf } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { DomainError, notFound } from "../errors.ts";
import { readExecution } from "./read-execution.ts";

/** Throws `execution_refused` for a run that has ended, by itself or by somebody else's cancel. */
export const cancelExecution = async (
  context: Context,
  id: string,
  reason?: string,
): Promise<{ executionId: string; cancelledAt: number }> => {
  const view = await readExecution(context, id, "execute");
  if (isFinal(view.status)) throw hasEnded(view.status);
  const { ports, principal } = context;
  // Before the cancel, so that none goes unrecorded; once, however many cancel at once.
  const action = "execution.cancelled";
  const first = isFirstOf(principal.organizationId, action, { type: "execution", id });
  await ports.db.batch([auditStatementIf(context, first, { action, targetType: "execution", targetId: id })]);
  const told = await ports.executions.cancel(
    principal.organizationId,
    id,
    reason ?? `Cancelled by ${principal.username}`,
  );
  if (!told) throw notFound("execution");
  if (!told.cancelled) throw hasEnded(told.status);
  return { executionId: id, cancelledAt: told.at };
};

const hasEnded = (status: string): DomainError =>
  new DomainError("execution_refused", `The execution has ended as ${status}`, {
    subject: "execution",
    details: { status },
  });
