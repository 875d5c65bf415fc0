// What lists and analytics read of an organisation with a million executions beside one with a thousand: D1's own count of rows, which does not depend on
// the machine, and the time of one against the other. Executions are put in through the product's table and triggers; what nodes took, as the product would
// have added it up. Pages are read by the product's own verbs. Run: npm run bench -- analytics [EXECUTIONS]
import { analyzeOrganization } from "../src/domain/analytics/organization-analytics.ts";
import { readPerformance } from "../src/domain/analytics/performance.ts";
import { summarizeRuns } from "../src/domain/analytics/summarize-runs.ts";
import { analyzeWorkflow } from "../src/domain/analytics/workflow-analytics.ts";
import type { Context } from "../src/domain/context.ts";
import { listRuns, listWorkflowRuns } from "../src/domain/execution/list-runs.ts";
import type { Ports } from "../src/domain/ports.ts";
import { listEnhancedWorkflows } from "../src/domain/workflow/enhanced/list-workflows.ts";
import { DAY_MS, HOUR_MS } from "../src/lib/durations.ts";
import { noVitals } from "../src/lib/vitals.ts";
import { countingD1 } from "./counting-d1.ts";
import { openLocalD1 } from "./local-d1.ts";
import { median } from "./numbers.ts";

const EXECUTIONS = Number(process.argv[3] ?? 1_000_000);
const FEW = 1_000;
const WORKFLOWS = 20;
const DAYS = 60;
/** A noon: today's rollups are there as well. */
const NOW = Date.UTC(2026, 10, 22, 12);
const FIRST = NOW - DAYS * DAY_MS;
const [BIG, SMALL] = ["big", "small"] as const;
/** The time of a page of the million over that of the thousand, at most. */
const MOST = 2;
const READINGS = 9;

const { db: database, close } = await openLocalD1("analytics");

/** `n` from `?1` to `?2`, and from it numbers that look like chance and are the same on every run. */
const NUMBERS =
  "WITH RECURSIVE s(n) AS (SELECT CAST(?1 AS INTEGER) UNION ALL SELECT n + 1 FROM s WHERE n + 1 < ?2), r AS (SELECT n, abs(n * 2654435761 % 1000003) AS x FROM s)";
const HEX = "printf('%012x', at)";
const fill = (organization: string, executions: number): string => `${NUMBERS},
  m AS (SELECT n, x, ${FIRST} + CAST(n * ${(DAYS * DAY_MS) / executions} AS INTEGER) AS at,
    CASE WHEN x % 100 < 90 THEN 'completed' WHEN x % 100 < 96 THEN 'failed' WHEN x % 100 < 98 THEN 'timed_out' ELSE 'cancelled' END AS status FROM r)
  INSERT INTO executions (org_id, id, workflow_id, version_id, status, seq, event_id, trigger_type, started_at, ended_at, duration_ms, nodes_executed,
    error, error_code, error_node_id, created_at, updated_at)
  SELECT '${organization}', substr(${HEX}, 1, 8) || '-' || substr(${HEX}, 9, 4) || '-7000-8000-' || printf('%012x', n), 'w' || (x % ${WORKFLOWS}), 'v', status, 9,
    'e' || n, 'WEBHOOK_RECEIVED', at + 5 + x % 200, at + 300 + x % 5000, 100 + x % 5000, 5,
    CASE WHEN status IN ('failed', 'timed_out') THEN 'example.com answered 503' END,
    CASE status WHEN 'failed' THEN json_extract('["HTTP_ERROR","CODE_ERROR","NO_RECIPIENT"]', '$[' || (x % 3) || ']') WHEN 'timed_out' THEN 'TIMEOUT' END,
    CASE WHEN status = 'failed' THEN 'n' || (x % 3) END, at, at
  FROM m`;

const NODES = JSON.stringify(
  Object.fromEntries(
    Array.from({ length: 8 }, (_, n) => [
      `action_webhook/n${n}`,
      {
        n: 800,
        ok: 780,
        failed: 20,
        tries: 830,
        ms: 90_000,
        wait: 0,
        ...Object.fromEntries([20, 24, 26, 28, 31, 33].map((bucket) => [bucket, 133])),
      },
    ]),
  ),
);

const made = (organization: string): D1PreparedStatement[] => [
  database.prepare(`INSERT INTO organizations (id, name, created_at) VALUES ('${organization}', '${organization}', 1)`),
  database
    .prepare(
      `${NUMBERS} INSERT INTO workflows (org_id, id, name, authoring, status, definition, created_by, created_at, updated_at, published_at)
       SELECT '${organization}', 'w' || n, 'Workflow ' || n, 'enhanced', 'active', '{}', 'u', 1, 1, 1 FROM r`,
    )
    .bind(0, WORKFLOWS),
  database
    .prepare(
      `${NUMBERS} INSERT INTO node_rollups (org_id, day, workflow_id, nodes)
       SELECT '${organization}', (${FIRST} / ${DAY_MS} + n / ${WORKFLOWS}) * ${DAY_MS}, 'w' || (n % ${WORKFLOWS}), '${NODES}' FROM r`,
    )
    .bind(0, WORKFLOWS * (DAYS + 1)),
  database
    .prepare(
      `${NUMBERS} INSERT INTO service_rollups (org_id, hour, service, calls, failed, ms, times)
       SELECT '${organization}', (${NOW} / ${HOUR_MS} - n / 5) * ${HOUR_MS}, 'host' || (n % 5), 100, 3, 9000, '{"20":60,"24":40}' FROM r`,
    )
    .bind(0, 5 * 48),
];

const filling = performance.now();
let written = 0;
const STEP = 20_000;
for (const [organization, executions] of [
  [BIG, EXECUTIONS],
  [SMALL, FEW],
] as const) {
  await database.batch(made(organization));
  for (let from = 0; from < executions; from += STEP) {
    const { meta } = await database
      .prepare(fill(organization, executions))
      .bind(from, Math.min(executions, from + STEP))
      .run();
    if (organization === BIG) written += meta.rows_written;
  }
}
const seconds = (performance.now() - filling) / 1000;
console.log(
  `${EXECUTIONS} executions of ${WORKFLOWS} workflows in ${DAYS} days, in ${seconds.toFixed(0)} s; ${(written / EXECUTIONS).toFixed(1)} rows written for each, indexes, counters and rollups with it.\n`,
);

const { db, take } = countingD1(database);
const contextOf = (organizationId: string): Context => ({
  principal: { kind: "user", userId: "u", username: "u", organizationId, role: "admin" },
  ports: {
    db,
    now: () => NOW,
    heartbeat: { upSince: async () => FIRST, vitals: async () => noVitals() },
    queues: {
      status: async () => ({
        limits: { maxConcurrency: null, maxQueued: 10_000 },
        held: 0,
        waiting: 0,
        waitMs: null,
        lines: [],
      }),
    },
  } as unknown as Ports,
  requestId: "bench",
});

const first = { limit: 20, offset: 0 };
const lately = (days: number) => ({ from: NOW - days * DAY_MS, to: NOW });
const analysis = (days: number, granularity: "hour" | "day" | "month", timezone: string) => (context: Context) =>
  analyzeWorkflow(context, "w7", { span: () => lately(days), granularity, timezone });

const CASES: { name: string; read: (context: Context) => Promise<unknown> }[] = [
  {
    name: "workflows, by their last run",
    read: (context) => listEnhancedWorkflows(context, { sortBy: "lastRunAt", order: "desc" }, first),
  },
  {
    name: "workflows, by their runs",
    read: (context) => listEnhancedWorkflows(context, { sortBy: "usageCount", order: "desc" }, first),
  },
  { name: "executions of all workflows", read: (context) => listRuns(context, {}, first) },
  { name: "executions of a workflow", read: (context) => listWorkflowRuns(context, "w7", {}, first) },
  {
    name: "executions of a workflow that failed",
    read: (context) => listWorkflowRuns(context, "w7", { statuses: ["failed"] }, first),
  },
  {
    name: "executions of a workflow in a week",
    read: (context) =>
      listWorkflowRuns(context, "w7", { createdFrom: NOW - 9 * DAY_MS, createdTo: NOW - 2 * DAY_MS }, first),
  },
  {
    name: "analytics beside that list, 30 days",
    read: (context) => summarizeRuns(context, { workflowId: "w7", ...lately(30) }),
  },
  { name: "analytics of a workflow, 30 days by the day, UTC", read: analysis(30, "day", "UTC") },
  { name: "analytics of a workflow, 30 days by the day, Kolkata", read: analysis(30, "day", "Asia/Kolkata") },
  { name: "analytics of a workflow, 7 days by the hour", read: analysis(7, "hour", "America/New_York") },
  { name: "analytics of a workflow, 60 days by the month", read: analysis(60, "month", "Europe/Berlin") },
  { name: "analytics of the organisation", read: analyzeOrganization },
  { name: "performance", read: readPerformance },
];

console.log(
  `| page | rows read of ${EXECUTIONS} | of ${FEW} | ms | ms of ${FEW} | times |\n| --- | ---: | ---: | ---: | ---: | ---: |`,
);
for (const { name, read } of CASES) {
  const measured = async (organization: string) => {
    const context = contextOf(organization);
    await read(context);
    take();
    const times: number[] = [];
    for (let n = 0; n < READINGS; n++) {
      const begun = performance.now();
      await read(context);
      times.push(performance.now() - begun);
    }
    return { rows: take() / READINGS, ms: median(times) };
  };
  const [small, big] = [await measured(SMALL), await measured(BIG)];
  const times = big.ms / small.ms;
  const fits = times <= MOST;
  if (!fits) process.exitCode = 1;
  console.log(
    `| ${name} | ${Math.round(big.rows)} | ${Math.round(small.rows)} | ${big.ms.toFixed(1)} | ${small.ms.toFixed(1)} | ${times.toFixed(1)}${fits ? "" : " EXCEEDED"} |`,
  );
}
await close();
