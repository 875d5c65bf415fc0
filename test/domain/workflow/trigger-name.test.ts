// One vocabulary for triggers, however they are said, and one node for one thing.
import { describe, expect, it } from "vitest";
import { triggerNodeOf } from "../../../src/domain/workflow/enhanced/trigger-name.ts";
import { addTriggers, contentOf } from "../../../src/domain/workflow/enhanced/trigger-node.ts";

const problemsOf = (written: Parameters<typeof triggerNodeOf>[0]) => {
  const read = triggerNodeOf(written);
  return read.ok ? [] : read.problems.map(({ field }) => field);
};

describe("a trigger's name", () => {
  it.each([
    ["trigger_webhook", {}, "trigger_webhook", {}],
    ["webhook", {}, "trigger_webhook", {}],
    ["Manual", {}, "trigger_manual", {}],
    ["event", { eventType: "order.paid" }, "trigger_event", { event_type: "order.paid" }],
    ["TAG_ADDED", {}, "trigger_event", { event_type: "TAG_ADDED" }],
    ["command", { commandName: "!go" }, "trigger_command", { command_name: "!go" }],
    ["schedule", { everySeconds: 60 }, "trigger_schedule", { every_seconds: 60 }],
    [
      "schedule",
      { cronExpression: "0 9 * * *", timezone: "Europe/Berlin" },
      "trigger_schedule",
      { cron: "0 9 * * *", timezone: "Europe/Berlin" },
    ],
    ["cron", { cron: "@daily" }, "trigger_schedule", { cron: "@daily" }],
    ["scheduled", { at: "2027-01-01T00:00:00Z" }, "trigger_schedule", { at: "2027-01-01T00:00:00Z" }],
  ])("%s %j is %s", (triggerType, config, type, expected) => {
    expect(triggerNodeOf({ triggerType, config })).toEqual({ ok: true, type, config: expected });
  });

  it("takes a cron expression beside the config", () => {
    expect(
      triggerNodeOf({ triggerType: "schedule", config: {}, scheduleType: "cron", cronExpression: "*/5 * * * *" }),
    ).toEqual({ ok: true, type: "trigger_schedule", config: { cron: "*/5 * * * *" } });
  });

  it("names the field of what does not fit", () => {
    expect(problemsOf({ triggerType: "carrier_pigeon", config: {} })).toEqual(["triggerType"]);
    expect(problemsOf({ triggerType: "schedule", config: {}, scheduleType: "cron" })).toEqual(["cronExpression"]);
    expect(problemsOf({ triggerType: "schedule", config: {}, scheduleType: "scheduled" })).toEqual(["config.at"]);
    expect(problemsOf({ triggerType: "schedule", config: {}, scheduleType: "recurring" })).toEqual([
      "config.everySeconds",
    ]);
    expect(problemsOf({ triggerType: "schedule", config: { cron: "@daily" }, scheduleType: "immediate" })).toEqual([
      "scheduleType",
    ]);
    expect(problemsOf({ triggerType: "webhook", config: {}, scheduleType: "cron" })).toEqual(["scheduleType"]);
    expect(problemsOf({ triggerType: "webhook", config: {}, cronExpression: "@daily" })).toEqual(["cronExpression"]);
    expect(
      problemsOf({
        triggerType: "schedule",
        config: { at: "2027-01-01T00:00:00Z", everySeconds: 5 },
        scheduleType: "recurring",
      }),
    ).toEqual(["config.at"]);
  });
});

describe("triggers beside a graph", () => {
  const graph = {
    nodes: {
      t: { type: "trigger_schedule", config: { at: "2027-01-01T01:00:00+01:00" } },
      a: { type: "flow_end", config: {} },
      b: { type: "flow_end", config: {} },
    },
    edges: [{ id: "e", from: "t", fromPort: "output", to: "a", toPort: "input" }],
    variables: {},
  };

  it("that say the same are one", () => {
    const filters = [{ field: "event.data.total", operator: "greater", value: 5 }];
    const tree = { operator: "and", conditions: filters };
    expect(contentOf({ type: "trigger_event", config: { event_type: "x", filters } })).toBe(
      contentOf({ type: "trigger_event", config: { event_type: "x", filters: tree } }),
    );
    const same = { id: "1", name: "again", type: "trigger_schedule", config: { at: "2027-01-01T00:00:00Z" } };
    expect(addTriggers(graph, [same])).toEqual(graph);
    const other = { ...same, id: "2", config: { at: "2027-01-01T00:00:01Z" } };
    expect(Object.keys(addTriggers(graph, [other, { ...other, id: "3" }]).nodes)).toEqual(["t", "a", "b", "trigger_2"]);
  });

  it("lead where the graph's own triggers lead, or to its beginnings", () => {
    const manual = { id: "m", name: "by hand", type: "trigger_manual", config: {} };
    const added = addTriggers(graph, [manual]).edges.filter(({ from }) => from === "trigger_m");
    expect(added.map(({ to }) => to)).toEqual(["a"]);
    const bare = { ...graph, nodes: { a: graph.nodes.a, b: graph.nodes.b }, edges: [] };
    expect(addTriggers(bare, [manual]).edges.map(({ to }) => to)).toEqual(["a", "b"]);
  });

  it("never take a node's id", () => {
    const taken = { ...graph, nodes: { ...graph.nodes, trigger_m: { type: "flow_end", config: {} } } };
    const { nodes } = addTriggers(taken, [{ id: "m", name: "", type: "trigger_manual", config: {} }]);
    expect(nodes.trigger_m!.type).toBe("flow_end");
    expect(nodes.trigger_m_!.type).toBe("trigger_manual");
  });
});
