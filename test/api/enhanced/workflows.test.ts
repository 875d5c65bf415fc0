// Workflows of the enhanced API: made, listed, shown, changed and archived, as a client sees them.
import { beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../../src/lib/ids.ts";
import { makePorts } from "../../../src/objects/ports.ts";
import { db, join, makeOrganization, type Tenant, testEnv } from "../../fixtures/identity.ts";
import { caller, edge, greeting, node, welcome } from "./workflow-kit.ts";

const { inbox } = makePorts(testEnv);
let owner: Tenant;
beforeAll(async () => {
  owner = await makeOrganization();
});
const call = caller(() => owner);

const made = async (more: object = {}) => (await call("POST", "", welcome(more))).body.workflow;

describe("create", () => {
  it("keeps the drawing exactly as it was sent", async () => {
    const { status, body } = await call(
      "POST",
      "",
      welcome({ tags: ["a", "b", "a"], category: "Orders", description: "d" }),
    );
    expect(status, JSON.stringify(body)).toBe(201);
    expect(body.workflow).toMatchObject({
      name: "Welcome",
      status: "draft",
      version: 0,
      authoring: "enhanced",
      tags: ["a", "b"],
      category: "Orders",
      usageCount: 0,
      lastRunAt: null,
      organizationId: owner.organizationId,
    });
    expect(body.workflow.workflowData).toEqual(greeting);
    expect(body.workflow.triggerConfig).toEqual({ event_type: "order.paid" });
    expect(body.validationResults).toEqual([]);
    expect(body.estimatedPerformance).toMatchObject({
      source: "static",
      sampleCount: 0,
      criticalPath: ["trigger_shorthand", "set", "end"],
    });
    const read = await call("GET", `/${body.workflow.id}`);
    expect(read.status).toBe(200);
    expect(read.body.workflow).toEqual(body.workflow);
    expect(read.body.triggers).toEqual([
      expect.objectContaining({ nodeId: "trigger_shorthand", triggerType: "trigger_event", source: "shorthand" }),
    ]);
    expect(read.body).toMatchObject({
      variables: [],
      recentExecutions: [],
      analytics: {
        ...{ totalExecutions: 0, successRate: null },
        last30Days: { totalExecutions: 0, successRate: null, avgExecutionTime: null },
      },
      performance: { sampleCount: 0, avgDurationMs: null },
    });
  });

  it("takes the variables of a drawing as a list too, but no secrets", async () => {
    const saved = async (variables: object[]) =>
      call("POST", "", welcome({ workflowData: { ...greeting, variables } }));
    const list = [{ name: "a", dataType: "number", defaultValue: 1 }, { name: "b", value: "x" }, { name: "c" }];
    expect((await saved(list)).body.workflow.workflowData.variables).toEqual({ a: 1, b: "x", c: null });
    expect((await saved([])).body.workflow.workflowData.variables).toEqual({});
    const fields = async (one: object) =>
      (await saved([one])).body.validation.map(({ field }: { field: string }) => field);
    expect(await fields({ value: 1 })).toEqual(["workflowData.variables.0.name"]);
    expect(await fields({ name: "key", value: "s", isSecret: true })).toEqual(["workflowData.variables.0.isSecret"]);
  });

  it("saves a draft with its findings, and activates none with errors: nothing is written then", async () => {
    const workflowData = {
      nodes: [node("a", "no_such_type"), node("a", "flow_end"), node("hook", "action_webhook", { method: "GET" })],
      edges: [edge("a", "gone")],
    };
    const draft = await call(
      "POST",
      "",
      welcome({ name: "Unfinished", workflowData, triggerType: "trigger_schedule", triggerConfig: { cron: "never" } }),
    );
    expect(draft.status).toBe(201);
    const found = draft.body.validationResults.map(({ severity, code, path }: Record<string, string>) => [
      severity,
      code,
      path,
    ]);
    expect(found).toContainEqual(["error", "duplicate_node", "workflowData.nodes.1.id"]);
    expect(found).toContainEqual(["error", "dangling_edge", "workflowData.edges.0.target"]);
    expect(found).toContainEqual(["error", "bad_config", "workflowData.nodes.2.data.config.url"]);
    expect(found).toContainEqual(["error", "bad_config", "triggerConfig.cron"]);
    const active = await call("POST", "", welcome({ name: "Never written", workflowData, status: "active" }));
    expect(active.status).toBe(400);
    expect(active.body.error.code).toBe("INVALID_WORKFLOW_DATA");
    const { validation } = active.body;
    expect(active.body.error.message).toBe(
      `The workflow has ${validation.length} errors, first: ${validation[0].message}`,
    );
    expect(validation).toContainEqual(
      expect.objectContaining({ field: "workflowData.edges.0.target", code: "dangling_edge" }),
    );
    expect((await call("GET", "?search=Never written")).body.workflows).toEqual([]);
  });

  it.each([
    [{ name: undefined }, "name"],
    [{ name: 7 }, "name"],
    [{ name: " " }, "name"],
    [{ workflowData: undefined }, "workflowData"],
    [{ workflowData: [] }, "workflowData"],
    [{ workflowData: { nodes: {}, edges: [] } }, "workflowData.nodes"],
    [{ workflowData: { nodes: [{ id: 1, type: "flow_end" }], edges: [] } }, "workflowData.nodes.0.id"],
    [{ workflowData: { nodes: [node("a", "flow_end", [] as never)], edges: [] } }, "workflowData.nodes.0.data.config"],
    [{ tags: "a" }, "tags"],
    [{ tags: [1] }, "tags.0"],
    [{ status: "paused" }, "status"],
    [{ triggerConfig: [] }, "triggerConfig"],
    [{ settings: { timeoutSeconds: "1" } }, "settings.timeoutSeconds"],
    [{ settings: { retry: { maxAttempts: 0, backoffSeconds: 1 } } }, "settings.retry.maxAttempts"],
    [{ settings: { quietHours: { start: "25:00", end: "08:00" } } }, "settings.quietHours.start"],
    [
      { settings: { quietHours: { start: "20:00", end: "08:00", timezone: "Mars/Base" } } },
      "settings.quietHours.timezone",
    ],
    [{ surprise: 1 }, "surprise"],
  ])("refuses %j and names the field", async (more, field) => {
    const { status, body } = await call("POST", "", welcome(more));
    expect(status, JSON.stringify(body)).toBe(400);
    expect(body.validation.map((one: { field: string }) => one.field)).toContain(field);
    expect(body.error).toMatchObject({
      code: "VALIDATION_ERROR",
      timestamp: expect.any(String),
      requestId: expect.any(String),
    });
  });

  it("knows another organisation's workflow as an error workflow, or a sub-workflow, no more than a missing one", async () => {
    const stranger = await makeOrganization();
    const foreign = (await call("POST", "", welcome(), stranger)).body.workflow.id;
    for (const errorWorkflowId of [foreign, "missing"]) {
      const { status, body } = await call("POST", "", welcome({ settings: { errorWorkflowId } }));
      expect([status, body.error.code]).toEqual([404, "WORKFLOW_NOT_FOUND"]);
    }
    const own = (await made()).id;
    expect((await call("POST", "", welcome({ settings: { errorWorkflowId: own } }))).status).toBe(201);
    const starting = (workflow_id: string) => ({
      workflowData: { nodes: [node("sub", "action_subworkflow", { workflow_id })], edges: [] },
    });
    const { id } = await made(starting(own));
    for (const child of [foreign, "missing"]) {
      const answers = [await call("POST", "", welcome(starting(child))), await call("PUT", `/${id}`, starting(child))];
      for (const { status, body } of answers)
        expect([status, body.error.details]).toEqual([404, { workflowId: child }]);
      const { body } = await call("POST", `/${id}/validate`, starting(child));
      expect(body.errors).toMatchObject([
        { code: "unknown_workflow", field: "workflowData.nodes.0.data.config.workflow_id" },
      ]);
    }
    expect((await call("PUT", `/${id}`, starting("{{ event.data.child }}"))).status).toBe(200);
  });

  it("refuses conditions that nothing makes sense of, draft or not", async () => {
    const filters = { operator: "and", conditions: [{ field: "event.data.x", operator: "resembles", value: 1 }] };
    const { status, body } = await call("POST", "", welcome({ triggerConfig: { event_type: "order.paid", filters } }));
    expect([status, body.validation[0].field]).toEqual([400, "triggerConfig.filters.conditions.0.operator"]);
  });

  it("takes an editor's role", async () => {
    const viewer = await join(owner.organizationId, "viewer-1", "viewer");
    const { status, body } = await call("POST", "", welcome(), viewer);
    expect([status, body.error.code]).toEqual([403, "INSUFFICIENT_PERMISSIONS"]);
    expect((await call("GET", "", undefined, viewer)).status).toBe(200);
  });
});

describe("a trigger that is said twice", () => {
  it("is one", async () => {
    const workflowData = {
      nodes: [node("t", "trigger_event", { event_type: "order.paid" }), ...greeting.nodes],
      edges: [edge("t", "set"), ...greeting.edges],
    };
    const { body } = await call("POST", "", welcome({ workflowData, status: "active" }));
    const { triggers } = (await call("GET", `/${body.workflow.id}`)).body;
    expect(triggers.map(({ nodeId }: { nodeId: string }) => nodeId)).toEqual(["t"]);
    const { id } = body.workflow;
    const subscribed = await db
      .prepare("SELECT count(*) AS n FROM subscriptions WHERE workflow_id = ?1")
      .bind(id)
      .first("n");
    expect(subscribed).toBe(1);
    await inbox.accept({
      id: newId(),
      organizationId: owner.organizationId,
      type: "order.paid",
      source: "test",
      data: {},
      occurredAt: Date.now(),
      depth: 0,
    });
    const runs = async () => (await call("GET", `/${id}`)).body.workflow.usageCount;
    await expect.poll(runs, { timeout: 8_000 }).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await runs()).toBe(1);
  });
});

describe("change", () => {
  it("keeps what is not named, and is an active one's next version at once", async () => {
    const { id } = await made({ tags: ["x"], settings: { timeoutSeconds: 60 } });
    const renamed = await call("PUT", `/${id}`, { name: "Renamed" });
    expect(renamed.body.workflow).toMatchObject({
      name: "Renamed",
      tags: ["x"],
      version: 0,
      settings: { timeoutSeconds: 60 },
    });
    const active = await call("PUT", `/${id}`, { status: "active" });
    expect(active.body.workflow).toMatchObject({ status: "active", version: 1 });
    const moved = { ...greeting, nodes: greeting.nodes.map((one) => ({ ...one, position: { x: 9, y: 9 } })) };
    const laidOut = await call("PUT", `/${id}`, { workflowData: moved });
    expect(laidOut.body.workflow).toMatchObject({ version: 1, workflowData: moved });
    const edited = await call("PUT", `/${id}`, { triggerConfig: { event_type: "order.shipped" } });
    expect(edited.body.workflow).toMatchObject({ version: 2, status: "active" });
    expect(edited.body.migrationWarnings).toEqual([expect.stringContaining("trigger_shorthand")]);
    const bad = await call("PUT", `/${id}`, { triggerConfig: { event_type: "" } });
    expect([bad.status, bad.body.error.code]).toEqual([400, "INVALID_WORKFLOW_DATA"]);
    expect(bad.body.validation[0].field).toBe("triggerConfig.event_type");
    expect((await call("GET", `/${id}`)).body.workflow).toEqual(edited.body.workflow);
  });

  it("of nothing changes nothing, and null empties a field", async () => {
    const { id } = await made({ status: "active", tags: ["x"], settings: { timeoutSeconds: 9 }, description: "d" });
    const before = (await call("GET", `/${id}`)).body.workflow;
    expect((await call("PUT", `/${id}`, {})).body.workflow).toEqual(before);
    expect((await call("PUT", `/${id}`, { status: "active" })).body.workflow).toEqual(before);
    // What was read may be sent back, with what only we say.
    const echo = await call("PUT", `/${id}`, { ...before, version: 7 });
    expect(echo.body.workflow).toEqual({ ...before, updatedAt: expect.any(String) });
    expect((await call("PUT", `/${id}`, { ...before, versoin: 7 })).body.validation[0].field).toBe("versoin");
    const emptied = await call("PUT", `/${id}`, { tags: null, settings: null, description: null });
    expect(emptied.body.workflow).toMatchObject({ tags: [], settings: {}, description: "", version: 2 });
  });

  it("cannot empty the drawing of an active one", async () => {
    const { id } = await made({ status: "active" });
    const { status, body } = await call("PUT", `/${id}`, { workflowData: { nodes: [], edges: [] } });
    expect([status, body.error.code, body.validation[0].field]).toEqual([
      400,
      "INVALID_WORKFLOW_DATA",
      "workflowData.nodes",
    ]);
  });

  it("goes from state to state", async () => {
    const { id } = await made();
    const to = async (status: string) => {
      const answer = await call("PUT", `/${id}`, { status });
      return answer.status === 200 ? answer.body.workflow.status : answer.status;
    };
    expect(await to("paused")).toBe(422);
    expect(await to("active")).toBe("active");
    expect(await to("paused")).toBe("paused");
    expect(await to("active")).toBe("active");
    expect(await to("draft")).toBe("draft");
    expect(await to("archived")).toBe("archived");
    expect((await call("PUT", `/${id}`, { name: "x" })).status).toBe(422);
    expect(await to("draft")).toBe("draft");
    const unknown = await call("PUT", `/${id}`, { status: "published" });
    expect([unknown.status, unknown.body.validation[0].field]).toEqual([400, "status"]);
  });

  it("has a word for each way", async () => {
    const { id } = await made();
    const doing = async (word: string) => {
      const { status, body } = await call("POST", `/${id}/${word}`, {});
      return status === 200 ? body.workflow.status : status;
    };
    expect(await doing("publish")).toBe("active");
    expect(await doing("pause")).toBe("paused");
    expect(await doing("resume")).toBe("active");
  });

  it("says how many runs go on with the old version, and where those wait that is gone", async () => {
    const waiting = {
      nodes: [node("nap", "action_delay", { duration: 1, unit: "hours" }), node("end", "flow_end")],
      edges: [edge("nap", "end")],
    };
    const { id } = await made({
      workflowData: waiting,
      triggerType: "trigger_manual",
      triggerConfig: {},
      status: "active",
    });
    await runByHand(id);
    const { body } = await call("PUT", `/${id}`, { workflowData: greeting });
    expect(body.migrationWarnings).toEqual([
      "1 run is in flight and goes on to its end with the version that started it",
      expect.stringMatching(/Node 'nap' was removed; 1 run still waits there/),
    ]);
    const gone = await call("DELETE", `/${id}`);
    expect(gone.body).toMatchObject({
      success: true,
      affectedExecutions: 1,
      archivedWorkflow: { id, status: "archived" },
    });
  });
});

const runByHand = async (id: string) => {
  const { status, body } = await call("POST", `/api/v1/workflows/${id}/execute`, {});
  expect(status, JSON.stringify(body)).toBeLessThan(300);
  await expect
    .poll(async () => (await call("GET", `/${id}`)).body.recentExecutions[0]?.status, { timeout: 8_000 })
    .toBe("waiting");
};

describe("delete", () => {
  it("archives: it stays readable, and is listed when it is asked for", async () => {
    const { id } = await made({ name: "Leaving", status: "active" });
    const { status, body } = await call("DELETE", `/${id}`);
    expect(status).toBe(200);
    expect(body).toEqual({
      success: true,
      archivedWorkflow: { id, name: "Leaving", status: "archived", version: 1, archivedAt: expect.any(String) },
      affectedExecutions: 0,
    });
    expect((await call("GET", `/${id}`)).body.workflow.status).toBe("archived");
    expect((await call("GET", "?search=Leaving")).body.workflows).toEqual([]);
    expect((await call("GET", "?search=Leaving&status=archived")).body.workflows).toHaveLength(1);
    expect((await call("DELETE", `/${id}`)).body.archivedWorkflow).toEqual(body.archivedWorkflow);
  });
});
