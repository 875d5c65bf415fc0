// A schedule's object: its alarm, what it emits, and that nothing is emitted twice.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { programOf } from "../../src/domain/workflow/definition.ts";
import { startListening, stopListening } from "../../src/domain/workflow/listening.ts";
import type { WorkflowSummary } from "../../src/domain/workflow/workflow.ts";
import { newId } from "../../src/lib/ids.ts";
import { makePorts } from "../../src/objects/ports.ts";
import type { ScheduleSettings } from "../../src/objects/rpc.ts";
import { db, makeOrganization, testEnv } from "../fixtures/identity.ts";
import { eventually, makeWorkflow, type TestWorkflow, trivial } from "./kit.ts";

const { schedules } = makePorts(testEnv);
let workflow: TestWorkflow;

beforeAll(async () => {
  const { organizationId } = await makeOrganization();
  workflow = await makeWorkflow(organizationId, trivial("trigger_schedule", { cron: "0 0 1 1 *" }));
});

const settingsOf = (more: Partial<ScheduleSettings> = {}): ScheduleSettings => ({
  scheduleId: newId(),
  organizationId: workflow.organizationId,
  workflowId: workflow.workflowId,
  nodeId: "t",
  cron: "0 0 1 1 *",
  timezone: "UTC",
  at: null,
  everyMs: null,
  since: null,
  ...more,
});

const stubOf = ({ scheduleId }: ScheduleSettings) => testEnv.SCHEDULE.get(testEnv.SCHEDULE.idFromName(scheduleId));

/** Sets the object's clock back: its next time has come long ago. */
const makeDue = async (settings: ScheduleSettings, nextAt: number) => {
  await runInDurableObject(stubOf(settings), (_, state) => {
    const kept = state.storage.kv.get<object>("schedule");
    state.storage.kv.put("schedule", { ...kept, nextAt });
  });
  await evictDurableObject(stubOf(settings));
};

const eventsOf = async ({ scheduleId }: ScheduleSettings) =>
  (
    await db
      .prepare("SELECT * FROM events WHERE source = ?1 AND outcome IS NOT NULL")
      .bind(`schedule:${scheduleId}`)
      .all<Record<string, string>>()
  ).results;

describe("schedule", () => {
  it("says its next time and wakes for it", async () => {
    const settings = settingsOf();
    const { nextAt } = await schedules.set(settings);
    const now = new Date();
    expect(nextAt).toBe(Date.UTC(now.getUTCFullYear() + 1, 0, 1));
    const alarm = await runInDurableObject(stubOf(settings), (_, state) => state.storage.getAlarm());
    // Far times are reached in hops of a day.
    expect(alarm).toBeLessThanOrEqual(Date.now() + 86_400_000);
  });

  it("starts the workflow at its node, once for two alarms, and tells the index when the next one comes", async () => {
    const settings = settingsOf();
    const { nextAt } = await schedules.set(settings);
    await db
      .prepare(
        "INSERT INTO schedules (org_id, id, workflow_id, node_id, cron, timezone, next_at) VALUES (?1, ?2, ?3, 't', ?4, 'UTC', 5)",
      )
      .bind(settings.organizationId, settings.scheduleId, settings.workflowId, settings.cron)
      .run();
    await makeDue(settings, Date.UTC(2024, 0, 1));
    await Promise.all([runDurableObjectAlarm(stubOf(settings)), runDurableObjectAlarm(stubOf(settings))]);
    const [event] = await eventually(async () => {
      const found = await eventsOf(settings);
      return found.length > 0 && found;
    });
    expect(JSON.parse(event!.data!)).toMatchObject({
      missed: new Date().getUTCFullYear() - 2024,
      next_at: new Date(nextAt!).toISOString(),
    });
    const { started } = JSON.parse(event!.outcome!);
    expect(started).toMatchObject([{ workflowId: workflow.workflowId, nodeIds: ["t"] }]);
    await runDurableObjectAlarm(stubOf(settings));
    await evictDurableObject(stubOf(settings));
    await runDurableObjectAlarm(stubOf(settings));
    expect((await eventsOf(settings)).length).toBe(1);
    const row = await db
      .prepare("SELECT next_at FROM schedules WHERE id = ?1")
      .bind(settings.scheduleId)
      .first("next_at");
    expect(row).toBe(nextAt);
  });

  it("is set again without losing a time that is due, and starts anew with another cron", async () => {
    const settings = settingsOf();
    await schedules.set(settings);
    const due = Date.now() - 1_000;
    await makeDue(settings, due);
    expect((await schedules.set(settings)).nextAt).toBe(due);
    const changed = await schedules.set({ ...settings, cron: "0 0 1 2 *" });
    expect(changed.nextAt).toBeGreaterThan(Date.now());
  });

  it("keeps the alarm of what still waits to be sent when it is set anew in another life", async () => {
    const settings = settingsOf();
    await schedules.set(settings);
    const soon = Date.now() + 3_000;
    await runInDurableObject(stubOf(settings), (_, state) => state.storage.setAlarm(soon));
    await evictDurableObject(stubOf(settings));
    await schedules.set({ ...settings, cron: "0 0 1 2 *" });
    expect(await runInDurableObject(stubOf(settings), (_, state) => state.storage.getAlarm())).toBe(soon);
  });

  it("emits nothing once it is cleared", async () => {
    const settings = settingsOf();
    await schedules.set(settings);
    await makeDue(settings, Date.now() - 1_000);
    await schedules.clear(settings.scheduleId);
    await runDurableObjectAlarm(stubOf(settings));
    const alarm = await runInDurableObject(stubOf(settings), (_, state) => state.storage.getAlarm());
    expect(alarm).toBeNull();
    expect(await eventsOf(settings)).toEqual([]);
  });

  it("runs once at its time, also when it is told late and told again, and not at a time before it was wanted", async () => {
    const time = Date.now() - 5_000;
    const settings = settingsOf({ cron: null, at: time, since: time - 1_000 });
    expect(await schedules.set(settings)).toEqual({ nextAt: time });
    await runDurableObjectAlarm(stubOf(settings));
    await eventually(async () => (await eventsOf(settings)).length === 1);
    // Published again, then paused and resumed: its time is over.
    expect(await schedules.set({ ...settings, since: Date.now() })).toEqual({ nextAt: null });
    await schedules.clear(settings.scheduleId);
    expect(await schedules.set({ ...settings, since: Date.now() })).toEqual({ nextAt: null });
    // What was lost on the way is told by the sweeper, as if nothing had been: the time has one event all the same.
    await schedules.clear(settings.scheduleId);
    await schedules.set(settings);
    await runDurableObjectAlarm(stubOf(settings));
    expect(await eventsOf(settings)).toHaveLength(1);
  });

  it("recurs with the same pause, through an eviction, without a double", async () => {
    const settings = settingsOf({ cron: null, everyMs: 3_600_000, since: Date.now() - 3_600_500 });
    const { nextAt } = await schedules.set(settings);
    expect(nextAt).toBe(settings.since! + 3_600_000);
    await evictDurableObject(stubOf(settings));
    await Promise.all([runDurableObjectAlarm(stubOf(settings)), runDurableObjectAlarm(stubOf(settings))]);
    const [event] = await eventually(async () => {
      const found = await eventsOf(settings);
      return found.length > 0 && found;
    });
    expect(JSON.parse(event!.data!)).toMatchObject({ missed: 0, scheduled_for: new Date(nextAt!).toISOString() });
    expect(await schedules.set(settings)).toEqual({ nextAt: nextAt! + 3_600_000 });
    expect(await eventsOf(settings)).toHaveLength(1);
  });

  describe("of a workflow that is paused and resumed at the same time", () => {
    const cron = () => schedules.set(settingsOf({ scheduleId: `${workflow.workflowId}:t` }));
    const rowOf = () =>
      db.prepare("SELECT next_at FROM schedules WHERE workflow_id = ?1").bind(workflow.workflowId).first();
    const keptOf = () =>
      runInDurableObject(stubOf(settingsOf({ scheduleId: `${workflow.workflowId}:t` })), (_, state) =>
        state.storage.kv.get("schedule"),
      );
    const summary = () => ({ ...workflow, id: workflow.workflowId }) as unknown as WorkflowSummary;
    const ports = { ...makePorts(testEnv), now: Date.now };
    const program = programOf(trivial("trigger_schedule", { cron: "0 0 1 1 *" }), "invalid_definition");
    const become = (status: string, statements: D1PreparedStatement[]) =>
      db.batch([
        db.prepare("UPDATE workflows SET status = ?2 WHERE id = ?1").bind(workflow.workflowId, status),
        ...statements,
      ]);

    it("goes on, when the pause is told last", async () => {
      const started = await startListening(ports, summary(), workflow.versionId, program);
      await become("active", started.statements);
      await started.tellObjects();
      const stopped = await stopListening(ports, summary());
      await become("paused", stopped.statements);
      const resumed = await startListening(ports, summary(), workflow.versionId, program);
      await become("active", resumed.statements);
      await resumed.tellObjects();
      await stopped.tellObjects();
      expect(await rowOf()).toEqual({ next_at: (await cron()).nextAt });
      expect(await keptOf()).toBeDefined();
    });

    it("is still, when the start is told last, or while the pause is told", async () => {
      const started = await startListening(ports, summary(), workflow.versionId, program);
      await become("active", started.statements);
      const stopped = await stopListening(ports, summary());
      const pause = async () => {
        await become("paused", stopped.statements);
        await stopped.tellObjects();
      };
      let isPaused = false;
      const set: typeof schedules.set = async (settings) => {
        if (!isPaused) {
          isPaused = true;
          await pause();
        }
        return schedules.set(settings);
      };
      const slow = await startListening(
        { ...ports, schedules: { ...schedules, set } },
        summary(),
        workflow.versionId,
        program,
      );
      await slow.tellObjects();
      expect(await rowOf()).toBeNull();
      expect(await keptOf()).toBeUndefined();
      await started.tellObjects();
      expect(await keptOf()).toBeUndefined();
    });
  });
});
