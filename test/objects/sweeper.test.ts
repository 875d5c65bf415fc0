// The sweeper: what is overdue is woken, what never was is said so, and nothing keeps it awake for nothing.
import {
  createExecutionContext,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
  waitOnExecutionContext,
} from "cloudflare:test";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { newId } from "../../src/lib/ids.ts";
import { makePorts } from "../../src/objects/ports.ts";
import { sweeperStub } from "../../src/objects/rpc.ts";
import worker from "../../src/worker.ts";
import { db, makeOrganization, testEnv } from "../fixtures/identity.ts";
import { definition, eventually, makeWorkflow, trivial } from "./kit.ts";

const stub = testEnv.SWEEPER.get(testEnv.SWEEPER.idFromName("sweeper"));
const alarmAt = () => runInDurableObject(stub, (_, state) => state.storage.getAlarm());
const sweep = async () => {
  await sweeperStub(testEnv).ensure();
  await runDurableObjectAlarm(stub);
};

beforeEach(async () => {
  await db.batch([db.prepare("DELETE FROM executions"), db.prepare("DELETE FROM schedules")]);
});

const insertRun = (organizationId: string, id: string, nextWakeAt: number | null, seq = 0) =>
  db
    .prepare(
      `INSERT INTO executions (org_id, id, workflow_id, version_id, status, seq, trigger_type, started_at, created_at, updated_at, next_wake_at)
       VALUES (?1, ?2, 'w', 'v', 'running', ?4, 'custom', 1, 1, 1, ?3)`,
    )
    .bind(organizationId, id, nextWakeAt, seq)
    .run();

describe("sweeper", () => {
  it("goes to sleep when nothing is pending, and stays awake while something is", async () => {
    await sweep();
    expect(await alarmAt()).toBeNull();
    await insertRun("org", newId(), Date.now() + 3_600_000);
    await sweep();
    expect(await alarmAt()).toBeGreaterThan(Date.now());
  });

  it("is asked any number of times and keeps its one alarm", async () => {
    await sweeperStub(testEnv).ensure();
    const first = await alarmAt();
    await sweeperStub(testEnv).ensure();
    expect(await alarmAt()).toBe(first);
  });

  it("makes an overdue run tell the index how it stands", async () => {
    const { organizationId } = await makeOrganization();
    const graph = definition({ t: { type: "trigger_manual", config: {} }, end: { type: "flow_end", config: {} } }, [
      "t",
      "end",
    ]);
    const { workflowId, versionId } = await makeWorkflow(organizationId, graph);
    const executionId = newId();
    await makePorts(testEnv).executions.start({
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
    const stored = () =>
      db.prepare("SELECT status FROM executions WHERE id = ?1").bind(executionId).first<string>("status");
    await eventually(async () => (await stored()) === "completed");
    // As if its report had been lost.
    await db.prepare("DELETE FROM executions WHERE id = ?1").bind(executionId).run();
    await insertRun(organizationId, executionId, Date.now() - 1_000);
    await sweep();
    await eventually(async () => (await stored()) === "completed");
  });

  it("ends a run that was announced and never started, and no other", async () => {
    const { organizationId } = await makeOrganization();
    const [never, reported] = [newId(), newId()];
    await insertRun(organizationId, never, Date.now() - 1_000);
    await insertRun(organizationId, reported, Date.now() - 1_000, 4);
    await sweep();
    const row = await db
      .prepare("SELECT status, error, next_wake_at FROM executions WHERE id = ?1")
      .bind(never)
      .first();
    expect(row).toEqual({ status: "failed", error: "The run was accepted and never started", next_wake_at: null });
    const other = await db
      .prepare("SELECT status, next_wake_at FROM executions WHERE id = ?1")
      .bind(reported)
      .first<{ next_wake_at: number }>();
    expect(other).toMatchObject({ status: "running" });
    // Not asked again at once.
    expect(other!.next_wake_at).toBeGreaterThan(Date.now() + 60_000);
  });

  const NO_OTHER_TERMS = { at: null, everyMs: null, since: null };

  /** A schedule of a published workflow, as its row says, overdue. */
  const insertSchedule = async (status: "active" | "archived", nodeId = "t") => {
    const { organizationId } = await makeOrganization();
    const terms = { cron: "0 0 1 1 *", timezone: "UTC" };
    const { workflowId } = await makeWorkflow(organizationId, trivial("trigger_schedule", terms), status);
    const settings = {
      scheduleId: `${workflowId}:${nodeId}`,
      organizationId,
      workflowId,
      nodeId,
      ...terms,
      ...NO_OTHER_TERMS,
    };
    await db
      .prepare(
        "INSERT INTO schedules (org_id, id, workflow_id, node_id, cron, timezone, next_at) VALUES (?1, ?2, ?3, ?4, ?5, 'UTC', 5)",
      )
      .bind(organizationId, settings.scheduleId, workflowId, nodeId, terms.cron)
      .run();
    return { settings, object: testEnv.SCHEDULE.get(testEnv.SCHEDULE.idFromName(settings.scheduleId)) };
  };
  const nextAtOf = ({ scheduleId }: { scheduleId: string }) =>
    db.prepare("SELECT next_at FROM schedules WHERE id = ?1").bind(scheduleId).first<number>("next_at");
  const keptBy = (object: DurableObjectStub) =>
    runInDurableObject(object, (_, state) => state.storage.kv.get<{ cron: string }>("schedule"));

  it("wakes a schedule whose time has passed", async () => {
    const { settings, object } = await insertSchedule("active");
    await makePorts(testEnv).schedules.set(settings);
    await runInDurableObject(object, async (_, state) => {
      await state.storage.deleteAlarm();
    });
    await evictDurableObject(object);
    await sweep();
    const alarm = await runInDurableObject(object, (_, state) => state.storage.getAlarm());
    expect(alarm).toBeGreaterThan(Date.now());
    expect(await nextAtOf(settings)).toBeGreaterThan(Date.now());
  });

  it("tells a schedule again what got lost on the way to it", async () => {
    const { settings, object } = await insertSchedule("active");
    await sweep();
    expect(await keptBy(object)).toMatchObject({ cron: settings.cron });
    // Published with another cron.
    await db
      .prepare("UPDATE schedules SET next_at = 5, cron = '0 0 1 2 *' WHERE id = ?1")
      .bind(settings.scheduleId)
      .run();
    await sweep();
    expect(await keptBy(object)).toMatchObject({ cron: "0 0 1 2 *" });
    expect(new Date((await nextAtOf(settings))!).getUTCMonth()).toBe(1);
  });

  it.each([
    ["of an archived workflow", "archived", "t"],
    ["whose node is gone", "active", "gone"],
  ] as const)("ends a schedule %s, and never sets it again", async (_, status, nodeId) => {
    const { settings, object } = await insertSchedule(status, nodeId);
    await makePorts(testEnv).schedules.set(settings);
    await sweep();
    expect(await keptBy(object)).toBeUndefined();
    expect(await nextAtOf(settings)).toBeNull();
    expect(await db.prepare("SELECT 1 FROM schedules WHERE id = ?1").bind(settings.scheduleId).first()).toBeNull();
  });

  it("is made sure of by any request", async () => {
    await sweep();
    expect(await alarmAt()).toBeNull();
    // An isolate asks rarely, and this one has asked.
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 120_000 });
    try {
      const context = createExecutionContext();
      await worker.fetch(new Request("https://signalbox.test/health"), testEnv, context);
      await waitOnExecutionContext(context);
      expect(await alarmAt()).not.toBeNull();
    } finally {
      vi.useRealTimers();
    }
  });
});
