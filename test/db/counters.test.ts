// Counters and rollups follow the executions table by triggers: right whatever is written, in whatever order, however often.
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";

const { DB } = env as unknown as { DB: D1Database };
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const T = 500_000 * HOUR + 17;

type Row = {
  id: string;
  status: string;
  seq: number;
  duration?: number;
  nodes?: number;
  dryRun?: boolean;
  at?: number;
  workflow?: string;
};

/** The way projections write: newest journal sequence wins. */
const project = (row: Row) =>
  DB.prepare(
    `INSERT INTO executions (org_id, id, workflow_id, version_id, status, seq, trigger_type, duration_ms, nodes_executed, dry_run, created_at, updated_at)
     VALUES ('o', ?1, ?2, 'v', ?3, ?4, 'MANUAL_TRIGGER', ?5, ?6, ?7, ?8, ?8)
     ON CONFLICT DO UPDATE SET status = excluded.status, seq = excluded.seq, duration_ms = excluded.duration_ms,
       nodes_executed = excluded.nodes_executed, updated_at = excluded.updated_at
     WHERE excluded.seq > executions.seq`,
  )
    .bind(
      row.id,
      row.workflow ?? "w",
      row.status,
      row.seq,
      row.duration ?? null,
      row.nodes ?? 0,
      row.dryRun ? 1 : 0,
      row.at ?? T,
    )
    .run();

const counts = async () => {
  const { results } = await DB.prepare("SELECT workflow_id AS w, status, n FROM execution_counts WHERE n <> 0").all<{
    w: string;
    status: string;
    n: number;
  }>();
  return Object.fromEntries(results.map(({ w, status, n }) => [`${w}.${status}`, n]));
};
const rollup = (day = Math.floor(T / DAY) * DAY, workflow = "w") =>
  DB.prepare("SELECT * FROM execution_rollups WHERE org_id = 'o' AND workflow_id = ?2 AND day = ?1")
    .bind(day, workflow)
    .first<Record<string, number>>();

/** What the counters must equal: the same figures computed from the rows. */
const recounted = async () => {
  const { results } = await DB.prepare(
    "SELECT workflow_id AS w, status, count(*) AS n FROM executions WHERE dry_run = 0 GROUP BY workflow_id, status",
  ).all<{ w: string; status: string; n: number }>();
  return Object.fromEntries(results.map(({ w, status, n }) => [`${w}.${status}`, n]));
};

const STATUSES = ["queued", "running", "waiting", "completed", "failed", "cancelled", "timed_out"];
let seed = 7;
/** The same numbers on every run. */
const random = (below: number): number => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return Math.floor((seed / 2_147_483_648) * below);
};

beforeEach(async () => {
  await DB.exec("DELETE FROM executions");
  await DB.exec("DELETE FROM execution_counts");
  await DB.exec("DELETE FROM execution_rollups");
});

describe("counters of executions", () => {
  it("follow a run from start to end", async () => {
    await project({ id: "a", status: "running", seq: 1 });
    expect(await counts()).toEqual({ "w.running": 1 });
    await project({ id: "a", status: "waiting", seq: 2, nodes: 2 });
    await project({ id: "a", status: "completed", seq: 3, duration: 40, nodes: 5 });
    expect(await counts()).toEqual({ "w.completed": 1 });
    expect(await rollup()).toMatchObject({
      started: 1,
      completed: 1,
      failed: 0,
      duration_sum: 40,
      duration_max: 40,
      nodes: 5,
    });
  });

  it("count a run that first appears at its end", async () => {
    await project({ id: "a", status: "failed", seq: 9, duration: 7, nodes: 3 });
    expect(await counts()).toEqual({ "w.failed": 1 });
    expect(await rollup()).toMatchObject({ started: 1, failed: 1, duration_sum: 7, nodes: 3 });
  });

  it("count once what is written twice, and ignore what comes late", async () => {
    for (let round = 0; round < 3; round++) {
      await project({ id: "a", status: "completed", seq: 3, duration: 40, nodes: 5 });
      await project({ id: "a", status: "running", seq: 1 });
    }
    expect(await counts()).toEqual({ "w.completed": 1 });
    expect(await rollup()).toMatchObject({ started: 1, completed: 1, duration_sum: 40, nodes: 5 });
  });

  it("follow a correction of an ended run", async () => {
    await project({ id: "a", status: "completed", seq: 3, duration: 40, nodes: 5 });
    await project({ id: "a", status: "failed", seq: 4, duration: 90, nodes: 6 });
    expect(await rollup()).toMatchObject({
      started: 1,
      completed: 0,
      failed: 1,
      duration_sum: 90,
      duration_max: 90,
      nodes: 6,
    });
    await project({ id: "a", status: "failed", seq: 5, duration: 100, nodes: 6 });
    expect(await rollup()).toMatchObject({ failed: 1, duration_sum: 100, nodes: 6 });
  });

  it("leave dry runs out", async () => {
    await project({ id: "d", status: "running", seq: 1, dryRun: true });
    await project({ id: "d", status: "completed", seq: 2, dryRun: true, duration: 3 });
    await DB.exec("DELETE FROM executions");
    expect(await counts()).toEqual({});
    expect(await rollup()).toBeNull();
  });

  it("forget deleted runs in totals and remember them in rollups", async () => {
    await project({ id: "a", status: "completed", seq: 3, duration: 40, nodes: 5 });
    await project({ id: "b", status: "completed", seq: 3, duration: 10, nodes: 1 });
    await DB.exec("DELETE FROM executions WHERE id = 'a'");
    expect(await counts()).toEqual({ "w.completed": 1 });
    expect(await rollup()).toMatchObject({ started: 2, completed: 2, duration_sum: 50, duration_max: 40 });
  });

  it("keep days and workflows apart", async () => {
    await project({ id: "a", status: "cancelled", seq: 1 });
    await project({ id: "b", status: "timed_out", seq: 1, at: T + DAY });
    await project({ id: "c", status: "cancelled", seq: 1, workflow: "x" });
    expect(await rollup()).toMatchObject({ started: 1, cancelled: 1 });
    expect(await rollup(Math.floor(T / DAY) * DAY + DAY)).toMatchObject({ started: 1, timed_out: 1 });
    expect(await rollup(Math.floor(T / DAY) * DAY, "x")).toMatchObject({ started: 1, cancelled: 1 });
  });

  it("equal a recount after many random writes", async () => {
    for (let round = 0; round < 300; round++) {
      const id = `e${random(20)}`;
      if (random(12) === 0) await DB.prepare("DELETE FROM executions WHERE id = ?1").bind(id).run();
      else await project({ id, status: STATUSES[random(7)]!, seq: random(30), duration: random(50), nodes: random(9) });
    }
    expect(Object.keys(await recounted()).length).toBeGreaterThan(3);
    expect(await counts()).toEqual(await recounted());
  });

  it("make rollups that equal a recount after many random writes", async () => {
    for (let round = 0; round < 300; round++) {
      await project({
        id: `r${random(25)}`,
        status: STATUSES[random(7)]!,
        seq: random(30),
        duration: random(50),
        nodes: random(9),
      });
    }
    const final = "status NOT IN ('queued', 'running', 'waiting')";
    const recount = await DB.prepare(
      `SELECT count(*) AS started, sum(status = 'completed') AS completed, sum(status = 'failed') AS failed,
         sum(status = 'cancelled') AS cancelled, sum(status = 'timed_out') AS timed_out,
         sum((${final}) * duration_ms) AS duration_sum, sum((${final}) * nodes_executed) AS nodes FROM executions`,
    ).first<Record<string, number>>();
    expect(recount!.started).toBe(25);
    expect(recount!.duration_sum).toBeGreaterThan(0);
    expect(await rollup()).toMatchObject(recount!);
  });

  it("refuse a change of what they are grouped by", async () => {
    await project({ id: "a", status: "running", seq: 1 });
    await expect(DB.exec("UPDATE executions SET workflow_id = 'other'")).rejects.toThrow("never change");
    await expect(DB.exec("UPDATE executions SET created_at = 1")).rejects.toThrow("never change");
  });

  it("cost few rows: 6 for a run seen once, 12 for one seen at start and end, half of them the row and its indexes", async () => {
    const warm = await project({ id: "warm", status: "running", seq: 1 });
    await project({ id: "warm", status: "completed", seq: 2 });
    const once = await project({ id: "a", status: "completed", seq: 2, duration: 1 });
    const start = await project({ id: "b", status: "running", seq: 1 });
    const end = await project({ id: "b", status: "completed", seq: 2, duration: 1 });
    expect(warm.meta.rows_written).toBeGreaterThan(0);
    expect({ once: once.meta.rows_written, start: start.meta.rows_written, end: end.meta.rows_written }).toEqual({
      once: 6,
      start: 6,
      end: 6,
    });
  });
});
