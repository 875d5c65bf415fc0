// The sweeper: what is overdue is woken, what never was is said so, and nothing keeps it awake for nothing.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import { newId } from "../../src/lib/ids.ts";
import { makePorts } from "../../src/objects/ports.ts";
import { sweeperStub } from "../../src/objects/rpc.ts";
import { db, makeOrganization, testEnv } from "../fixtures/identity.ts";
import { definition, eventually, makeWorkflow } from "./kit.ts";

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

  it("wakes a schedule whose time has passed", async () => {
    const { organizationId } = await makeOrganization();
    const scheduleId = newId();
    const settings = {
      scheduleId,
      organizationId,
      workflowId: newId(),
      nodeId: "t",
      cron: "0 0 1 1 *",
      timezone: "UTC",
    };
    await makePorts(testEnv).schedules.set(settings);
    const schedule = testEnv.SCHEDULE.get(testEnv.SCHEDULE.idFromName(scheduleId));
    await runInDurableObject(schedule, async (_, state) => {
      await state.storage.deleteAlarm();
    });
    await db
      .prepare(
        "INSERT INTO schedules (org_id, id, workflow_id, node_id, cron, timezone, next_at) VALUES (?1, ?2, 'w', 't', '0 0 1 1 *', 'UTC', 5)",
      )
      .bind(organizationId, scheduleId)
      .run();
    await sweep();
    const alarm = await runInDurableObject(schedule, (_, state) => state.storage.getAlarm());
    expect(alarm).toBeGreaterThan(Date.now());
    const nextAt = () =>
      db.prepare("SELECT next_at FROM schedules WHERE id = ?1").bind(scheduleId).first<number>("next_at");
    expect(await nextAt()).toBeGreaterThan(Date.now());
    // And one whose settings never reached it.
    await runInDurableObject(schedule, (_, state) => state.storage.deleteAll());
    await evictDurableObject(schedule);
    await db.prepare("UPDATE schedules SET next_at = 5 WHERE id = ?1").bind(scheduleId).run();
    await sweep();
    expect(await nextAt()).toBeGreaterThan(Date.now());
    const kept = await runInDurableObject(schedule, (_, state) => state.storage.kv.get("schedule"));
    expect(kept).toMatchObject({ scheduleId, cron: "0 0 1 1 *" });
  });
});
