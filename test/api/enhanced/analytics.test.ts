// Analytics over HTTP: what is counted by rollups is what was reported, in whichever zone; bad questions name their field.
import { beforeEach, describe, expect, it } from "vitest";
import { organizationAnalytics } from "../../../src/api/enhanced/analytics/organization-schema.ts";
import { performanceMetrics } from "../../../src/api/enhanced/analytics/performance-schema.ts";
import { workflowAnalytics } from "../../../src/api/enhanced/analytics/workflow-schema.ts";
import { databaseOf } from "../../../src/domain/database.ts";
import { projectExecutions, type Report } from "../../../src/domain/execution/project.ts";
import { newId } from "../../../src/lib/ids.ts";
import { makePorts } from "../../../src/objects/ports.ts";
import { testApp } from "../../fixtures/app.ts";
import { db, join, makeOrganization, type Tenant, testEnv } from "../../fixtures/identity.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A Wednesday. */
const NOW = Date.UTC(2026, 10, 18, 12);
const { heartbeat, queues } = makePorts(testEnv);
const { fetch } = testApp({ ports: { now: () => NOW, heartbeat, queues } });

// biome-ignore lint/suspicious/noExplicitAny: any answer.
type Body = any;
let owner: Tenant;
let workflowId: string;

const makeWorkflow = async (name: string, publishedAt = NOW - 90 * DAY): Promise<string> => {
  const id = newId();
  await db
    .prepare(
      `INSERT INTO workflows (org_id, id, name, authoring, status, definition, created_by, created_at, updated_at, published_at)
       VALUES (?1, ?2, ?3, 'enhanced', 'active', '{}', 'u', ?4, ?4, ?4)`,
    )
    .bind(owner.organizationId, id, name, publishedAt)
    .run();
  return id;
};

beforeEach(async () => {
  owner = await makeOrganization();
  workflowId = await makeWorkflow("Welcome");
});

type Step = Partial<Report["steps"][number]>;
/** A run that was made at `at`, began 40 ms later, and took `ms`. */
const run = async (at: number, more: Partial<Omit<Report, "steps">> & { ms?: number; steps?: Step[] } = {}) => {
  const { ms = 100, steps = [], ...changes } = more;
  const report: Report = {
    executionId: newId(at),
    organizationId: owner.organizationId,
    workflowId,
    versionId: "v",
    seq: 5,
    status: "completed",
    startedAt: at + 40,
    endedAt: at + 40 + ms,
    nodesExecuted: Math.max(1, steps.length),
    error: null,
    errorNodeId: null,
    errorCode: null,
    nextWakeAt: null,
    dryRun: false,
    eventId: null,
    triggerType: "MANUAL_TRIGGER",
    priority: 5,
    parentId: null,
    steps: steps.map((step, n) => ({
      n: n + 1,
      nodeId: `n${n + 1}`,
      nodeType: "data_transform",
      visit: 1,
      status: "completed",
      startedAt: at + 40,
      completedAt: at + 40 + ms,
      attempts: 0,
      error: null,
      ...step,
    })),
    ...changes,
  };
  await projectExecutions(databaseOf(db), [report], at + 1_000);
  return report;
};
const failed = (code: string, nodeId: string) => ({
  status: "failed",
  error: `it said ${code}`,
  errorCode: code,
  errorNodeId: nodeId,
});

/** Each answer is what the OpenAPI document says that it is. */
const SHAPES = { workflows: workflowAnalytics, organization: organizationAnalytics, performance: performanceMetrics };
const get = async (path: string, who = owner): Promise<{ status: number; body: Body }> => {
  const answer = await fetch(`/api/v2/analytics/${path}`, { headers: who.headers });
  const body: Body = await answer.json();
  if (answer.status === 200) expect(SHAPES[path.split("/")[0] as keyof typeof SHAPES].parse(body)).toEqual(body);
  return { status: answer.status, body };
};
const analytics = (query: string) => get(`workflows/${workflowId}?${query}`);
const LAST_WEEK = "startDate=2026-11-09&endDate=2026-11-15";

describe("GET /api/v2/analytics/workflows/{id}", () => {
  it("tells what became of the executions, along the time with its empty days", async () => {
    const at = Date.UTC(2026, 10, 10, 9);
    for (let n = 0; n < 6; n++) await run(at + n * HOUR, { ms: 100 + n });
    await run(at + DAY, { ...failed("HTTP_ERROR", "call"), ms: 400 });
    await run(at + DAY, { status: "timed_out", error: "too long", errorCode: "TIMEOUT" });
    await run(at + DAY, { status: "cancelled" });
    await run(at + DAY, { status: "waiting", endedAt: null, nextWakeAt: NOW });
    await run(at, { dryRun: true });
    await run(at - 7 * DAY);
    const { status, body } = await analytics(LAST_WEEK);
    expect(status).toBe(200);
    expect(body.overview).toMatchObject({
      workflowId,
      workflowName: "Welcome",
      period: {
        startDate: "2026-11-09T00:00:00.000Z",
        endDate: "2026-11-16T00:00:00.000Z",
        timezone: "UTC",
        granularity: "day",
      },
      totalExecutions: 10,
      successful: 6,
      failed: 1,
      cancelled: 1,
      timedOut: 1,
      inProgress: 1,
      successRate: 75,
      errorRate: 25,
      previousPeriod: { totalExecutions: 1, successful: 1, successRate: 100 },
    });
    expect(body.timeSeries.map((point: Body) => [point.timestamp.slice(8, 10), point.totalExecutions])).toEqual([
      ["09", 0],
      ["10", 6],
      ["11", 4],
      ["12", 0],
      ["13", 0],
      ["14", 0],
      ["15", 0],
    ]);
    expect(body.timeSeries[1]).toEqual({
      timestamp: "2026-11-10T00:00:00.000Z",
      endTimestamp: "2026-11-11T00:00:00.000Z",
      totalExecutions: 6,
      successful: 6,
      failed: 0,
      cancelled: 0,
      timedOut: 0,
      successRate: 100,
      avgExecutionTime: 103,
    });
    expect(body.performance.startDelay).toMatchObject({ average: 40, samples: 10 });
    expect(body.errors.totalErrors).toBe(2);
    expect(body.errors.errors.map((error: Body) => [error.code, error.nodeId, error.count, error.percentage])).toEqual([
      ["HTTP_ERROR", "call", 1, 50],
      ["TIMEOUT", null, 1, 50],
    ]);
    expect(body.errors.errors[0].sampleExecutionIds).toHaveLength(1);
    expect(body.errors.byNode).toMatchObject([{ nodeId: "call", count: 1 }]);
    // Eleven in both weeks are too few.
    expect(body.trends.trends.map((trend: Body) => trend.direction)).toEqual([
      "unknown",
      "unknown",
      "unknown",
      "unknown",
    ]);
  });

  it("divides the time as the organisation's zone does, days of 23 and 25 hours and half hours included", async () => {
    await db
      .prepare("UPDATE organizations SET messaging_policy = ?2 WHERE id = ?1")
      .bind(owner.organizationId, JSON.stringify({ timezone: "Asia/Kolkata" }))
      .run();
    // 00:10 and 23:50 of the 11th in India.
    await run(Date.UTC(2026, 10, 10, 18, 40));
    await run(Date.UTC(2026, 10, 11, 18, 20));
    // 00:10 of the 12th.
    await run(Date.UTC(2026, 10, 11, 18, 40));
    const india = (await analytics("startDate=2026-11-11&endDate=2026-11-12")).body;
    expect(india.overview.period).toMatchObject({ startDate: "2026-11-10T18:30:00.000Z", timezone: "Asia/Kolkata" });
    expect(india.timeSeries.map((point: Body) => point.totalExecutions)).toEqual([2, 1]);

    const newYork = (await analytics("startDate=2026-11-01&endDate=2026-11-01&timezone=America/New_York")).body;
    expect(newYork.timeSeries).toHaveLength(1);
    expect(newYork.timeSeries[0]).toMatchObject({
      timestamp: "2026-11-01T04:00:00.000Z",
      endTimestamp: "2026-11-02T05:00:00.000Z",
    });
    const hours = (
      await analytics("startDate=2026-11-01&endDate=2026-11-01&granularity=hour&timezone=America/New_York")
    ).body;
    expect(hours.timeSeries).toHaveLength(25);
  });

  it("tells what each node took and sent", async () => {
    const at = Date.UTC(2026, 10, 10, 9);
    const steps: Step[] = [
      { nodeId: "hello", nodeType: "action_chat_message", attempts: 1, service: "sms" },
      {
        nodeId: "call",
        nodeType: "action_webhook",
        attempts: 3,
        completedAt: at + 10_040,
        waitMs: 2_000,
        service: "example.com",
      },
    ];
    const report = await run(at, { ms: 10_000, steps });
    // Told again, it counts nothing.
    await projectExecutions(databaseOf(db), [report], at + 2_000);
    await run(at, { ms: 10_000, steps, dryRun: true });
    const { body } = await analytics(LAST_WEEK);
    expect(body.overview.messagesSent).toBe(1);
    expect(body.performance.nodes).toMatchObject([
      { nodeId: "hello", nodeType: "action_chat_message", visits: 1, averageTime: 10_000 },
      { nodeId: "call", nodeType: "action_webhook", visits: 1, retries: 2, averageTime: 8_000, averageWait: 2_000 },
    ]);
    expect(body.performance.executionTime).toMatchObject({ average: 10_000, max: 10_000 });
  });

  it("compares a time that is not over with as long as it has lasted", async () => {
    const begin = Date.UTC(2026, 10, 16);
    for (let n = 0; n < 30; n++) {
      await run(begin + n * HOUR);
      await run(begin + n * HOUR - (NOW - begin));
    }
    const { body } = await analytics("startDate=2026-11-16&endDate=2026-11-22");
    expect(body.trends).toMatchObject({
      period: { startDate: "2026-11-16T00:00:00.000Z", endDate: "2026-11-23T00:00:00.000Z" },
      previousPeriod: { startDate: "2026-11-13T12:00:00.000Z", endDate: "2026-11-16T00:00:00.000Z" },
    });
    expect(body.trends.trends[0]).toMatchObject({ direction: "flat", current: 30, previous: 30, change: 0 });
  });

  it("answers the figures that `metrics` names, in whichever spelling, and always every section", async () => {
    const { body } = await analytics(`${LAST_WEEK}&metrics=success_rate,errors`);
    expect(Object.keys(body)).toEqual(["overview", "timeSeries", "performance", "errors", "trends"]);
    expect(Object.keys(body.timeSeries[0])).toEqual(["timestamp", "endTimestamp", "successRate"]);
    expect(body.trends.trends.map((trend: Body) => trend.metric)).toEqual(["successRate"]);
    const repeated = await analytics(`${LAST_WEEK}&metrics=overview&metrics=trends`);
    expect(repeated.body).toEqual((await analytics(LAST_WEEK)).body);
  });

  it.each([
    ["", "startDate"],
    ["startDate=2026-11-01", "endDate"],
    ["startDate=yesterday&endDate=2026-11-02", "startDate"],
    ["startDate=2026-11-02T10:00:00&endDate=2026-11-03", "startDate"],
    ["startDate=2026-11-01&endDate=2026-13-02", "endDate"],
    ["startDate=2026-11-02&endDate=2026-10-02", "endDate"],
    ["startDate=2020-11-02&endDate=2026-10-02", "endDate"],
    [`${LAST_WEEK}&granularity=minute`, "granularity"],
    ["startDate=2026-08-01&endDate=2026-11-01&granularity=hour", "granularity"],
    [`${LAST_WEEK}&metrics=luck`, "metrics"],
    [`${LAST_WEEK}&timezone=Mars/Olympus`, "timezone"],
  ])("refuses ?%s by naming %s", async (query, field) => {
    const { status, body } = await analytics(query);
    expect([status, body.validation?.[0]?.field]).toEqual([400, field]);
  });

  it("is a missing workflow to another organisation", async () => {
    const stranger = await makeOrganization();
    expect(await get(`workflows/${workflowId}?${LAST_WEEK}`, stranger)).toMatchObject({
      status: 404,
      body: { error: { code: "WORKFLOW_NOT_FOUND" } },
    });
  });
});

describe("GET /api/v2/analytics/organization", () => {
  it("has nothing to recommend where nothing has happened", async () => {
    workflowId = await makeWorkflow("New", NOW - DAY);
    await run(NOW - HOUR);
    await db.prepare("DELETE FROM workflows WHERE name = 'Welcome' AND org_id = ?1").bind(owner.organizationId).run();
    const { status, body } = await get("organization");
    expect(status).toBe(200);
    expect(body.recommendations).toEqual([]);
    expect(body.summary).toMatchObject({
      totalWorkflows: 1,
      activeWorkflows: 1,
      workflowsRun: 1,
      totalExecutions: 1,
      successRate: 100,
    });
    expect(body.topWorkflows).toMatchObject([
      { workflowId, name: "New", totalExecutions: 1, topErrorCode: null, changePercent: null },
    ]);
    expect(body.usage).toMatchObject({
      executions: 1,
      events: 0,
      storage: { executions: 1, messages: 0, contacts: 0, workflows: 1 },
    });
  });

  it("recommends with the numbers that it rests on", async () => {
    const idle = await makeWorkflow("Sleeper");
    for (let n = 0; n < 25; n++) {
      const isBad = n % 2 === 0;
      await run(NOW - 2 * HOUR + n * 60_000, {
        ...(isBad ? { ...failed("HTTP_ERROR", "call"), error: "example.com answered 503" } : {}),
        steps: [
          {
            nodeId: "call",
            nodeType: "action_webhook",
            attempts: 1,
            service: "example.com",
            status: isBad ? "failed" : "completed",
          },
          { nodeId: "ask", nodeType: "action_question", attempts: 1, late: true },
        ],
      });
    }
    const { body } = await get("organization");
    const of = (type: string) => body.recommendations.find((one: Body) => one.type === type);
    expect(of("failing_workflow")).toMatchObject({
      severity: "high",
      workflowId,
      nodeId: "call",
      evidence: { runs: 25, failures: 13, failureRate: 52, code: "HTTP_ERROR", count: 13 },
    });
    expect(of("failing_service")).toMatchObject({
      evidence: { service: "example.com", calls: 25, failed: 13, failureRate: 52 },
    });
    expect(of("webhook_without_retry")).toMatchObject({
      nodeId: "call",
      evidence: { failures: 13, visits: 25, retries: 0 },
    });
    expect(of("unanswered_question")).toMatchObject({
      nodeId: "ask",
      evidence: { asked: 25, unanswered: 25, share: 100 },
    });
    expect(of("idle_workflow")).toMatchObject({ workflowId: idle, evidence: { runs: 0, daysSincePublished: 90 } });
    expect(body.topWorkflows[0].topErrorCode).toBe("HTTP_ERROR");
    await db.prepare("UPDATE workflows SET status = 'archived' WHERE id = ?1").bind(workflowId).run();
    const after = (await get("organization")).body.recommendations.map((one: Body) => one.type);
    expect(after).toEqual(["failing_service", "idle_workflow"]);
  });

  it("leaves out what was hidden from who asks", async () => {
    const member = await join(owner.organizationId, newId(), "viewer");
    await run(NOW - HOUR, failed("X", "n"));
    await db
      .prepare(
        "INSERT INTO workflow_permissions (org_id, workflow_id, user_id, can_view, can_edit, can_delete, can_execute) VALUES (?1, ?2, ?3, 0, 0, 0, 0)",
      )
      .bind(owner.organizationId, workflowId, member.userId)
      .run();
    const { body } = await get("organization", member);
    expect(body.summary.totalExecutions).toBe(0);
    expect(body.topWorkflows).toEqual([]);
    expect(JSON.stringify(body)).not.toContain(workflowId);
  });
});

describe("GET /api/v2/analytics/performance", () => {
  it("tells of the organisation's own executions and services only", async () => {
    for (let n = 0; n < 20; n++) {
      await run(NOW - 40 * 60_000 + n * 1_000, {
        ...(n < 5 ? failed("HTTP_ERROR", "call") : {}),
        steps: [
          {
            nodeId: "call",
            nodeType: "action_webhook",
            attempts: 1,
            service: "api.example.com",
            status: n < 5 ? "failed" : "completed",
          },
        ],
      });
    }
    await run(NOW - HOUR, { status: "waiting", endedAt: null, nextWakeAt: NOW + HOUR });
    const { status, body } = await get("performance");
    expect(status).toBe(200);
    expect(body.executionQueue).toMatchObject({
      queued: 0,
      running: 0,
      waiting: 1,
      queueLimit: 10_000,
      startDelay: { samples: 21, average: 40 },
    });
    expect(body.systemLoad).toMatchObject({ executionsLastHour: 21, failureRateLastHour: 25 });
    expect(body.databasePerformance.statementTime.samples).toBeGreaterThan(0);
    expect(body.externalServices).toMatchObject([
      { service: "api.example.com", calls: 20, failures: 5, failureRate: 25, p50Time: expect.any(Number) },
    ]);
    expect(body.alerts.map((alert: Body) => [alert.type, alert.value, alert.threshold])).toEqual(
      expect.arrayContaining([
        ["failing_executions", 25, 20],
        ["failing_service", 25, 20],
      ]),
    );
    const stranger = await makeOrganization();
    const other = await get("performance", stranger);
    expect(other.body.executionQueue).toMatchObject({ waiting: 0, startDelay: { samples: 0, p95: null } });
    expect(other.body.externalServices).toEqual([]);
  });
});
