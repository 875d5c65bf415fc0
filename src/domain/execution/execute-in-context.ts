// An execution by hand as the enhanced API asks for it: for real or as a test, for a contact under either of their ids, with an estimate of its time.
import { findContactId } from "../contact/find-contact-id.ts";
import type { Context } from "../context.ts";
import { estimateRun } from "./estimate-run.ts";
import { executeAsTest } from "./execute-as-test.ts";
import { type ExecuteRequest, executeWorkflow, type StartedExecution } from "./execute-workflow.ts";

export type ExecuteInContext = ExecuteRequest & {
  /** The caller's own id of the contact; one that is nobody's is no contact. */
  userId?: string;
  isTest: boolean;
};

/** `estimateMs`: of the execution once it has started. Throws what `executeWorkflow` throws. */
export const executeInContext = async (
  context: Context,
  workflowId: string,
  { userId, isTest, ...request }: ExecuteInContext,
): Promise<StartedExecution & { estimateMs: number }> => {
  // Before anything is begun: who is refused leaves nothing behind.
  const { estimateMs, workMs } = await estimateRun(context, workflowId);
  const { ports, principal } = context;
  const found =
    userId === undefined || request.contactId !== undefined
      ? undefined
      : await findContactId(ports.db, principal.organizationId, userId);
  const expected = workMs === undefined ? request : { ...request, expectedMs: workMs };
  const about = found === undefined ? expected : { ...expected, contactId: found };
  const execute = isTest ? executeAsTest : executeWorkflow;
  const started = { ...(await execute(context, workflowId, about)), estimateMs };
  if (started.status !== "queued" || started.place || request.startAt !== undefined) return started;
  // Asked for once more: it stands somewhere else by now.
  const { executionId: id } = started;
  const place = (await ports.queues.places(principal.organizationId, [id]))[id];
  return place?.state === "queued" ? { ...started, place } : started;
};
