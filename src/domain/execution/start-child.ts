// A run that another run starts. Its id follows from the step, so that a repeated attempt starts nothing twice.
import { selectTargets, type Target } from "../../db/queries/subscriptions.ts";
import { derivedId, timeOfId } from "../../lib/ids.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { Attempted, ChildRun, StepRef } from "../action-ports.ts";
import type { Ports } from "../ports.ts";

/** One read, and two calls to the child's object. */
export const startChild = async (
  { db, executions, now }: Pick<Ports, "db" | "executions" | "now">,
  step: StepRef,
  { workflowId, variables, wait }: { workflowId: string; variables: JsonObject; wait: boolean },
): Promise<Attempted<ChildRun>> => {
  const { organizationId } = step;
  const target = await selectTargets(db, [{ organizationId, workflowId }]).first<Target>();
  if (!target) return refused("NOT_FOUND", `There is no workflow ${workflowId}`);
  if (target.status !== "active" || target.versionId === null)
    return refused("NOT_ACTIVE", `The workflow ${workflowId} is ${target.status}`);
  const born = timeOfId(step.executionId) ?? now();
  const executionId = await derivedId(born, "child", step.key);
  await executions.start({
    executionId,
    organizationId,
    workflowId,
    versionId: target.versionId,
    startNodes: [],
    event: {
      id: await derivedId(born, "child event", step.key),
      type: "MANUAL_TRIGGER",
      source: `execution:${step.executionId}`,
      data: variables,
      occurredAt: now(),
    },
    variables,
    metadata: {},
    dryRun: false,
    ...(wait ? { parent: { executionId: step.executionId, key: step.key, depth: step.eventDepth } } : {}),
    eventDepth: step.eventDepth + 1,
    unlisted: true,
  });
  const view = await executions.read(organizationId, executionId);
  if (!view) return { outcome: "unknown", reason: "the child run cannot be read" };
  const { status, output, error } = view;
  return {
    outcome: "ok",
    value: {
      executionId,
      status: status === "queued" ? "running" : status,
      output,
      error: error && { code: error.code, message: error.message },
    },
  };
};

const refused = (code: string, message: string): Attempted<ChildRun> => ({
  outcome: "refused",
  code,
  message,
  retryable: false,
});
