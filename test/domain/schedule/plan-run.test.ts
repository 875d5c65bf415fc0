// What a schedule does when it wakes, over clock changes, late wakes and long sleeps.
import { describe, expect, it } from "vitest";
import { planRun, type ScheduleTimes } from "../../../src/domain/schedule/plan-run.ts";
import { nextTime, type ScheduleTerms } from "../../../src/triggers/schedule-terms.ts";

const at = (iso: string): number => Date.parse(iso);

const NO_OTHER: Pick<ScheduleTerms, "at" | "everyMs"> = { at: null, everyMs: null };

const scheduleOf = (cron: string, timezone: string, nextAt: number | null): ScheduleTimes => ({
  scheduleId: "s1",
  organizationId: "o1",
  workflowId: "w1",
  nodeId: "n1",
  cron,
  timezone,
  ...NO_OTHER,
  nextAt,
});

/** Times at which events come when the object wakes exactly at each planned time. */
const runs = async (cron: string, timezone: string, from: string, count: number): Promise<string[]> => {
  const times: string[] = [];
  let nextAt = nextTime({ cron, timezone, ...NO_OTHER }, at(from));
  while (times.length < count && nextAt !== null) {
    const planned = await planRun(scheduleOf(cron, timezone, nextAt), nextAt);
    times.push(String(planned!.event.data.scheduled_for));
    nextAt = planned!.nextAt;
  }
  return times;
};

describe("planRun", () => {
  it("does nothing while nothing is due", async () => {
    expect(
      await planRun(scheduleOf("0 9 * * *", "UTC", at("2026-03-02T09:00:00Z")), at("2026-03-02T08:59:59Z")),
    ).toBeNull();
    expect(await planRun(scheduleOf("0 9 * * *", "UTC", null), at("2026-03-02T09:00:00Z"))).toBeNull();
  });

  it("is for the trigger's node only, and says when the next one comes", async () => {
    const planned = await planRun(
      scheduleOf("0 9 * * *", "UTC", at("2026-03-02T09:00:00Z")),
      at("2026-03-02T09:00:00.250Z"),
    );
    expect(planned!.event).toMatchObject({
      organizationId: "o1",
      type: "SCHEDULED",
      source: "schedule:s1",
      target: { workflowId: "w1", nodeIds: ["n1"] },
      occurredAt: at("2026-03-02T09:00:00.250Z"),
      depth: 0,
      data: { scheduled_for: "2026-03-02T09:00:00.000Z", missed: 0, next_at: "2026-03-03T09:00:00.000Z" },
    });
    expect(planned!.nextAt).toBe(at("2026-03-03T09:00:00Z"));
  });

  it("has one id for one planned time, whenever it wakes for it", async () => {
    const schedule = scheduleOf("0 9 * * *", "UTC", at("2026-03-02T09:00:00Z"));
    const [first, again] = await Promise.all([
      planRun(schedule, at("2026-03-02T09:00:01Z")),
      planRun(schedule, at("2026-03-02T09:07:00Z")),
    ]);
    expect(again!.event.id).toBe(first!.event.id);
    const next = await planRun({ ...schedule, nextAt: first!.nextAt }, first!.nextAt!);
    expect(next!.event.id).not.toBe(first!.event.id);
  });

  it("makes up for a long sleep with one run, and says how many it missed", async () => {
    const planned = await planRun(
      scheduleOf("*/5 * * * *", "UTC", at("2026-03-02T09:00:00Z")),
      at("2026-03-02T10:02:00Z"),
    );
    expect(planned!.event.data).toMatchObject({ scheduled_for: "2026-03-02T10:00:00.000Z", missed: 12 });
    expect(planned!.nextAt).toBe(at("2026-03-02T10:05:00Z"));
  });

  it("ends counting, and still goes on from now", async () => {
    const planned = await planRun(
      scheduleOf("* * * * *", "UTC", at("2026-01-01T00:00:00Z")),
      at("2026-02-01T00:00:30Z"),
    );
    expect(planned!.event.data.missed).toBe(1_000);
    expect(planned!.nextAt).toBe(at("2026-02-01T00:01:00Z"));
  });

  it("keeps the wall clock over both changes of the hour, and runs once each day", async () => {
    expect(await runs("30 2 * * *", "Europe/Berlin", "2026-03-27T12:00:00Z", 3)).toEqual([
      "2026-03-28T01:30:00.000Z",
      // 02:30 does not exist on this day: right after the gap.
      "2026-03-29T01:00:00.000Z",
      "2026-03-30T00:30:00.000Z",
    ]);
    expect(await runs("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2)).toEqual([
      "2026-10-25T00:30:00.000Z",
      "2026-10-26T01:30:00.000Z",
    ]);
  });

  it("has no next time after its last", async () => {
    const planned = await planRun(
      scheduleOf("0 0 30 2 *", "UTC", at("2026-03-02T00:00:00Z")),
      at("2026-03-02T00:00:00Z"),
    );
    expect(planned!.nextAt).toBeNull();
  });
});

describe("planRun of other terms", () => {
  const other = (terms: Partial<ScheduleTerms>, nextAt: number | null): ScheduleTimes => ({
    ...scheduleOf("", "UTC", nextAt),
    cron: null,
    ...terms,
  });

  it("runs once at a time, however late it wakes", async () => {
    const time = at("2026-03-29T01:30:00Z");
    const planned = await planRun(other({ at: time }, time), time + 86_400_000);
    expect(planned).toMatchObject({
      nextAt: null,
      event: { data: { scheduled_for: "2026-03-29T01:30:00.000Z", missed: 0, next_at: null } },
    });
    expect(await planRun(other({ at: time }, null), time + 1)).toBeNull();
  });

  it("recurs on its own beat: a late wake does not shift it, a long sleep is made up for by one run", async () => {
    const first = at("2026-03-02T09:00:00Z");
    const late = await planRun(other({ everyMs: 60_000 }, first), first + 1_500);
    expect(late).toMatchObject({ nextAt: first + 60_000, event: { data: { missed: 0 } } });
    const slept = await planRun(other({ everyMs: 60_000 }, first), first + 86_400_000 * 365 + 10_000);
    expect(slept!.event.data).toMatchObject({ missed: 525_600 });
    expect(slept!.nextAt).toBe(first + 86_400_000 * 365 + 60_000);
  });

  it("counts from when it was wanted", () => {
    expect(nextTime({ cron: null, timezone: "UTC", at: 500, everyMs: null }, 400)).toBe(500);
    expect(nextTime({ cron: null, timezone: "UTC", at: 500, everyMs: null }, 500)).toBeNull();
    expect(nextTime({ cron: null, timezone: "UTC", at: null, everyMs: 1_000 }, 400)).toBe(1_400);
  });
});
