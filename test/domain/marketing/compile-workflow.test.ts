// What a marketing workflow runs as, told by runs of it without consequences.
import { describe, expect, it } from "vitest";
import type { CodeOutcome } from "../../../src/domain/action-ports.ts";
import { dryRun } from "../../../src/domain/execution/dry-run.ts";
import { compileWorkflow } from "../../../src/domain/marketing/compile-workflow.ts";
import type { ActionOfWorkflow, TriggerOfWorkflow } from "../../../src/domain/marketing/joined.ts";
import type { Bodies, Part, PartKind } from "../../../src/domain/marketing/part.ts";
import type { MarketingWire } from "../../../src/domain/marketing/wire.ts";
import { programOf } from "../../../src/domain/workflow/definition.ts";
import type { Json, JsonObject } from "../../../src/lib/json.ts";

const WIRE: MarketingWire = { maxExecutions: 0, delaySeconds: 0, startAt: null, endAt: null, madeBy: "admin" };

const part = <K extends PartKind>(kind: K, id: string, type: string, body: Bodies[K]): Part<K> => ({
  organizationId: "o",
  kind,
  id,
  name: id,
  description: "",
  type,
  isActive: true,
  body,
  createdBy: "u",
  createdAt: 1,
  updatedAt: 1,
});

const note = (id: string, order: number, over: Partial<ActionOfWorkflow> = {}): ActionOfWorkflow => ({
  action: part("action", id, "add_note", { configuration: { note: id }, order, delaySeconds: 0 }),
  position: null,
  isRequired: true,
  condition: null,
  createdAt: 1,
  ...over,
});

const when = (conditions: Json[]) =>
  part("condition", "c", "", { operator: "and", conditions, useCustomCode: false, customCode: "", language: "python" });
const whenCode = part("condition", "c", "", {
  operator: "and",
  conditions: [],
  useCustomCode: true,
  customCode: "result = context['user']",
  language: "python",
});

const trigger = (id: string, filters: Json, specificConditions: Json = null): TriggerOfWorkflow => ({
  trigger: part("trigger", id, "MESSAGE_RECEIVED", { filters }),
  priority: 3,
  specificConditions,
  createdAt: 1,
});

/** Ids of the actions that a run passes through, in its order. */
const run = async (
  joined: { triggers?: TriggerOfWorkflow[]; actions: ActionOfWorkflow[] },
  {
    startNodes = [] as string[],
    contact = {} as JsonObject,
    answer = { ok: true, result: null, logs: [] } as CodeOutcome,
  } = {},
) => {
  const definition = compileWorkflow(WIRE, { triggers: [], ...joined });
  const snippets: { code: string; context: JsonObject; asTruth?: boolean }[] = [];
  const { view } = await dryRun(
    programOf(definition, "invalid_definition"),
    {
      flags: 0,
      executionId: "e",
      organizationId: "o",
      workflowId: "w",
      versionId: "v",
      startNodes,
      event: { id: "ev", type: "MESSAGE_RECEIVED", source: "api", data: {}, occurredAt: 1, contact },
      variables: {},
      metadata: {},
    },
    {
      now: () => 1,
      code: {
        run: async (_, snippet) => {
          snippets.push(snippet);
          return answer;
        },
      },
    },
  );
  const passed = view.visits.map(({ nodeId }) => nodeId).filter((id) => /^a_[^_]+$/.test(id));
  return { definition, snippets, status: view.status, passed: passed.map((id) => id.slice(2)) };
};

describe("actions", () => {
  it("run by their order, the workflow's before their own", async () => {
    const { passed, status } = await run({
      actions: [note("three", 3), note("one", 9, { position: 1 }), note("two", 2)],
    });
    expect(passed).toEqual(["one", "two", "three"]);
    expect(status).toBe("completed");
  });

  it("that are not active are left out", async () => {
    const off = note("off", 1);
    off.action.isActive = false;
    expect((await run({ actions: [off, note("on", 2)] })).passed).toEqual(["on"]);
  });

  it("wait for their delay", async () => {
    const late = note("late", 1);
    late.action.body.delaySeconds = 3600;
    const { definition, passed } = await run({ actions: [late] });
    expect(definition.nodes.a_late_delay).toMatchObject({
      type: "action_delay",
      config: { duration: 3600, unit: "seconds" },
    });
    expect(passed).toEqual(["late"]);
  });

  it("run when their condition holds, and are passed by when it does not", async () => {
    const vip = { field: "user.tags", operator: "contains", value: "vip" };
    const actions = [note("gift", 1, { condition: when([vip]) }), note("after", 2)];
    expect((await run({ actions }, { contact: { tags: ["vip"] } })).passed).toEqual(["gift", "after"]);
    expect((await run({ actions }, { contact: { tags: [] } })).passed).toEqual(["after"]);
  });

  it.each<[Json, boolean]>([
    [true, true],
    [false, false],
    [null, false],
  ])("ask code for a truth, and %j means that they run: %s", async (result, runs) => {
    const answer: CodeOutcome = { ok: true, result, logs: [] };
    const actions = [note("asked", 1, { condition: whenCode }), note("after", 2)];
    const { passed, snippets } = await run({ actions }, { answer, contact: { name: "Ann" } });
    expect(passed).toEqual(runs ? ["asked", "after"] : ["after"]);
    expect(snippets[0]).toMatchObject({
      asTruth: true,
      context: { user: { name: "Ann" }, event: { type: "MESSAGE_RECEIVED" } },
    });
  });

  it("end the run when they are required and fail, and are passed when they are not", async () => {
    const code = part("action", "code", "custom_code", { configuration: { code: "x" }, order: 1, delaySeconds: 0 });
    const answer: CodeOutcome = { ok: false, error: { code: "CODE_ERROR", message: "NameError" }, logs: [] };
    const actions = (isRequired: boolean) => [note("code", 1, { action: code, isRequired }), note("after", 2)];
    expect(await run({ actions: actions(true) }, { answer })).toMatchObject({ status: "failed", passed: ["code"] });
    expect(await run({ actions: actions(false) }, { answer })).toMatchObject({
      status: "completed",
      passed: ["code", "after"],
    });
  });
});

describe("triggers", () => {
  it("that match together start each action once", async () => {
    const triggers = [trigger("t1", {}), trigger("t2", {})];
    const { passed } = await run({ triggers, actions: [note("once", 1)] }, { startNodes: ["t_t1", "t_t2"] });
    expect(passed).toEqual(["once"]);
  });

  it("hold their filters and the workflow's conditions", () => {
    const left = { field: "event.data.a", operator: "exists" };
    const right = [{ field: "user.tags", operator: "contains", value: "vip" }];
    const filtersOf = (filters: Json, specific: Json) =>
      compileWorkflow(WIRE, { triggers: [trigger("t", filters, specific)], actions: [] }).nodes.t_t!.config.filters;
    expect(filtersOf(left, right)).toEqual({
      operator: "and",
      conditions: [left, { operator: "and", conditions: right }],
    });
    expect(filtersOf({}, right)).toEqual({ operator: "and", conditions: right });
    expect(filtersOf(left, null)).toEqual(left);
    expect(filtersOf({}, [])).toBeUndefined();
  });

  it("bring their priorities, and the workflow its limits", () => {
    const wire = { ...WIRE, maxExecutions: 2, delaySeconds: 60, startAt: 5 };
    const { settings } = compileWorkflow(wire, { triggers: [trigger("t", {})], actions: [] });
    expect(settings).toEqual({
      perContact: { maxExecutions: 2, delayMs: 60_000 },
      window: { startAt: 5, endAt: null },
      priorities: { t_t: 3 },
    });
    expect(compileWorkflow(WIRE, { triggers: [], actions: [] }).settings).toEqual({});
  });
});

it("a workflow of nothing can be run by hand, and does nothing", async () => {
  expect(await run({ actions: [] })).toMatchObject({ status: "completed", passed: [] });
});
