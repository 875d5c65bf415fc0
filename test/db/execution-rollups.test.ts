// Rollups of executions, their errors, nodes and services against a recount of the rows: right whatever is reported, in whatever order, however often.
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { nodeDaysOfResult, selectNodeDays } from "../../src/db/queries/analytics.ts";
import { projectExecutions, type Report } from "../../src/domain/execution/project.ts";
import { earliestId } from "../../src/lib/ids.ts";

const { DB } = env as unknown as { DB: D1Database };
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const T = 20_000 * DAY;

let seed = 5;
/** The same numbers on every run. */
const random = (below: number): number => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return Math.floor((seed / 2_147_483_648) * below);
};
const oneOf = <X>(...all: X[]): X => all[random(all.length)]!;

const rows = async (sql: string) => (await DB.prepare(sql).all<Record<string, unknown>>()).results;

beforeEach(async () => {
  const tables = [
    "executions",
    "execution_counts",
    "execution_rollups",
    "execution_errors",
    "node_rollups",
    "service_rollups",
  ];
  for (const table of tables) await DB.exec(`DELETE FROM ${table}`);
});

const OPEN = "('queued', 'running', 'waiting')";
const BUCKET = (ms: string) => `CASE WHEN ${ms} < 1 THEN 0 ELSE 1 + CAST(4 * log2(${ms}) AS INTEGER) END`;
const TALLY = (table: string, column: string) =>
  `SELECT r.workflow_id AS w, r.day, e.key, e.value AS n FROM ${table} r, json_each(r.${column}) e WHERE e.value <> 0 ORDER BY 1, 2, 3`;

const SUMS = `SELECT workflow_id AS w, day, started, completed, failed, cancelled, timed_out, duration_sum, nodes, lagged, lag_sum FROM execution_rollups ORDER BY 1, 2`;
const SUMS_COUNTED = `SELECT workflow_id AS w, created_at / ${DAY} * ${DAY} AS day, count(*) AS started, sum(status = 'completed') AS completed, sum(status = 'failed') AS failed,
    sum(status = 'cancelled') AS cancelled, sum(status = 'timed_out') AS timed_out,
    sum(CASE WHEN status IN ${OPEN} THEN 0 ELSE coalesce(duration_ms, 0) END) AS duration_sum,
    sum(CASE WHEN status IN ${OPEN} THEN 0 ELSE nodes_executed END) AS nodes, count(started_at) AS lagged,
    coalesce(sum(max(0, started_at - max(created_at, coalesce(scheduled_at, 0)))), 0) AS lag_sum
  FROM executions WHERE dry_run = 0 GROUP BY 1, 2 ORDER BY 1, 2`;
const COUNTS = "SELECT workflow_id AS w, status, n FROM execution_counts WHERE n <> 0 ORDER BY 1, 2";
const COUNTS_COUNTED =
  "SELECT workflow_id AS w, status, count(*) AS n FROM executions WHERE dry_run = 0 GROUP BY 1, 2 ORDER BY 1, 2";
const QUARTER = `(created_at % ${DAY} / 900000)`;
const SLOTS_COUNTED = `SELECT * FROM (
    SELECT workflow_id AS w, created_at / ${DAY} * ${DAY} AS day, ${QUARTER} || 's' AS key, count(*) AS n FROM executions WHERE dry_run = 0 GROUP BY 1, 2, 3
    UNION ALL SELECT workflow_id, created_at / ${DAY} * ${DAY}, ${QUARTER} || CASE status WHEN 'completed' THEN 'c' WHEN 'failed' THEN 'f' WHEN 'cancelled' THEN 'x' ELSE 't' END, count(*)
      FROM executions WHERE dry_run = 0 AND status NOT IN ${OPEN} GROUP BY 1, 2, 3
    UNION ALL SELECT workflow_id, created_at / ${DAY} * ${DAY}, ${QUARTER} || 'd', sum(duration_ms)
      FROM executions WHERE dry_run = 0 AND status NOT IN ${OPEN} AND duration_ms > 0 GROUP BY 1, 2, 3
  ) ORDER BY 1, 2, 3`;
const HISTOGRAM_COUNTED = (ms: string, where: string) =>
  `SELECT workflow_id AS w, created_at / ${DAY} * ${DAY} AS day, (created_at % ${DAY} / ${HOUR}) || '.' || (${BUCKET(ms)}) AS key, count(*) AS n
   FROM executions WHERE dry_run = 0 AND ${where} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;
const ERRORS =
  "SELECT workflow_id AS w, day, code, node_id AS node, n FROM execution_errors WHERE n <> 0 ORDER BY 1, 2, 3, 4";
const ERRORS_COUNTED = `SELECT workflow_id AS w, created_at / ${DAY} * ${DAY} AS day, coalesce(error_code, '') AS code, coalesce(error_node_id, '') AS node, count(*) AS n
  FROM executions WHERE dry_run = 0 AND status IN ('failed', 'timed_out') GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`;

/** However it was written: by reports, or by whoever gives a run up. */
const anyRow = (n: number) => {
  const at = T + (n % 37) * 5_000_000;
  const status = oneOf("queued", "running", "waiting", "completed", "failed", "cancelled", "timed_out");
  const started = random(4) === 0 ? null : at + random(100_000) - 1_000;
  const failed = status === "failed" || status === "timed_out";
  return DB.prepare(
    `INSERT INTO executions (org_id, id, workflow_id, version_id, status, seq, trigger_type, started_at, ended_at, duration_ms, nodes_executed, dry_run,
       error, error_code, error_node_id, scheduled_at, created_at, updated_at)
     VALUES ('o', ?1, ?2, 'v', ?3, ?4, 'X', ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?14)
     ON CONFLICT DO UPDATE SET status = excluded.status, seq = excluded.seq, started_at = excluded.started_at, ended_at = excluded.ended_at,
       duration_ms = excluded.duration_ms, nodes_executed = excluded.nodes_executed, error = excluded.error, error_code = excluded.error_code,
       error_node_id = excluded.error_node_id, scheduled_at = excluded.scheduled_at
     WHERE excluded.seq > executions.seq`,
  ).bind(
    `e${n}`,
    `w${n % 2}`,
    status,
    random(30),
    started,
    ["queued", "running", "waiting"].includes(status) ? null : at + random(1_000_000),
    random(5) === 0 ? null : random(3) === 0 ? 0 : random(10_000_000),
    random(9),
    n % 11 === 0 ? 1 : 0,
    failed ? 'it said "no"' : null,
    failed ? oneOf("HTTP_ERROR", "TIMEOUT", null) : null,
    failed ? oneOf('n"1', "n.2", "[$", null) : null,
    random(5) === 0 ? at + random(50_000) : null,
    at,
  );
};

const expectRollupsToEqualRecount = async (): Promise<void> => {
  const sums = await rows(SUMS_COUNTED);
  expect(sums.length).toBeGreaterThan(3);
  expect(await rows(SUMS)).toEqual(sums);
  expect(await rows(COUNTS)).toEqual(await rows(COUNTS_COUNTED));
  expect(await rows(TALLY("execution_rollups", "slots"))).toEqual(await rows(SLOTS_COUNTED));
  expect(await rows(TALLY("execution_rollups", "durations"))).toEqual(
    await rows(HISTOGRAM_COUNTED("duration_ms", `status NOT IN ${OPEN} AND duration_ms IS NOT NULL`)),
  );
  expect(await rows(TALLY("execution_rollups", "lags"))).toEqual(
    await rows(
      HISTOGRAM_COUNTED("max(0, started_at - max(created_at, coalesce(scheduled_at, 0)))", "started_at IS NOT NULL"),
    ),
  );
};

describe("rollups of executions", () => {
  it("equal a recount after any sequence of writes", async () => {
    for (let round = 0; round < 20; round++) await DB.batch(Array.from({ length: 25 }, () => anyRow(random(60))));
    await expectRollupsToEqualRecount();
    const errors = await rows(ERRORS_COUNTED);
    expect(errors.length).toBeGreaterThan(8);
    expect(await rows(ERRORS)).toEqual(errors);
    const perSlot = `SELECT workflow_id AS w, day, ${QUARTER} AS key, count(*) AS n FROM (
      SELECT workflow_id, created_at / ${DAY} * ${DAY} AS day, created_at FROM executions WHERE dry_run = 0 AND status IN ('failed', 'timed_out')) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;
    expect(
      await rows(
        `SELECT w, day, CAST(key AS INTEGER) AS key, sum(n) AS n FROM (${TALLY("execution_errors", "slots")}) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
      ),
    ).toEqual(await rows(perSlot));
  });

  it("outlive what retention deletes", async () => {
    await DB.batch(Array.from({ length: 40 }, (_, n) => anyRow(n)));
    const before = [await rows(SUMS), await rows(ERRORS), await rows(TALLY("execution_rollups", "slots"))];
    await DB.exec("DELETE FROM executions");
    expect([await rows(SUMS), await rows(ERRORS), await rows(TALLY("execution_rollups", "slots"))]).toEqual(before);
  });

  it("name the latest executions that failed, and not those that did not after all", async () => {
    const fail = (n: number, status: string, seq: number) =>
      DB.prepare(
        `INSERT INTO executions (org_id, id, workflow_id, version_id, status, seq, trigger_type, ended_at, error, error_code, created_at, updated_at)
         VALUES ('o', 'e' || ?1, 'w', 'v', ?2, ?3, 'X', ?4, 'said ' || ?1, 'C', ?5, ?5)
         ON CONFLICT DO UPDATE SET status = excluded.status, seq = excluded.seq`,
      )
        .bind(String(n), status, seq, T + n, T)
        .run();
    for (let n = 1; n <= 7; n++) await fail(n, "failed", 1);
    await fail(6, "completed", 2);
    expect(
      await rows("SELECT n, message, first_at - 1 AS first, last_at AS last, samples FROM execution_errors"),
    ).toEqual([{ n: 6, message: "said 7", first: T, last: T + 7, samples: '["e7","e5","e4","e3"]' }]);
  });
});

const anyReport = (n: number): Report => {
  const at = T + (n % 17) * 9_000_000;
  const seq = 1 + random(6);
  // The later in its journal, the more of its steps have ended; what has ended stays as it is.
  const steps = Array.from({ length: 6 }, (_, index) => {
    const isOver = index < seq;
    const kind = (n * 7 + index) % 5;
    return {
      n: index + 1,
      nodeId: `n"${index % 3}`,
      nodeType: index % 2 ? "action_webhook" : "data_transform",
      visit: 1,
      status: isOver ? (kind === 0 ? "failed" : kind === 1 ? "cancelled" : "completed") : "running",
      startedAt: at + index * 1_000,
      completedAt: isOver ? at + index * 1_000 + ((n * 31 + index * 17) % 900) : null,
      attempts: index % 2 ? 1 + (kind % 3) : 0,
      error: null,
      ...(kind > 2 && { waitMs: (n * 13) % 500 }),
      ...(index % 2 && { service: `host${kind % 2}` }),
      ...(kind === 4 && { late: true }),
    };
  });
  return {
    ...{ executionId: earliestId(at + n), organizationId: "o", workflowId: `w${n % 2}`, versionId: "v", seq },
    ...{
      status: seq === 6 ? "completed" : "running",
      startedAt: at,
      endedAt: seq === 6 ? at + 9_000 : null,
      nodesExecuted: 6,
      ...(n % 5 === 0 && { scheduledAt: at - (n % 3) * 40_000 }),
      ...(n % 7 === 0 && { begun: false }),
    },
    ...{
      error: null,
      errorNodeId: null,
      nextWakeAt: null,
      dryRun: n % 13 === 0,
      eventId: null,
      triggerType: "X",
      priority: 5,
      parentId: null,
    },
    steps,
  };
};

const STEPS =
  "execution_steps s JOIN executions x ON x.org_id = s.org_id AND x.id = s.execution_id WHERE x.dry_run = 0 AND s.ended_at IS NOT NULL";
const BUSY = "max(0, s.ended_at - s.started_at - s.wait_ms)";
const NODES = `SELECT r.workflow_id AS w, r.day, o.key AS node, e.key AS k, e.value AS n FROM node_rollups r, json_each(r.nodes) o, json_each(o.value) e
  WHERE e.value <> 0 AND e.key <> 'late' ORDER BY 1, 2, 3, 4`;
const NODES_COUNTED = `SELECT w, day, node, k, sum(n) AS n FROM (
    SELECT x.workflow_id AS w, s.ended_at / ${DAY} * ${DAY} AS day, s.node_type || '/' || s.node_id AS node, t.key AS k, t.value AS n
    FROM (SELECT s.*, ${BUSY} AS busy FROM execution_steps s) s JOIN executions x ON x.org_id = s.org_id AND x.id = s.execution_id,
      json_each(json_object('n', 1, 'ok', s.status = 'completed', 'failed', s.status = 'failed', 'tries', s.attempts, 'ms', s.busy,
        'wait', min(s.wait_ms, s.ended_at - s.started_at), '' || ${BUCKET("s.busy")}, 1)) t
    WHERE x.dry_run = 0 AND s.ended_at IS NOT NULL
  ) GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0 ORDER BY 1, 2, 3, 4`;
const SERVICES = "SELECT hour, service, calls, failed, ms, last_failed_at AS last FROM service_rollups ORDER BY 1, 2";
const SERVICES_COUNTED = `SELECT s.ended_at / ${HOUR} * ${HOUR} AS hour, s.service, sum(s.attempts) AS calls, sum(max(0, s.attempts - (s.status <> 'failed'))) AS failed,
    sum(${BUSY}) AS ms, max(CASE WHEN s.attempts - (s.status <> 'failed') > 0 THEN s.ended_at END) AS last
  FROM ${STEPS} AND s.service IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2`;

describe("rollups of reports", () => {
  it("equal a recount after reports in whatever order, however often, whichever come together", async () => {
    for (let round = 0; round < 40; round++) {
      const reports = Array.from({ length: 1 + random(12) }, () => anyReport(random(60)));
      await projectExecutions(DB, reports, T + 30 * DAY);
      // Some of them again, and a batch in which all are known.
      if (round % 3 === 0) await projectExecutions(DB, reports.slice(0, 1 + random(reports.length)), T + 30 * DAY);
    }
    await expectRollupsToEqualRecount();
  });
});

describe("rollups of steps", () => {
  it("equal a recount after reports in whatever order, however often, whichever come together", async () => {
    for (let round = 0; round < 40; round++) {
      const reports = Array.from({ length: 1 + random(12) }, () => anyReport(random(40)));
      await projectExecutions(DB, reports, T + 30 * DAY);
    }
    const nodes = await rows(NODES_COUNTED);
    expect(nodes.length).toBeGreaterThan(50);
    expect(await rows(NODES)).toEqual(nodes);
    const services = await rows(SERVICES_COUNTED);
    expect(services.length).toBeGreaterThan(5);
    expect(await rows(SERVICES)).toEqual(services);
    expect(await rows("SELECT sum(e.value) AS n FROM service_rollups, json_each(times) e")).toEqual(
      await rows(`SELECT count(*) AS n FROM ${STEPS} AND s.service IS NOT NULL`),
    );
  });

  it("count what a row of D1 does not hold as of nodes without an id, so that sums stay right", async () => {
    const many = Array.from({ length: 15_000 }, (_, n) => [`t/${"n".repeat(80)}${n}`, { n: 1, ok: 1, ms: 5, 9: 1 }]);
    const report = anyReport(1);
    const day = Math.floor(report.startedAt / DAY) * DAY;
    await DB.prepare("INSERT INTO node_rollups (org_id, day, workflow_id, nodes) VALUES ('o', ?1, 'w1', ?2)")
      .bind(day, JSON.stringify(Object.fromEntries(many)))
      .run();
    const ended = report.steps.filter(({ completedAt }) => completedAt !== null).length;
    await projectExecutions(DB, [report], T);
    await projectExecutions(DB, [{ ...anyReport(1 + 17 * 2), executionId: earliestId(T) }], T);
    const [{ nodes, named, size }] = (await rows(
      `SELECT sum(o.value ->> 'n') AS nodes, count(*) FILTER (WHERE o.key NOT GLOB '*/') AS named, octet_length(r.nodes) AS size
       FROM node_rollups r, json_each(r.nodes) o`,
    )) as [{ nodes: number; named: number; size: number }];
    expect({ named, fits: size < 1_900_000 }).toEqual({ named: many.length, fits: true });
    const [{ n }] = (await rows("SELECT count(*) AS n FROM execution_steps WHERE ended_at IS NOT NULL")) as [
      { n: number },
    ];
    expect(n).toBeGreaterThan(ended);
    expect(nodes).toBe(many.length + n);
  });
});

describe("what is read of nodes", () => {
  it("is the latest days, as many as have so many bytes", async () => {
    const put = (day: number, bytes: number) =>
      DB.prepare("INSERT INTO node_rollups (org_id, day, workflow_id, nodes) VALUES ('o', ?1, 'w', ?2)")
        .bind(T + day * DAY, JSON.stringify({ "t/n": { n: 1, x: "y".repeat(bytes) } }))
        .run();
    for (let day = 0; day < 4; day++) await put(day, 400);
    const days = [0, 1, 2, 3].map((day) => T + day * DAY);
    const read = async (workflowId: string | undefined, most?: number) =>
      nodeDaysOfResult(await selectNodeDays(DB, "o", workflowId, days, most).all()).map(({ day }) => (day - T) / DAY);
    expect(await read("w")).toEqual([3, 2, 1, 0]);
    expect(await read("w", 1_000)).toEqual([3, 2]);
    expect(await read(undefined, 1_000)).toEqual([3, 2]);
    expect(await read("other")).toEqual([]);
  });
});
