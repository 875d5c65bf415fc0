// A run that starts another, through the whole stack.
import { runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { MAX_GRANDCHILDREN } from "../../src/domain/execution/start-child.ts";
import type { ExecutionView } from "../../src/domain/ports.ts";
import { newId } from "../../src/lib/ids.ts";
import { makePorts } from "../../src/objects/ports.ts";
import type { LimiterRpc } from "../../src/objects/rpc.ts";
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

const start = async ({ workflowId, versionId }: TestWorkflow, eventDepth = 0): Promise<string> => {
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
    eventDepth,
  });
  return executionId;
};

const run = async (workflow: TestWorkflow, eventDepth = 0): Promise<ExecutionView> => {
  const executionId = await start(workflow, eventDepth);
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
    // It waits, and says so in the words of who reads it.
    expect(outputOf(parent).status).toBe("running");
    const { execution_id: childId } = outputOf(parent);
    await eventually(async () => (await executions.read(organizationId, String(childId)))?.status === "waiting");
    // A call within a run is no event: nobody else hears of it.
    const row = await db
      .prepare("SELECT event_id FROM executions WHERE id = ?1")
      .bind(childId)
      .first<string>("event_id");
    expect(await db.prepare("SELECT 1 FROM events WHERE id = ?1").bind(row).first()).toBeNull();
  });

  it("that is waited for ends with the run that waits, however that ends", async () => {
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
    const childIs = (parentId: string, status: string) =>
      eventually(() =>
        db
          .prepare("SELECT id FROM executions WHERE workflow_id = ?1 AND parent_id = ?2 AND status = ?3")
          .bind(child.workflowId, parentId, status)
          .first(),
      );
    const waiting = await parentOf(child.workflowId, true);
    const cancelled = await start(waiting);
    await childIs(cancelled, "waiting");
    await executions.cancel(organizationId, cancelled, "the test says so");
    await childIs(cancelled, "cancelled");

    // While the child is still being started.
    const hasty = await start(waiting);
    await executions.cancel(organizationId, hasty, "the test says so");
    await childIs(hasty, "cancelled");

    const graph = definition(
      {
        t: { type: "trigger_manual", config: {} },
        d: { type: "action_delay", config: { duration: 300, unit: "milliseconds" } },
        bad: { type: "action_add_tag", config: { tag_name: "for nobody" } },
        sub: { type: "action_subworkflow", config: { workflow_id: child.workflowId, wait: true } },
      },
      ["t", "d", "bad"],
    );
    const branch = { id: "branch", from: "t", fromPort: "output", to: "sub", toPort: "input" };
    const failed = await run(await makeWorkflow(organizationId, { ...graph, edges: [...graph.edges, branch] }));
    expect(failed.error?.nodeId).toBe("bad");
    await childIs(failed.executionId, "cancelled");
  });

  it("that is waited for goes on while a time-out is tried again, and ends with the last one", async () => {
    const child = await makeWorkflow(
      organizationId,
      definition(
        {
          t: { type: "trigger_manual", config: {} },
          d: { type: "action_delay", config: { duration: 700, unit: "milliseconds" } },
        },
        ["t", "d"],
      ),
    );
    const parent = await makeWorkflow(
      organizationId,
      definition(
        {
          t: { type: "trigger_manual", config: {} },
          sub: {
            type: "action_subworkflow",
            config: {
              workflow_id: child.workflowId,
              wait: true,
              timeout_seconds: 0.4,
              retry: { max_attempts: 3, backoff_seconds: 0.05 },
            },
          },
        },
        ["t", "sub"],
      ),
    );
    const view = await run(parent);
    expect(view.status).toBe("completed");
    expect(view.visits.find((visit) => visit.nodeId === "sub")!.attempts).toBeGreaterThan(1);
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

  it("starts no more of its own than the organization may have: children of children multiply", async () => {
    const { max, windowMs } = MAX_GRANDCHILDREN;
    const limiter = testEnv.LIMITER.get(testEnv.LIMITER.idFromName(`grandchildren:${organizationId}`));
    await runInDurableObject(limiter, async (object) => {
      for (let use = 1; use < max; use++) await (object as unknown as LimiterRpc).take(max, windowMs);
    });
    const parent = await parentOf((await makeWorkflow(organizationId, trivial("trigger_manual"))).workflowId, true);
    expect((await run(parent, 1)).status).toBe("completed");
    expect(await run(parent, 1)).toMatchObject({ status: "failed", error: { code: "BUDGET_EXCEEDED", nodeId: "sub" } });
    // What somebody starts by hand starts its children as ever.
    expect((await run(parent)).status).toBe("completed");
  });
});
