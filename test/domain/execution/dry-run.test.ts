// A dry run shows what would happen and does nothing: no action with a side effect runs, no wait is waited for.
import { describe, expect, it } from "vitest";
import type { ActionPorts } from "../../../src/domain/action-ports.ts";
import { dryRun } from "../../../src/domain/execution/dry-run.ts";
import { compile } from "../../../src/engine/compile.ts";
import type { Definition, NodeDefinition } from "../../../src/engine/contract.ts";
import type { JsonObject } from "../../../src/lib/json.ts";
import { nodeTypes } from "../../../src/nodes/index.ts";

const HOUR = 3_600_000;

const chain = (nodes: Record<string, NodeDefinition>, ports: Record<string, string> = {}): Definition => {
  const ids = Object.keys(nodes);
  const edges = ids.slice(1).map((to, index) => {
    const from = ids[index]!;
    return { id: `e${index}`, from, fromPort: ports[from] ?? "output", to, toPort: "input" };
  });
  return { nodes, edges, variables: { greeting: "Hello" } };
};

const node = (type: string, config: JsonObject = {}): NodeDefinition => ({ type, config });

const run = async (
  definition: Definition,
  given: { variables?: JsonObject; code?: ActionPorts["code"]["run"] } = {},
) => {
  const { program, findings } = compile(definition, nodeTypes);
  if (!program) throw new Error(JSON.stringify(findings));
  const variables = given.variables ?? {};
  let now = 1_000_000;
  return dryRun(
    program,
    {
      flags: 1,
      executionId: "x",
      organizationId: "o",
      workflowId: "w",
      versionId: "draft",
      startNodes: [],
      event: { id: "e", type: "MANUAL_TRIGGER", source: "test", data: variables, occurredAt: now },
      variables,
      metadata: {},
      username: "ann",
    },
    {
      now: () => now++,
      code: { run: given.code ?? (() => Promise.reject(new Error("no code in this test"))) },
    },
  );
};

describe("dryRun", () => {
  it("mocks what would reach the world, and says so in output and logs", async () => {
    const { view, mocked } = await run(
      chain({
        start: node("trigger_manual"),
        call: node("action_webhook", { url: "https://example.com/{{name}}", method: "POST" }),
        say: node("action_chat_message", { message: "{{greeting}}, {{username}}!", to: "+15005550006" }),
        tag: node("data_variable", { name: "status", value: "{{nodes.call.output.status}}" }),
      }),
      { variables: { name: "a" } },
    );
    expect(view.status).toBe("completed");
    expect(view.path).toEqual(["start", "call", "say", "tag"]);
    const [start, call, say] = view.visits;
    expect(call!.output).toMatchObject({ mocked: true, status: 200 });
    expect(call!.logs.join()).toMatch(/mocked.*POST.*example\.com/i);
    expect(say!.output).toMatchObject({ mocked: true, text: "Hello, ann!" });
    expect([...mocked]).toEqual([call!.n, say!.n]);
    expect(mocked.has(start!.n)).toBe(false);
    expect(view.variables).toMatchObject({ status: 200 });
  });

  it("leaps over a delay of a year and shows real times", async () => {
    const { view } = await run(
      chain({
        start: node("trigger_manual"),
        nap: node("action_delay", { duration: 365, unit: "days" }),
        end: node("flow_end"),
      }),
    );
    expect(view.status).toBe("completed");
    expect(view.endedAt! - view.startedAt).toBeLessThan(1000);
    const nap = view.visits.find((visit) => visit.nodeId === "nap")!;
    expect(nap.completedAt! - nap.startedAt).toBeLessThan(1000);
    expect(nap.logs.join()).toContain(`${(365 * 24 * HOUR) / 1000} s`);
  });

  it("says that an awaited event came, without waiting for its time-out", async () => {
    const definition = chain(
      {
        start: node("trigger_manual"),
        wait: node("action_wait_for_event", { event_type: "TAG_ADDED", timeout: 1, unit: "hours" }),
        got: node("flow_end"),
      },
      { wait: "received" },
    );
    const { view, mocked } = await run(definition);
    expect(view.path).toEqual(["start", "wait", "got"]);
    expect(view.visits[1]!.port).toBe("received");
    expect(mocked.has(view.visits[1]!.n)).toBe(true);
    expect(view.visits[1]!.logs.join()).toMatch(/awaited event/);
  });

  it("really runs code, which has no side effect, and shows how it fails", async () => {
    const definition = chain({
      start: node("trigger_manual"),
      code: node("action_code", { language: "javascript", code: "result = 1" }),
    });
    const good = await run(definition, { code: async () => ({ ok: true, result: 42, logs: ["ran"] }) });
    expect(good.view.visits[1]).toMatchObject({ output: { result: 42 }, logs: ["ran"] });
    expect(good.mocked.size).toBe(0);
    const bad = await run(definition, {
      code: async () => ({ ok: false, error: { code: "CODE_ERROR", message: "boom" }, logs: [] }),
    });
    expect(bad.view).toMatchObject({ status: "failed", error: { nodeId: "code" } });
  });

  it("ends by a budget when a loop with waits never ends", async () => {
    const loop = chain({ start: node("trigger_manual"), nap: node("action_delay", { duration: 1, unit: "hours" }) });
    loop.edges.push({ id: "back", from: "nap", fromPort: "output", to: "nap", toPort: "input" });
    const { view } = await run(loop);
    expect(view.status).toBe("cancelled");
    expect(view.error!.message).toMatch(/stopped after/);
  });

  it("ends by a budget when a loop would visit too many nodes", async () => {
    const loop = chain(
      {
        start: node("trigger_manual"),
        many: node("loop_while", {
          conditions: [{ field: "variables.n", operator: "not_exists" }],
          max_iterations: 10_000,
        }),
        first: node("data_variable", { name: "i", value: "{{loop.index}}" }),
        second: node("data_variable", { name: "j", value: 1 }),
      },
      { many: "body" },
    );
    const { view } = await run(loop);
    expect(view.status).toBe("cancelled");
    expect(view.error!.message).toMatch(/stopped after 10000 visits/);
  });
});
