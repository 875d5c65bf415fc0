// What a workflow's settings do to its runs, through the whole stack: a failure that starts another workflow, hours in which no message leaves, a time that ends it.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import type { DefinitionSettings } from "../../src/engine/contract.ts";
import { newId } from "../../src/lib/ids.ts";
import { makePorts } from "../../src/objects/ports.ts";
import { db, makeOrganization, testEnv } from "../fixtures/identity.ts";
import { definition, eventually, makeWorkflow, type TestWorkflow, trivial } from "./kit.ts";

const { executions } = makePorts(testEnv);
let organizationId: string;
beforeAll(async () => {
  organizationId = (await makeOrganization()).organizationId;
});

const start = async ({ workflowId, versionId }: TestWorkflow, type = "MANUAL_TRIGGER"): Promise<string> => {
  const executionId = newId();
  await executions.start({
    executionId,
    organizationId,
    workflowId,
    versionId,
    startNodes: [],
    event: { id: newId(), type, source: "api", data: { order: 7 }, occurredAt: Date.now() },
    variables: { city: "Graz", token: "s3cret" },
    metadata: {},
    dryRun: false,
    eventDepth: 0,
  });
  return executionId;
};

const failing = (settings: DefinitionSettings) => ({
  ...definition(
    { t: { type: "trigger_manual", config: {} }, sub: { type: "action_subworkflow", config: { workflow_id: "none" } } },
    ["t", "sub"],
  ),
  settings,
});

const runsOf = async (workflowId: string): Promise<string[]> => {
  const { results } = await db
    .prepare("SELECT id FROM executions WHERE org_id = ?1 AND workflow_id = ?2")
    .bind(organizationId, workflowId)
    .all<{ id: string }>();
  return results.map(({ id }) => id);
};

describe("an error workflow", () => {
  it("is started once by a run that fails, with what is known of it", async () => {
    const rescue = await makeWorkflow(organizationId, trivial("trigger_manual"));
    const broken = await makeWorkflow(
      organizationId,
      failing({ errorWorkflowId: rescue.workflowId, secrets: ["token"] }),
    );
    const executionId = await start(broken);
    await executions.waitForEnd(organizationId, executionId, 5_000);
    const [started] = (await eventually(async () => {
      const runs = await runsOf(rescue.workflowId);
      return runs.length > 0 ? runs : undefined;
    }))!;
    await executions.waitForEnd(organizationId, started!, 5_000);
    const view = (await executions.read(organizationId, started!))!;
    expect(view.status).toBe("completed");
    expect(view.visits[0]!.output).toMatchObject({
      execution_id: executionId,
      workflow_id: broken.workflowId,
      status: "failed",
      error: { code: "NOT_FOUND", node_id: "sub" },
      trigger: { type: "MANUAL_TRIGGER", data: { order: 7 } },
      variables: { city: "Graz" },
    });
    expect(JSON.stringify(view)).not.toContain("s3cret");
    // It died after the commit, before it had told, or before it knew that it had: its next life tells it again.
    const stub = testEnv.EXECUTION.get(testEnv.EXECUTION.idFromName(executionId));
    const told = (failureTold?: boolean) =>
      runInDurableObject(stub, (_, { storage: { sql } }) => {
        const meta = JSON.parse(
          sql.exec<{ value: string }>("SELECT value FROM records WHERE key = 'meta'").one().value,
        );
        if (failureTold === undefined) return meta.failureTold;
        sql.exec("UPDATE records SET value = ? WHERE key = 'meta'", JSON.stringify({ ...meta, failureTold }));
      });
    await eventually(() => told());
    await told(false);
    await evictDurableObject(stub);
    await executions.read(organizationId, executionId);
    await runInDurableObject(stub, (_, { storage }) => storage.setAlarm(Date.now() + 60_000));
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    await eventually(() => told());
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await runsOf(rescue.workflowId)).toEqual([started]);
  });

  it("that fails itself starts none", async () => {
    const last = await makeWorkflow(organizationId, trivial("trigger_manual"));
    const rescue = await makeWorkflow(organizationId, failing({ errorWorkflowId: last.workflowId }));
    const executionId = await start(rescue, "EXECUTION_FAILED");
    await executions.waitForEnd(organizationId, executionId, 5_000);
    expect((await executions.read(organizationId, executionId))!.status).toBe("failed");
    const log = await db
      .prepare("SELECT count(*) AS n FROM events WHERE org_id = ?1 AND source = ?2")
      .bind(organizationId, `execution:${executionId}`)
      .first("n");
    expect(log).toBe(0);
  });

  it("is told of a run that ran out of time", async () => {
    const rescue = await makeWorkflow(organizationId, trivial("trigger_manual"));
    const slow = await makeWorkflow(organizationId, {
      ...definition(
        {
          t: { type: "trigger_manual", config: {} },
          d: { type: "action_delay", config: { duration: 1, unit: "hours" } },
        },
        ["t", "d"],
      ),
      settings: { timeoutSeconds: 0.05, errorWorkflowId: rescue.workflowId },
    });
    const executionId = await start(slow);
    expect(await executions.waitForEnd(organizationId, executionId, 5_000)).toEqual({ status: "timed_out" });
    expect(await eventually(async () => (await runsOf(rescue.workflowId))[0])).toBeDefined();
  });
});

describe("quiet hours of a workflow", () => {
  const at = (offsetHours: number): string =>
    new Date(Date.now() + offsetHours * 3_600_000).toISOString().slice(11, 16);
  const saying = (quietHours: NonNullable<DefinitionSettings["quietHours"]>) =>
    makeWorkflow(organizationId, {
      ...definition(
        {
          t: { type: "trigger_manual", config: {} },
          say: { type: "action_chat_message", config: { message: "Hello" } },
        },
        ["t", "say"],
      ),
      settings: { quietHours },
    });

  it("hold its messages back until they are over", async () => {
    const executionId = await start(await saying({ start: at(-1), end: at(1), timezone: "UTC" }));
    const view = await eventually(async () => {
      const read = await executions.read(organizationId, executionId);
      return read?.status === "waiting" ? read : undefined;
    });
    expect(view!.visits.at(-1)!.logs.join()).toMatch(/waits until .*: It is quiet in UTC/);
    const row = await db
      .prepare("SELECT status, gates, hold_until FROM messages WHERE org_id = ?1 AND execution_id = ?2")
      .bind(organizationId, executionId)
      .first<{ status: string; gates: string; hold_until: number }>();
    expect(row!.status).toBe("scheduled");
    expect(JSON.parse(row!.gates)).toMatchObject({ failed: "quiet_hours" });
    expect(row!.hold_until).toBeGreaterThan(Date.now() + 50 * 60_000);
    await executions.cancel(organizationId, executionId, "test");
  });

  it("in a zone where it is day let them pass", async () => {
    const executionId = await start(await saying({ start: at(1), end: at(2), timezone: "UTC" }));
    expect(await executions.waitForEnd(organizationId, executionId, 5_000)).toEqual({ status: "completed" });
  });
});
