// Triggers of the enhanced API: what there is, rows beside the graph, and that one thing starts one run however often it is said.
import { createHmac } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import * as schema from "../../../src/api/enhanced/triggers/schema.ts";
import { db, join, type Tenant } from "../../fixtures/identity.ts";
import { eventually } from "../../objects/kit.ts";
import { call, createWorkflow, fetchWorker, makeOrganization, until } from "../core/kit.ts";

const TRIGGERS = "/api/v2/triggers";
const WORKFLOWS = "/api/v2/workflows";

const node = (id: string, type: string, config: object = {}) => ({
  id,
  type,
  position: { x: 0, y: 0 },
  data: { label: id, config },
});
const graph = (...triggers: ReturnType<typeof node>[]) => ({
  nodes: [...triggers, node("keep", "data_transform", { mappings: { total: "{{event.data.total}}" } })],
  edges: triggers.map(({ id }) => ({ id: `e-${id}`, source: id, target: "keep" })),
});

let who: Tenant;
beforeAll(async () => {
  who = await makeOrganization();
  for (const code of ["ROWS_EVENT", "THRICE"])
    await call(who, "POST", "/api/v1/workflow/api/event-types", { name: code, code, category: "custom" });
});

const make = async (over: object = {}): Promise<string> => {
  const { status, body } = await call(who, "POST", WORKFLOWS, {
    name: "W",
    workflowData: graph(),
    status: "draft",
    ...over,
  });
  expect(status, JSON.stringify(body)).toBe(201);
  return body.workflow.id;
};
const active = (over: object = {}) =>
  make({ workflowData: graph(node("t", "trigger_manual")), status: "active", ...over });
const add = async (workflowId: string, trigger: object) => {
  const { status, body } = await call(who, "POST", `${TRIGGERS}/${workflowId}`, {
    triggerName: "T",
    config: {},
    ...trigger,
  });
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
};
const tell = async (type: string, data: object = {}) => {
  const path = "/api/v1/workflow/api/triggers/process_event";
  const { status, body } = await call(who, "POST", path, { event_type: type, data });
  expect(status, JSON.stringify(body)).toBeLessThan(300);
};
const runsOf = async (workflowId: string) =>
  (
    await db
      .prepare("SELECT id, status, nodes_executed AS nodes FROM executions WHERE workflow_id = ?1")
      .bind(workflowId)
      .all()
  ).results as { id: string; status: string; nodes: number }[];
/** The runs, once they are as wanted. */
const runsWhen = (workflowId: string, wanted: (runs: Awaited<ReturnType<typeof runsOf>>) => boolean) =>
  eventually(async () => {
    const runs = await runsOf(workflowId);
    return wanted(runs) && runs;
  });
const inFuture = (ms: number) => new Date(Date.now() + ms).toISOString();

describe("definitions", () => {
  it("are the catalogue's types with JSON Schemas, categories with counts, and the organisation's own events", async () => {
    await call(who, "POST", "/api/v1/workflow/api/event-types", {
      name: "Order paid",
      code: "ORDER_PAID",
      category: "custom",
    });
    const { status, body } = await call(who, "GET", `${TRIGGERS}/definitions`);
    expect(status).toBe(200);
    schema.triggerDefinitions.parse(body);
    const types = body.triggers.map((one: { type: string }) => one.type);
    expect(types).toEqual(
      expect.arrayContaining(["trigger_webhook", "trigger_schedule", "trigger_event", "trigger_manual"]),
    );
    const schedule = body.triggers.find((one: { type: string }) => one.type === "trigger_schedule");
    expect(schedule).toMatchObject({
      category: "schedule",
      scheduleTypes: ["immediate", "scheduled", "recurring", "cron"],
      configSchema: { type: "object", properties: { cron: { type: "string" }, every_seconds: { minimum: 1 } } },
    });
    const sum = body.categories.reduce((total: number, one: { count: number }) => total + one.count, 0);
    expect(sum).toBe(types.length);
    expect(body.customTriggers).toContainEqual(
      expect.objectContaining({
        code: "ORDER_PAID",
        name: "Order paid",
        triggerType: "trigger_event",
        config: { event_type: "ORDER_PAID" },
      }),
    );
  });
});

describe("a trigger's row", () => {
  it("of a webhook has an endpoint whose secret is shown once", async () => {
    const id = await active();
    const made = await add(id, {
      triggerType: "webhook",
      triggerName: "Orders",
      webhookConfig: { rateLimit: 5, filterConditions: [{ field: "total", operator: "exists" }] },
    });
    expect(made.secretKey).toMatch(/^whsec_/);
    expect(made.trigger).toMatchObject({
      workflowId: id,
      triggerType: "trigger_webhook",
      triggerName: "Orders",
      scheduleType: "immediate",
      source: "row",
      enabled: true,
      isActive: true,
      webhookEndpoint: made.webhookEndpoint,
    });
    const body = JSON.stringify({ total: 3 });
    const signature = createHmac("sha256", made.secretKey).update(body).digest("hex");
    const send = async () => {
      const headers = { "x-webhook-signature": `sha256=${signature}` };
      const answer = await fetchWorker(new URL(made.webhookEndpoint).pathname, { method: "POST", headers, body });
      // biome-ignore lint/suspicious/noExplicitAny: looked at as a client does.
      return { status: answer.status, body: (await answer.json()) as any };
    };
    const sent = await send();
    expect(sent.body).toMatchObject({ success: true, workflowsTriggered: [id] });
    await until(
      () => call(who, "GET", `${WORKFLOWS}/${id}/executions/${sent.body.executionIds[0]}`),
      ({ status, body }) => status === 200 && body.execution.status === "completed",
    );
    const { body: listed } = await call(who, "GET", `${TRIGGERS}/${id}`);
    expect(listed.webhookEndpoints).toMatchObject([{ name: "Orders", triggerId: made.trigger.id, rateLimit: 5 }]);
    expect(JSON.stringify(listed)).not.toContain("whsec_");
    schema.savedTrigger.parse(made);
    schema.workflowTriggers.parse(listed);

    const off = await call(who, "PATCH", `${TRIGGERS}/${id}/${made.trigger.id}`, { enabled: false });
    expect(off.body.trigger).toMatchObject({ enabled: false, isActive: false, nodeId: null });
    expect((await send()).status).toBe(403);
    await call(who, "PATCH", `${TRIGGERS}/${id}/${made.trigger.id}`, { enabled: true });
    expect((await send()).status).toBe(200);
    expect((await call(who, "DELETE", `${TRIGGERS}/${id}/${made.trigger.id}`)).body.success).toBe(true);
    expect((await send()).status).toBe(404);
    expect((await call(who, "GET", `${TRIGGERS}/${id}`)).body.webhookEndpoints).toEqual([]);
  });

  it("is part of the next version at once, and starts runs", async () => {
    const id = await active();
    const before = (await call(who, "GET", `${WORKFLOWS}/${id}`)).body.workflow.version;
    const made = await add(id, { triggerType: "event", config: { eventType: "ROWS_EVENT" } });
    expect(made.trigger.config).toEqual({ event_type: "ROWS_EVENT" });
    expect((await call(who, "GET", `${WORKFLOWS}/${id}`)).body.workflow.version).toBe(before + 1);
    await tell("ROWS_EVENT", { total: 1 });
    await runsWhen(id, ({ length }) => length === 1);
    // An update of the graph keeps it.
    await call(who, "PUT", `${WORKFLOWS}/${id}`, { workflowData: graph(node("other", "trigger_manual")) });
    const { body } = await call(who, "GET", `${TRIGGERS}/${id}`);
    expect(body.triggers.map((one: { source: string }) => one.source)).toEqual(["row", "node"]);
  });

  it("a node, a row and the shorthand for the same thing make one subscription and one run an event", async () => {
    const filters = [{ field: "event.data.total", operator: "greater", value: 5 }];
    const id = await make({
      workflowData: graph(
        node("t", "trigger_event", { event_type: "THRICE", filters: { operator: "and", conditions: filters } }),
      ),
      triggerType: "event",
      triggerConfig: { eventType: "THRICE", filters },
      status: "active",
    });
    const made = await add(id, { triggerType: "trigger_event", config: { event_type: "THRICE", filters } });
    expect(made.validationResults).toContainEqual(
      expect.objectContaining({ severity: "warning", code: "duplicate_trigger" }),
    );
    expect(made.trigger.nodeId).toBe("t");
    const { results } = await db.prepare("SELECT * FROM subscriptions WHERE workflow_id = ?1").bind(id).all();
    expect(results).toHaveLength(1);
    await tell("THRICE", { total: 6 });
    await tell("THRICE", { total: 4 });
    const runs = await runsWhen(id, ([first]) => first?.status === "completed");
    expect(runs).toMatchObject([{ nodes: 2 }]);
    // And the same for times: one object, one event.
    const at = inFuture(3_600_000);
    await call(who, "PUT", `${WORKFLOWS}/${id}`, {
      workflowData: graph(node("t", "trigger_schedule", { at })),
      triggerType: "schedule",
      triggerConfig: { at },
    });
    await add(id, { triggerType: "schedule", scheduleType: "scheduled", config: { at: at.replace("Z", "+00:00") } });
    const schedules = await db.prepare("SELECT * FROM schedules WHERE workflow_id = ?1").bind(id).all();
    expect(schedules.results).toHaveLength(1);
  });

  it("that leads where another one leads starts nothing twice: by hand, or by an event that both hear", async () => {
    const id = await active({ workflowData: graph(node("t", "trigger_event", { event_type: "ROWS_EVENT" })) });
    const filters = [{ field: "event.data.total", operator: "greater", value: 5 }];
    await add(id, { triggerType: "event", config: { event_type: "ROWS_EVENT", filters } });
    await add(id, { triggerType: "cron", cronExpression: "0 9 * * *" });
    const { status } = await call(who, "POST", `${WORKFLOWS}/${id}/execute`, { triggerData: { total: 1 } });
    expect(status).toBe(200);
    await tell("ROWS_EVENT", { total: 9 });
    const runs = await runsWhen(id, (all) => all.length === 2 && all.every((one) => one.status === "completed"));
    // A trigger and what it leads to.
    expect(runs).toMatchObject([{ nodes: 2 }, { nodes: 2 }]);
  });

  it("is scheduled, recurring or cron, and says when it runs next", async () => {
    const id = await active();
    const at = inFuture(86_400_000);
    const once = await add(id, { triggerType: "schedule", scheduleType: "scheduled", config: { at } });
    expect(once.trigger).toMatchObject({ scheduleType: "scheduled", nextRunAt: at, cronExpression: null });
    const often = await add(id, { triggerType: "schedule", scheduleType: "recurring", config: { everySeconds: 900 } });
    expect(Date.parse(often.trigger.nextRunAt)).toBeLessThanOrEqual(Date.now() + 900_000);
    const cron = await add(id, {
      triggerType: "schedule",
      scheduleType: "cron",
      cronExpression: "0 9 * * *",
      config: { timezone: "America/New_York" },
    });
    expect(cron.trigger).toMatchObject({ scheduleType: "cron", cronExpression: "0 9 * * *" });
    const { body } = await call(who, "GET", `${TRIGGERS}/${id}`);
    expect(body.scheduledTriggers).toMatchObject([
      { scheduleType: "scheduled", at, everySeconds: null, timezone: null, isActive: true },
      { scheduleType: "recurring", everySeconds: 900 },
      { id: cron.trigger.id, triggerId: cron.trigger.id, triggerType: "trigger_schedule", scheduleType: "cron" },
    ]);
    expect(body.scheduledTriggers[2]).toMatchObject({ cronExpression: "0 9 * * *", timezone: "America/New_York" });
    const changed = await call(who, "PUT", `${TRIGGERS}/${id}/${cron.trigger.id}`, {
      scheduleType: "recurring",
      config: { everySeconds: 60 },
    });
    expect(changed.body.trigger).toMatchObject({ scheduleType: "recurring", config: { everySeconds: 60 } });
    // A draft runs nothing.
    const draft = await make();
    expect((await add(draft, { triggerType: "cron", config: { cron: "@daily" } })).trigger).toMatchObject({
      isActive: false,
      nextRunAt: null,
    });
  });

  it("runs once at its time, and again and again with a pause", async () => {
    const id = await active();
    await add(id, { triggerType: "schedule", scheduleType: "scheduled", config: { at: inFuture(1_200) } });
    await runsWhen(id, ({ length }) => length === 1);
    const atOnce = await add(id, { triggerType: "schedule", scheduleType: "immediate" });
    expect(atOnce.trigger).toMatchObject({ scheduleType: "immediate", cronExpression: null });
    const told = ({ validationResults }: { validationResults: { code: string }[] }) =>
      validationResults.map(({ code }) => code);
    expect(told(atOnce)).not.toContain("time_passes");
    await runsWhen(id, ({ length }) => length === 2);
    const often = await active();
    const { trigger } = await add(often, { triggerType: "recurring", config: { everySeconds: 1 } });
    expect(trigger.config).toEqual({ everySeconds: 1 });
    await runsWhen(often, ({ length }) => length >= 2);
    await call(who, "PATCH", `${TRIGGERS}/${often}/${trigger.id}`, { enabled: false });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const { length } = await runsOf(often);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await runsOf(often)).toHaveLength(length);
    expect(await runsOf(id)).toHaveLength(2);
    // In a draft nothing runs, which it says.
    const late = await add(await make(), { triggerType: "immediate" });
    expect(told(late)).toContain("time_passes");
  });

  it.each([
    [{ triggerType: "pigeon" }, "triggerType"],
    [{ triggerType: 5 }, "triggerType"],
    [{ triggerType: "schedule", scheduleType: "hourly" }, "scheduleType"],
    [{ triggerType: "schedule", scheduleType: "cron", cronExpression: "99 * * * *" }, "cronExpression"],
    [
      {
        triggerType: "schedule",
        scheduleType: "cron",
        cronExpression: "0 9 * * *",
        config: { timezone: "Mars/Olympus" },
      },
      "config.timezone",
    ],
    [{ triggerType: "schedule", scheduleType: "scheduled", config: { at: "tomorrow" } }, "config.at"],
    [{ triggerType: "schedule", scheduleType: "scheduled", config: { at: "2020-01-01T00:00:00Z" } }, "config.at"],
    [{ triggerType: "schedule", scheduleType: "recurring", config: { everySeconds: 0 } }, "config.everySeconds"],
    [{ triggerType: "event", config: {} }, "config.event_type"],
    [
      { triggerType: "event", config: { event_type: "X", filters: [{ field: "event.data.a", operator: "like" }] } },
      "config.filters.0.operator",
    ],
    [{ triggerType: "manual", config: { a: 1 } }, "config.a"],
    [{ triggerType: "manual", webhookConfig: {} }, "webhookConfig"],
    [
      { triggerType: "webhook", webhookConfig: { filterConditions: [{ field: "a", operator: "like" }] } },
      "webhookConfig.filterConditions.0.operator",
    ],
    [{ triggerType: "webhook", triggerName: "" }, "triggerName"],
  ])("names what is wrong with %j", async (trigger, field) => {
    const id = await make();
    const { status, body } = await call(who, "POST", `${TRIGGERS}/${id}`, { triggerName: "T", config: {}, ...trigger });
    expect(status, JSON.stringify(body)).toBe(400);
    expect(body.validation.map((one: { field: string }) => one.field)).toContain(field);
  });

  it("is of who may edit the workflow, and of a workflow that was made here", async () => {
    const id = await make();
    const { trigger } = await add(id, { triggerType: "manual" });
    const stranger = await makeOrganization();
    const viewer = await join(who.organizationId, crypto.randomUUID(), "viewer");
    for (const [method, path, body] of [
      ["POST", `${TRIGGERS}/${id}`, { triggerType: "manual", triggerName: "T", config: {} }],
      ["PUT", `${TRIGGERS}/${id}/${trigger.id}`, { enabled: false }],
      ["DELETE", `${TRIGGERS}/${id}/${trigger.id}`, undefined],
    ] as const) {
      expect((await call(stranger, method, path, body)).body.error.code).toBe("WORKFLOW_NOT_FOUND");
      expect((await call(viewer, method, path, body)).body.error.code).toBe("INSUFFICIENT_PERMISSIONS");
    }
    expect((await call(stranger, "GET", `${TRIGGERS}/${id}`)).status).toBe(404);
    const core = await createWorkflow(who);
    const seen = await call(who, "GET", `${TRIGGERS}/${core}`);
    expect(seen.body.triggers).toMatchObject([{ id: "start", triggerType: "trigger_manual", source: "node" }]);
    expect(
      (await call(who, "POST", `${TRIGGERS}/${core}`, { triggerType: "manual", triggerName: "T", config: {} })).status,
    ).toBe(409);
    const inGraph = await active();
    expect((await call(who, "PATCH", `${TRIGGERS}/${inGraph}/t`, { enabled: false })).status).toBe(409);
    expect((await call(who, "PATCH", `${TRIGGERS}/${inGraph}/nothing`, { enabled: false })).status).toBe(404);
  });
});
