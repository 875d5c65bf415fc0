// The end of a run, for a caller who waits for it.
import type { Context } from "../context.ts";
import { DomainError } from "../errors.ts";
import type { ExecutionView } from "../ports.ts";
import type { StartedExecution } from "./execute-workflow.ts";
import { redactView } from "./redact.ts";

/**
 * Throws `execution_timeout` after `timeoutMs`, and when its object cannot be watched any longer (a new deployment ends its memory); the run goes
 * on.
 */
export const waitForExecution = async (
  { ports, principal }: Context,
  { executionId, workflowId }: StartedExecution,
  timeoutMs: number,
): Promise<ExecutionView> => {
  const { organizationId } = principal;
  const ended = await ports.executions.waitForEnd(organizationId, executionId, timeoutMs).catch((error: unknown) => {
    console.warn(JSON.stringify({ at: "execution.wait", execution: executionId, message: String(error) }));
    return null;
  });
  const view = ended && (await ports.executions.read(organizationId, executionId));
  if (view) return redactView(view);
  throw new DomainError("execution_timeout", `The workflow did not end within ${timeoutMs / 1000} s; it goes on`, {
    subject: "execution",
    details: { executionId, workflowId },
  });
};
