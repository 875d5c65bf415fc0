// What is said of a workflow before anybody is bothered: validation with suggestions, estimates from what nodes took, test runs.
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { estimateRun } from "../../../src/domain/execution/estimate-run.ts";
import { makePorts } from "../../../src/objects/ports.ts";
import { db, makeOrganization, type Tenant, testEnv } from "../../fixtures/identity.ts";
import { caller, edge, greeting, node, welcome } from "./workflow-kit.ts";

let owner: Tenant;
beforeAll(async () => {
  owner = await makeOrganization();
});
afterEach(() => {
  vi.restoreAllMocks();
});
const call = caller(() => owner);
const made = async (more: object = {}): Promise<string> => (await call("POST", "", welcome(more))).body.workflow.id;

const hook = (id: string, config: object = {}) =>
  node(id, "action_webhook", { url: `https://${id}.example.com/x`, method: "POST", body: {}, ...config });
const chain = (...nodes: { id: string }[]) => ({
  nodes,
  edges: nodes.slice(1).map(({ id }, index) => edge(nodes[index]!.id, id)),
});

describe("validate", () => {
  it("answers 200 with errors, warnings and suggestions, each with its node, for what is stored", async () => {
    const workflowData = {
      nodes: [
        hook("a"),
        hook("b"),
        hook("c", { headers: { Authorization: "Bearer abc" } }),
        node("ask", "action_question", { message: "Well?" }),
        node("lost", "flow_end"),
        node("bad", "data_variable", {}),
      ],
      edges: [edge("a", "b"), edge("b", "c"), edge("c", "ask"), edge("lost", "lost")],
    };
    const id = await made({ workflowData });
    const { status, body } = await call("POST", `/${id}/validate`, {});
    expect(status).toBe(200);
    expect(body.isValid).toBe(false);
    expect(body.errors).toContainEqual(
      expect.objectContaining({ nodeId: "bad", field: "workflowData.nodes.5.data.config.name" }),
    );
    expect(body.warnings.length).toBeGreaterThan(0);
    const suggested = Object.fromEntries(
      body.suggestions.map((one: { code: string; nodeId: string }) => [`${one.code} ${one.nodeId}`, one]),
    );
    expect(Object.keys(suggested)).toEqual(
      expect.arrayContaining([
        "webhook_without_retry a",
        "no_error_path b",
        "message_without_quiet_hours ask",
        "question_without_timeout ask",
        "sequential_chain a",
        "secret_in_config c",
      ]),
    );
    expect(suggested["webhook_without_retry a"]).toMatchObject({
      field: "workflowData.nodes.0.data.config.retry",
      reason: expect.stringContaining("'a'"),
    });
    expect(JSON.stringify(body)).not.toContain("Bearer abc");
  });

  it("says where a secret would go to whoever names the host, and what no filter makes of it", async () => {
    const headers = { "x-key": "{{ token | upcase }}" };
    const id = await made({
      workflowData: chain(
        node("t", "trigger_manual"),
        hook("fixed", { headers }),
        hook("open", { url: "https://{{ host }}/x", headers }),
        hook("other", { url: "https://{{ host }}/x" }),
        hook("itself", { url: "{{ token }}" }),
        hook("cut", { url: "https://example.com/{{ host }}", headers: { "x-key": "{{ token | slice: 2 }}" } }),
      ),
    });
    const secret = { name: "token", dataType: "string", scope: "workflow", isSecret: true, defaultValue: "canary" };
    expect((await call("POST", `/${id}/variables`, secret)).status).toBe(201);
    const { body } = await call("POST", `/${id}/validate`, {});
    const about = (list: { code: string; nodeId: string }[]) =>
      list.filter(({ code }) => code.startsWith("secret_")).map(({ code, nodeId }) => `${code} ${nodeId}`);
    expect(about(body.suggestions)).toEqual(["secret_to_any_host open"]);
    expect(about(body.warnings)).toEqual(["secret_filter cut"]);
  });

  it("judges a drawing that is not stored, and changes nothing", async () => {
    const id = await made();
    const { body } = await call("POST", `/${id}/validate`, { workflowData: { nodes: [], edges: [edge("x", "y")] } });
    expect(body.isValid).toBe(false);
    expect(body.errors.map(({ code }: { code: string }) => code)).toContain("dangling_edge");
    expect((await call("GET", `/${id}`)).body.workflow.workflowData).toEqual(greeting);
    const wrong = await call("POST", `/${id}/validate`, { workflowData: { nodes: [{}], edges: [] }, testData: 3 });
    expect(wrong.status).toBe(400);
    expect(wrong.body.validation.map(({ field }: { field: string }) => field)).toEqual(
      expect.arrayContaining(["workflowData.nodes.0.id", "testData"]),
    );
  });

  it("says all that is wrong at once: what a node's code and URL are, beside a connection to nowhere", async () => {
    const workflowData = {
      nodes: [
        node("py", "action_code", { language: "python", code: "x = 1\nresult = (" }),
        node("js", "action_code", { language: "javascript", code: "result = 1" }),
        node("call", "action_webhook", { url: "http://169.254.169.254/", method: "GET" }),
      ],
      edges: [edge("py", "js"), edge("js", "call", "elsewhere")],
    };
    const { body } = await call("POST", `/${await made()}/validate`, { workflowData });
    const told = body.errors.map((one: { field: string; code: string; message: string }) => [one.field, one.code]);
    expect(told).toEqual([
      ["workflowData.edges.1.sourceHandle", "unknown_port"],
      ["workflowData.nodes.2.data.config.url", "url_not_allowed"],
      ["workflowData.nodes.0.data.config.code", "bad_code"],
    ]);
    expect(body.errors[0].message).toBe("Node 'js' has no output port 'elsewhere'; it has 'output', 'error'");
    expect(body.errors[2].message).toMatch(/SyntaxError.*\(line 2\)/);
    const active = await call("POST", "", welcome({ workflowData, status: "active" }));
    expect([active.status, active.body.error.code]).toEqual([400, "INVALID_WORKFLOW_DATA"]);
    expect((await call("POST", "", welcome({ workflowData }))).status).toBe(201);
  });

  it("takes no more data than a run can hold, and names the field", async () => {
    const id = await made();
    for (const [way, field] of Object.entries({ validate: "testData", test: "testData", execute: "inputData" })) {
      const { status, body } = await call("POST", `/${id}/${way}`, { [field]: { text: "x".repeat(950_000) } });
      expect([way, status, body.validation[0].field]).toEqual([way, 413, field]);
    }
  });

  it("says which node the test data do not get through", async () => {
    const id = await made({
      workflowData: chain(node("w", "action_webhook", { url: "{{ target }}", method: "GET" }), node("end", "flow_end")),
    });
    const good = await call("POST", `/${id}/validate`, { testData: { target: "https://example.com" } });
    expect(good.body).toMatchObject({ isValid: true, warnings: [] });
    const bad = await call("POST", `/${id}/validate`, { testData: { target: "no url" } });
    expect(bad.body).toMatchObject({
      isValid: true,
      warnings: [expect.objectContaining({ code: "fails_with_test_data", nodeId: "w" })],
    });
  });

  it("does not suggest what the settings have", async () => {
    const settings = {
      retry: { maxAttempts: 3, backoffSeconds: 1 },
      quietHours: { start: "21:00", end: "08:00" },
      errorWorkflowId: await made(),
    };
    const workflowData = chain(
      hook("a"),
      node("say", "action_chat_message", { message: "Hi" }),
      node("end", "flow_end"),
    );
    const { body } = await call("POST", "", welcome({ workflowData, settings }));
    expect(body.validationResults).toEqual([]);
  });
});

describe("an estimate", () => {
  it("rests on what nodes took here, with their number, and on a guess where nobody has measured", async () => {
    const workflowData = chain(
      node("nap", "action_delay", { duration: 2, unit: "seconds" }),
      node("set", "data_variable", { name: "a", value: 1 }),
      node("end", "flow_end"),
    );
    const first = await call(
      "POST",
      "",
      welcome({ workflowData, triggerType: "manual", triggerConfig: {}, status: "active" }),
    );
    expect(first.body.estimatedPerformance).toMatchObject({
      source: "static",
      sampleCount: 0,
      criticalPath: ["trigger_shorthand", "nap", "set", "end"],
    });
    expect(first.body.estimatedPerformance.estimatedDurationMs).toBeGreaterThanOrEqual(2_000);
    const { id } = first.body.workflow;
    await call("PUT", `/${id}`, { workflowData: chain(...workflowData.nodes.slice(1)) });
    for (let n = 0; n < 3; n++)
      await call("POST", `/api/v1/workflows/${id}/execute`, { wait: true, timeout_seconds: 10 });
    await expect
      .poll(async () => (await call("GET", `/${id}`)).body.performance.sampleCount, { timeout: 8_000 })
      .toBe(3);
    const { body } = await call("POST", `/${id}/validate`, { workflowData });
    const { estimatedPerformance: estimate } = body;
    expect(estimate.source).toBe("mixed");
    const sources = Object.fromEntries(
      estimate.nodes.map((one: { nodeId: string; source: string; sampleCount: number }) => [
        one.nodeId,
        [one.source, one.sampleCount],
      ]),
    );
    expect(sources).toEqual({
      nap: ["static", 0],
      set: ["measured", 3],
      end: ["measured", 3],
      trigger_shorthand: ["measured", 3],
    });
    expect(estimate.estimatedSuccessRate).toBe(100);
    const detail = (await call("GET", `/${id}`)).body;
    expect(detail.analytics).toMatchObject({ totalExecutions: 3, successRate: 100, last30Days: { successful: 3 } });
    expect(detail.recentExecutions).toHaveLength(3);
    expect(detail.workflow).toMatchObject({ usageCount: 3, lastRunAt: expect.any(String) });
    // Of a workflow with a limit, also how long an execution keeps its slot: what its nodes were at work.
    const principal = { kind: "user", ...owner, username: "o", role: "owner" } as const;
    const estimated = () => estimateRun({ principal, ports: makePorts(testEnv), requestId: "r" }, id);
    expect(await estimated()).toEqual({ estimateMs: expect.any(Number) });
    await call("PUT", `/${id}`, { settings: { maxConcurrency: 1 } });
    await db
      .prepare(
        `UPDATE node_rollups SET nodes = json_set(nodes, '$."data_variable/set".ms', 9000) WHERE workflow_id = ?1`,
      )
      .bind(id)
      .run();
    const { workMs } = await estimated();
    expect(Math.round(workMs! / 100)).toBe(30);
    const stranger = await makeOrganization();
    const elsewhere = await call("POST", "", welcome(), stranger);
    expect(elsewhere.body.estimatedPerformance.source).toBe("static");
  });
});

describe("test", () => {
  const outside = {
    nodes: [
      node("set", "data_variable", { name: "who", value: "{{ name }}" }),
      hook("hook"),
      node("nap", "action_delay", { duration: 3, unit: "days" }),
      node("say", "action_chat_message", { message: "Hello {{ who }}" }),
      node("end", "flow_end"),
    ],
    edges: [edge("set", "hook"), edge("hook", "nap"), edge("nap", "say"), edge("say", "end")],
  };

  it("runs it without consequences, one result a node", async () => {
    const calls = vi.spyOn(globalThis, "fetch");
    const id = await made({ workflowData: outside });
    const { status, body } = await call("POST", `/${id}/test`, { testData: { name: "Ada" } });
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body.status).toBe("completed");
    expect(body.results.map(({ nodeId }: { nodeId: string }) => nodeId)).toEqual([
      "trigger_shorthand",
      "set",
      "hook",
      "nap",
      "say",
      "end",
    ]);
    expect(body.results[2]).toMatchObject({ mocked: true, status: "completed" });
    expect(body.results[4]).toMatchObject({ mocked: true, output: { text: "Hello Ada", mocked: true } });
    expect(body.results[0].variables).toBeUndefined();
    expect(body.performance).toMatchObject({ mockedSteps: 2, stepsExecuted: 6 });
    expect(body.performance.simulatedDurationMs).toBeGreaterThanOrEqual(3 * 86_400_000);
    expect(body.performance.totalDurationMs).toBeLessThan(60_000);
    expect(body.logs.map(({ message }: { message: string }) => message).join("\n")).toContain("Skipped: a wait");
    expect(calls).not.toHaveBeenCalled();
    expect((await call("GET", `/${id}`)).body.workflow.usageCount).toBe(0);
  });

  it("step by step says what went in, what came out, and the variables after it", async () => {
    const workflowData = {
      nodes: [
        node("loop", "loop_foreach", { items: [1, 2], item_variable: "x" }),
        node("sum", "data_variable", { name: "sum", value: "{{ sum | plus: x }}" }),
        node("end", "flow_end"),
      ],
      edges: [edge("loop", "sum", "body"), edge("sum", "loop"), edge("loop", "end", "done")],
    };
    const id = await made({ workflowData });
    const { body } = await call("POST", `/${id}/test`, { testData: { sum: 0 }, stepByStep: true });
    const steps = body.results.map((one: { nodeId: string; variables: { sum: number } }) => [
      one.nodeId,
      one.variables.sum,
    ]);
    expect(steps).toEqual([
      ["trigger_shorthand", 0],
      ["loop", 3],
      ["sum", 1],
      ["sum", 3],
      ["end", 3],
    ]);
    expect(body.results.map(({ stepNumber }: { stepNumber: number }) => stepNumber)).toEqual([1, 2, 3, 4, 5]);
  });

  it("with mockExternalServices false really calls out, and still writes to nobody", async () => {
    const called: string[] = [];
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input) => {
      called.push(String(input instanceof Request ? input.url : input));
      return Response.json({ ok: true });
    });
    const id = await made({ workflowData: outside });
    const { body } = await call("POST", `/${id}/test`, { testData: { name: "Ada" }, mockExternalServices: false });
    expect(called).toEqual([expect.stringContaining("hook.example.com")]);
    expect(body.results[2]).toMatchObject({ mocked: false, output: { status: 200, body: { ok: true } } });
    expect(body.results[4]).toMatchObject({ mocked: true });
  });

  it("tells a run that fails, and refuses what cannot run", async () => {
    const id = await made({
      workflowData: chain(node("w", "action_webhook", { url: "{{ target }}", method: "GET" }), node("end", "flow_end")),
    });
    const { status, body } = await call("POST", `/${id}/test`, { testData: { target: "no url" } });
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: "failed", error: { nodeId: "w" } });
    expect(body.logs.at(-1)).toMatchObject({ level: "error" });
    const broken = await made({ workflowData: { nodes: [node("x", "nothing")], edges: [] } });
    const refused = await call("POST", `/${broken}/test`, { testData: {} });
    expect([refused.status, refused.body.error.code]).toEqual([400, "INVALID_WORKFLOW_DATA"]);
    const without = await call("POST", `/${broken}/test`, {});
    expect([without.status, without.body.validation[0].field]).toEqual([400, "testData"]);
  });
});
