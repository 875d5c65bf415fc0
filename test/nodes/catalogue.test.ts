import { describe, expect, it } from "vitest";
import { z } from "zod";
import { actions } from "../../src/actions/index.ts";
import { compile } from "../../src/engine/compile.ts";
import type { Definition } from "../../src/engine/contract.ts";
import { jsonSchemaOf } from "../../src/lib/json-schema.ts";
import { nodeTypes } from "../../src/nodes/index.ts";
import { triggerTypes } from "../../src/triggers/index.ts";
import { data, examples } from "./examples.ts";
import { enter, faultsOf, typeOf } from "./kit.ts";

it("has exactly the node types of the contract", () => {
  expect([...nodeTypes.keys()].sort()).toEqual(Object.keys(examples).sort());
  expect([...triggerTypes.keys()].every((type) => nodeTypes.get(type)?.kind === "trigger")).toBe(true);
});

describe.each([...nodeTypes])("%s", (name, type) => {
  const example = examples[name]!;

  it("takes its example, alone in a graph", () => {
    expect(faultsOf(name, example)).toEqual([]);
    const definition: Definition = { nodes: { n: { type: name, config: example } }, edges: [], variables: {} };
    const errors = compile(definition, nodeTypes).findings.filter(({ severity }) => severity === "error");
    // A break by itself has no loop to end; that is the graph's fault, not the config's.
    expect(errors.map(({ code }) => code)).toEqual(name === "loop_break" ? ["break_without_loop"] : []);
  });

  it("refuses a field that it does not know, by name", () => {
    expect(faultsOf(name, { ...example, colour: "red" })).toEqual([expect.stringContaining("colour")]);
  });

  it("says which required field is missing", () => {
    for (const field of Object.keys(example)) {
      const { [field]: _, ...rest } = example;
      for (const fault of faultsOf(name, rest)) expect(fault).toMatch(new RegExp(`^${field}`));
    }
  });

  it("describes itself for a palette, and its config as JSON Schema", () => {
    expect(type.type).toBe(name);
    expect(type.title).toMatch(/^[A-Z]/);
    expect(type.description).toMatch(/\.$/);
    const schema = jsonSchemaOf(type.schema);
    expect(schema).toMatchObject({ type: "object", additionalProperties: false });
    expect(Object.keys(schema.properties ?? {})).toEqual(expect.arrayContaining(Object.keys(example)));
    // A validator that knows nothing of us says the same of the example as we do, and needs no format that it may not know.
    const judge = z.fromJSONSchema(schema as z.core.JSONSchema.JSONSchema);
    expect(judge.safeParse(example).error).toBeUndefined();
    expect(judge.safeParse({ ...example, colour: "red" }).success).toBe(false);
    expect(JSON.stringify(schema)).not.toContain('"format"');
  });

  it("has sane ports", () => {
    const { inputs, outputs } = type.ports(type.schema.parse(example) as never);
    expect(inputs).toEqual(type.kind === "trigger" ? [] : ["input"]);
    expect(new Set(outputs).size).toBe(outputs.length);
    expect(outputs).not.toContain("error");
    expect(outputs.length === 0).toBe(type.ends === true);
  });

  it("is entered, and what it performs is an action that takes the input", () => {
    const outcome = enter(name, example, { data });
    expect(outcome).not.toMatchObject({ kind: "fail" });
    if (outcome.kind === "perform") {
      const action = actions.get(outcome.action);
      expect(action, outcome.action).toBeDefined();
      expect(action!.schema.safeParse(outcome.input).error).toBeUndefined();
      // What waits for a person after it has sent its message takes as long as that may.
      if (type.waits?.(example)) expect(type.longestMs?.(example)).toBeGreaterThan(action!.timeoutMs);
      else expect(type.longestMs?.(example)).toBe(action!.timeoutMs);
    }
    const mustResume = ["perform", "wait", "iterate"].includes(outcome.kind);
    expect(typeof type.resume === "function").toBe(mustResume);
    expect(JSON.parse(JSON.stringify(outcome))).toEqual(outcome);
  });
});

it("says in JSON Schema what a condition and an amount may be", () => {
  const takes = (type: string, config: object) =>
    z.fromJSONSchema(jsonSchemaOf(typeOf(type).schema) as z.core.JSONSchema.JSONSchema).safeParse(config).success;
  const one = { field: "event.data.a", operator: "equals", value: 1 };
  for (const conditions of [one, [one], { operator: "or", conditions: [one, { operator: "and", conditions: [one] }] }])
    expect(takes("condition_if", { conditions })).toBe(true);
  for (const conditions of ["a > 1", 5, { ...one, operator: "like" }, { operator: "xor", conditions: [] }])
    expect(takes("condition_if", { conditions })).toBe(false);
  for (const duration of [5, "5", "{{ variables.n }}"])
    expect(takes("action_delay", { duration, unit: "minutes" })).toBe(true);
  for (const duration of [-1, true, {}]) expect(takes("action_delay", { duration, unit: "minutes" })).toBe(false);
});

it("knows which nodes wait and for how long", () => {
  const longest = (type: string, config: object) => typeOf(type).longestMs?.(config as never);
  expect(longest("action_delay", { duration: 5, unit: "minutes" })).toBe(300_000);
  expect(longest("action_delay", { duration: "{{variables.n}}", unit: "minutes" })).toBe(Number.POSITIVE_INFINITY);
  expect(longest("action_wait_for_event", { event_type: "X" })).toBe(Number.POSITIVE_INFINITY);
  expect(longest("action_wait_for_event", { event_type: "X", timeout: 2, unit: "eons" })).toBe(
    Number.POSITIVE_INFINITY,
  );
  expect(longest("action_wait_for_event", { event_type: "X", timeout: 2 })).toBe(2_000);
  expect(longest("action_subworkflow", { workflow_id: "w", wait: false })).toBe(15_000);
  expect(longest("action_subworkflow", { workflow_id: "w" })).toBe(Number.POSITIVE_INFINITY);
  expect(typeOf("action_delay").waits?.({ duration: 0, unit: "minutes" })).toBe(false);
  expect(typeOf("action_delay").waits?.({ duration: 1, unit: "minutes" })).toBe(true);
});

it("a config cannot come in through a prototype", () => {
  const config = JSON.parse('{"__proto__": {"url": "https://example.com", "method": "GET"}}');
  const definition: Definition = { nodes: { n: { type: "action_webhook", config } }, edges: [], variables: {} };
  const errors = compile(definition, nodeTypes).findings.filter(({ severity }) => severity === "error");
  expect(errors.map(({ path }) => path)).toEqual(
    expect.arrayContaining(["nodes.n.config.url", "nodes.n.config.method", "nodes.n.config.__proto__"]),
  );
});

it("says what is wrong with a config in plain words, and where", () => {
  const config = { message: 5, mesage: "x", retry: { max_attempts: 0 }, timeout_seconds: "soon" };
  const definition: Definition = { nodes: { n: { type: "action_chat_message", config } }, edges: [], variables: {} };
  const errors = compile(definition, nodeTypes).findings.filter(({ severity }) => severity === "error");
  expect(errors.map(({ path, message }) => `${path}: ${message}`)).toEqual([
    "nodes.n.config.retry.max_attempts: Must be at least 1.",
    "nodes.n.config.retry.backoff_seconds: This field is required.",
    "nodes.n.config.timeout_seconds: Must be a number.",
    "nodes.n.config.message: A text is needed.",
    "nodes.n.config.mesage: Unknown field.",
  ]);
});

it("a trigger holds no template: nothing could render it", () => {
  expect(faultsOf("trigger_command", { command_name: "{{ x }}" })).toEqual([
    "command_name: A trigger cannot hold a template.",
  ]);
  const filters = [{ field: "event.data.n", operator: "equals", value: "{{ x }}" }];
  expect(faultsOf("trigger_event", { event_type: "X", filters })).toEqual([
    "filters.0.value: A trigger cannot hold a template.",
  ]);
});
