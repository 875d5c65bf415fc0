// Lists of executions: filters and totals are right, and a page reads about as many rows of 20,000 executions as of 1,000 (bench/: of 1,000,000).
import { beforeAll, describe, expect, it } from "vitest";
import * as schema from "../../../src/api/enhanced/executions/schema.ts";
import { earliestId, newId } from "../../../src/lib/ids.ts";
import { testApp } from "../../fixtures/app.ts";
import { countedD1 } from "../../fixtures/counted-d1.ts";
import { db, makeOrganization, type Tenant } from "../../fixtures/identity.ts";
import { makeWorkflow, trivial } from "../../objects/kit.ts";

const DAY = 86_400_000;
const QUARTER = 900_000;
/** Thirty days, the last of them a week ago. */
const START = Math.floor(Date.now() / DAY) * DAY - 37 * DAY;
const SPAN = 30 * DAY;
const FEW = 1_000;
const MANY = 20_000;

/** Of 20: one failed, one cancelled, one timed out, one waits, sixteen completed; spread evenly over the time. */
const fill = async ({ organizationId }: Tenant, workflowId: string, n: number) => {
  const step = SPAN / n;
  for (let from = 0; from < n; from += 5_000) {
    await db
      .prepare(
        `WITH RECURSIVE k(i) AS (SELECT ?4 UNION ALL SELECT i + 1 FROM k WHERE i + 1 < ?5), r AS (
           SELECT i, CAST(?3 + i * ?6 AS INTEGER) AS at, CASE i % 20 WHEN 0 THEN 'failed' WHEN 1 THEN 'cancelled' WHEN 2 THEN 'timed_out'
             WHEN 3 THEN 'waiting' ELSE 'completed' END AS status FROM k)
         INSERT INTO executions (org_id, id, workflow_id, version_id, status, seq, trigger_type, started_at, ended_at, duration_ms, nodes_executed,
           error, error_code, error_node_id, created_at, updated_at)
         SELECT ?1, printf('%08x-%04x-7000-8000-%012x', at / 65536, at % 65536, i), ?2, 'v', status, 1, 'TEST', at,
           CASE status WHEN 'waiting' THEN NULL ELSE at + 100 END, CASE status WHEN 'waiting' THEN NULL ELSE 100 END, 3,
           CASE status WHEN 'failed' THEN 'no answer' END, CASE status WHEN 'failed' THEN 'HTTP_ERROR' WHEN 'timed_out' THEN 'EXECUTION_TIMEOUT' END,
           CASE status WHEN 'failed' THEN 'call' END, at, at FROM r`,
      )
      .bind(organizationId, workflowId, START, from, Math.min(n, from + 5_000), step)
      .run();
  }
};

let few: { owner: Tenant; workflowId: string };
let many: { owner: Tenant; workflowId: string };
beforeAll(async () => {
  const filled = async (n: number) => {
    const owner = await makeOrganization();
    const { workflowId } = await makeWorkflow(owner.organizationId, trivial("trigger_manual"));
    await fill(owner, workflowId, n);
    return { owner, workflowId };
  };
  few = await filled(FEW);
  many = await filled(MANY);
}, 120_000);

const ask = async ({ owner, workflowId }: typeof few, query: string, all = false) => {
  const { database, counted } = countedD1();
  const { fetch } = testApp({ ports: { db: database } });
  const path = all ? `/api/v2/executions?${query}` : `/api/v2/workflows/${workflowId}/executions?${query}`;
  const answer = await fetch(path, { headers: owner.headers });
  return { status: answer.status, body: (await answer.json()) as never as Answer, rows: counted.rows };
};
type Answer = {
  executions: { id: string; status: string; createdAt: string; version: number | null }[];
  analytics: { totalExecutions: number; successRate: number; avgExecutionTime: number; failureReasons: object[] };
  pagination: { total: number; totalPages: number };
  validation: { field: string }[];
};
const iso = (at: number) => new Date(at).toISOString();
const countOf = async (where: string) => {
  const sql = `SELECT count(*) AS n FROM executions WHERE org_id = ?1 AND ${where}`;
  return (await db.prepare(sql).bind(many.owner.organizationId).first<{ n: number }>())!.n;
};

describe("a page", () => {
  it("has executions, analytics and pagination as documented", async () => {
    const { status, body } = await ask(many, "limit=5");
    expect(status).toBe(200);
    expect(schema.history.parse(body)).toEqual(body);
    expect(body.pagination).toEqual({ total: MANY, page: 1, limit: 5, totalPages: MANY / 5 });
    expect(body.analytics).toMatchObject({
      ...{ totalExecutions: MANY, avgExecutionTime: 100 },
      // Of those that ended by themselves.
      successRate: Math.round((16 / 18) * 10_000) / 100,
    });
    expect(body.analytics.failureReasons).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          code: "HTTP_ERROR",
          nodeId: "call",
          count: MANY / 20,
          percentage: 50,
          reason: expect.any(String),
        }),
        expect.objectContaining({ code: "EXECUTION_TIMEOUT", nodeId: null, count: MANY / 20 }),
      ]),
    );
    const times = body.executions.map(({ createdAt }) => createdAt);
    expect(times).toEqual([...times].sort().reverse());
  });

  it.each([
    ["status=failed", "status = 'failed'"],
    ["status=waiting", "status = 'waiting'"],
    [
      `startDate=${iso(START + 3 * DAY + 7)}&endDate=${iso(START + 9 * DAY + QUARTER + 12_345)}`,
      `created_at BETWEEN ${START + 3 * DAY + 7} AND ${START + 9 * DAY + QUARTER + 12_345}`,
    ],
    [`startDate=${iso(START + 5 * DAY)}`, `created_at >= ${START + 5 * DAY}`],
    [`endDate=${iso(START + 5 * DAY).slice(0, 10)}`, `created_at < ${START + 6 * DAY}`],
    [
      `status=timed_out&startDate=${iso(START + DAY + 1)}&endDate=${iso(START + 2 * DAY)}`,
      `status = 'timed_out' AND created_at BETWEEN ${START + DAY + 1} AND ${START + 2 * DAY}`,
    ],
    [
      `status=waiting&startDate=${iso(START + DAY + 1)}&endDate=${iso(START + 2 * DAY)}`,
      `status = 'waiting' AND created_at BETWEEN ${START + DAY + 1} AND ${START + 2 * DAY}`,
    ],
    [
      `startDate=${iso(START + 1_000)}&endDate=${iso(START + 500_000)}`,
      `created_at BETWEEN ${START + 1_000} AND ${START + 500_000}`,
    ],
    [`startDate=${iso(START + 40 * DAY)}`, "0"],
    ["startDate=0001-01-01&endDate=9999-12-31", "1"],
    ["endDate=1969-01-01", "0"],
    ["status=waiting&startDate=0001-01-01", "status = 'waiting'"],
  ])("%s: exactly those", async (query, where) => {
    const total = await countOf(where);
    for (const all of [false, true]) {
      const { body } = await ask(many, `limit=3&${query}`, all);
      expect(body.pagination.total, query).toBe(total);
      const { results } = await db
        .prepare(`SELECT id FROM executions WHERE org_id = ?1 AND ${where} ORDER BY id DESC LIMIT 3`)
        .bind(many.owner.organizationId)
        .all<{ id: string }>();
      expect(body.executions.map(({ id }) => id)).toEqual(results.map(({ id }) => id));
    }
  });

  it.each([
    "",
    "status=failed",
    "status=completed&page=3",
    "status=queued",
    `startDate=${iso(START + 3 * DAY)}&endDate=${iso(START + 20 * DAY)}`,
    `startDate=${iso(START + 3 * DAY + 1)}&endDate=${iso(START + 20 * DAY + 12_345)}`,
    `status=failed&startDate=${iso(START + 3 * DAY)}`,
  ])("'%s' reads about as many rows of many as of few", async (query) => {
    for (const all of [false, true]) {
      const [less, more] = [await ask(few, query, all), await ask(many, query, all)];
      expect(more.status).toBe(200);
      // At the ends of a time that are no full quarters of an hour their rows are counted.
      expect(more.rows, `${query}: ${less.rows} and ${more.rows}`).toBeLessThan(less.rows * 1.5 + 40);
      // Analytics of no time in particular look for the rollups of 400 days.
      expect(more.rows).toBeLessThan(1_500);
    }
  });

  it("counts what retention has left, not what ever was", async () => {
    const owner = await makeOrganization();
    const { workflowId } = await makeWorkflow(owner.organizationId, trivial("trigger_manual"));
    await fill(owner, workflowId, 100);
    const until = START + 10 * DAY;
    await db
      .prepare("DELETE FROM executions WHERE org_id = ?1 AND id < ?2")
      .bind(owner.organizationId, earliestId(until))
      .run();
    const { body } = await ask({ owner, workflowId }, `startDate=${iso(START)}`);
    expect(body.pagination.total).toBe(body.executions.length === 20 ? 66 : -1);
  });
});

it("refuses what is no status, no date or no order", async () => {
  const refused = async (query: string) => {
    const { status, body } = await ask(few, query);
    return [status, body.validation?.[0]?.field];
  };
  expect(await refused("status=COMPLETED")).toEqual([400, "status"]);
  expect(await refused("startDate=yesterday")).toEqual([400, "startDate"]);
  expect(await refused("startDate=2026-02-02&endDate=2026-02-01")).toEqual([400, "endDate"]);
  expect(await refused("limit=0")).toEqual([400, "limit"]);
  expect((await ask({ ...few, workflowId: newId() }, "")).status).toBe(404);
  expect((await ask({ ...few, owner: await makeOrganization() }, "")).status).toBe(404);
});
