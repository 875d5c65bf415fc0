// A run that starts another, through the whole stack.
import { beforeAll, describe, expect, it } from "vitest";
import type { ExecutionView } from "../../src/domain/ports.ts";
import { newId } from "../../src/lib/ids.ts";
import { makePorts } from "../../src/objects/ports.ts";
import { db, makeOrganization, testEnv } from "../fixtures/identity.ts";
import { definition, eventually, makeWorkflow, type TestWorkflow, trivial } from "./kit.ts";

const { executions } = makePorts(testEnv);
let organizationId: string;
beforeAll(async () => {
  organizationId = (await makeOrganization()).organizationId;
});

const parentOf = (workflowId: string, wait: boolean) =>
  makeWorkflow(
    organizationId,
    definition(
      {
        t: { type: "trigger_manual", config: {} },
        sub: { type: "action_subworkflow", config: { workflow_id: workflowId, wait, variables: { n: 5 } } },
      },
      ["t", "sub"],
    ),
  );

const run = async ({ workflowId, versionId }: TestWorkflow): Promise<ExecutionView> => {
  const executionId = newId();
  await executions.start({
    executionId,
    organizationId,
    workflowId,
    versionId,
    startNodes: [],
    event: { id: newId(), type: "MANUAL_TRIGGER", source: "api", data: {}, occurredAt: Date.now() },
    variables: {},
    metadata: {},
    dryRun: false,
    eventDepth: 0,
  });
  await executions.waitForEnd(organizationId, executionId, 5_000);
  return (await executions.read(organizationId, executionId))!;
};

const outputOf = (view: ExecutionView) =>
  view.visits.find((visit) => visit.nodeId === "sub")!.output as Record<string, unknown>;

describe("a sub-workflow", () => {
  it("that is waited for gives its end to its parent", async () => {
    const child = await makeWorkflow(
      organizationId,
      definition(
        {
          t: { type: "trigger_manual", config: {} },
          d: { type: "action_delay", config: { duration: 50, unit: "milliseconds" } },
        },
        ["t", "d"],
      ),
    );
    const parent = await run(await parentOf(child.workflowId, true));
    expect(parent.status).toBe("completed");
    const { execution_id: childId, status } = outputOf(parent);
    expect(status).toBe("completed");
    const view = (await executions.read(organizationId, String(childId)))!;
    expect(view).toMatchObject({ status: "completed", workflowId: child.workflowId, variables: { n: 5 } });
    const row = await eventually(() =>
      db.prepare("SELECT parent_id FROM executions WHERE id = ?1").bind(childId).first("parent_id"),
    );
    expect(row).toBe(parent.executionId);
  });

  it("that is not waited for goes its own way", async () => {
    const child = await makeWorkflow(
      organizationId,
      definition(
        {
          t: { type: "trigger_manual", config: {} },
          d: { type: "action_delay", config: { duration: 1, unit: "hours" } },
        },
        ["t", "d"],
      ),
    );
    const parent = await run(await parentOf(child.workflowId, false));
    expect(parent.status).toBe("completed");
    expect(["running", "waiting"]).toContain(outputOf(parent).status);
  });

  it("that is missing, foreign or not active fails the node", async () => {
    const stranger = (await makeOrganization()).organizationId;
    const foreign = await makeWorkflow(stranger, trivial("trigger_manual"));
    const draft = await makeWorkflow(organizationId, trivial("trigger_manual"), "draft");
    for (const [id, code] of [
      [newId(), "NOT_FOUND"],
      [foreign.workflowId, "NOT_FOUND"],
      [draft.workflowId, "NOT_ACTIVE"],
    ] as const) {
      const view = await run(await parentOf(id, true));
      expect([view.status, view.error?.code]).toEqual(["failed", code]);
    }
  });
});
