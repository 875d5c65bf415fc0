import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readFlow } from "../../../src/domain/flow/flow.ts";
import { MAX_NAME } from "../../../src/domain/flow/limits.ts";
import { importFlow } from "../../../src/domain/flow-import/import-flow.ts";
import { MAX_DEPTH, MAX_PARTS } from "../../../src/domain/flow-import/limits.ts";
import type { Json, JsonObject } from "../../../src/lib/json.ts";
import { Conversation } from "../flow/conversation.ts";
import { documentOf, imported, nodeOf } from "./imported.ts";
import { ask, cafe, definition, send, trigger, ways, when, widget } from "./studio-flow.ts";
import { bicycles, bot, said } from "./typebot-flow.ts";

const refused = (source: Json): string => {
  const made = importFlow(source);
  if (made.ok) throw new Error("imported");
  return made.error.map(({ field, message }) => `${field}: ${message}`).join();
};

const without = (source: JsonObject, field: string): JsonObject => {
  const { [field]: _, ...rest } = source;
  return rest;
};

describe("a name", () => {
  it.each([
    ["Coffee\n  and tea\t", "Coffee and tea"],
    ["\u001b]0;mine\u0007\u009b2J", "]0;mine 2J"],
    [`${"x".repeat(MAX_NAME - 1)}\u{1f600}`, `${"x".repeat(MAX_NAME - 1)}\ufffd`],
    ["\n", "Imported flow"],
  ])("%j becomes one line", (description, name) => expect(imported({ ...cafe, description }).name).toBe(name));

  it("of a widget may be anything", () => {
    const renamed = JSON.parse(JSON.stringify(cafe).replaceAll('"hello"', JSON.stringify("he\n\u0007llo")));
    expect(importFlow(renamed)).toMatchObject({ ok: true });
  });
});

describe("what is not imported", () => {
  it.each<[Json, string]>([
    [null, ": must be an object: a Twilio Studio flow definition or a Typebot export"],
    [[], ": must be an object: a Twilio Studio flow definition or a Typebot export"],
    [{}, ": is neither a Twilio Studio flow definition (states) nor a Typebot export (groups with blocks)"],
    [{ groups: [] }, ": is neither a Twilio Studio flow definition (states) nor a Typebot export (groups with blocks)"],
    [{ states: [] }, "states: has no trigger, so nothing starts the flow"],
    [{ definition: { states: [{ name: "x" }] } }, "definition.states.0: must be a widget with a name and a type"],
    [definition(trigger("a"), send("a", "x"), send("a", "y")), "states.2.name: is the name of another widget"],
    [{ states: [trigger("a"), "x"] }, "states.1: must be a widget with a name and a type"],
    [{ ...bicycles, groups: [{ blocks: [] }, { id: "x" }] }, "groups.1: must be a group with blocks"],
    [{ ...bicycles, groups: [{ blocks: [1] }] }, "groups.0.blocks.0: must be a block with a type"],
    [without(bicycles, "events"), "events: has no start, so nothing starts the flow"],
  ])("%j", (source, reason) => expect(refused(source)).toBe(reason));

  it("is too deep, too long or too large", () => {
    let deep: Json = "x";
    for (let n = 0; n < 50_000; n++) deep = [deep];
    expect(refused({ states: deep })).toBe(`: nests deeper than ${MAX_DEPTH} levels`);
    const many = Array.from({ length: MAX_PARTS }, (_, n) => send(`w${n}`, "x"));
    expect(refused(definition(trigger("w0"), ...many))).toBe(
      `states: has ${MAX_PARTS + 1} widgets, more than ${MAX_PARTS}`,
    );
    expect(refused(bot({ Long: [said("a", "x"), ...many.map((_, n) => said(`b${n}`, "x"))] }))).toContain(
      "blocks, more than",
    );
    const ways = Array.from({ length: 4_001 }, (_, n) => ({ id: `i${n}`, content: "x" }));
    expect(refused(bot({ A: [{ id: "c", type: "choice input", items: ways }] }))).toBe(
      "groups: has 4001 items, more than 4000",
    );
    const transitions = ways.map(({ id }) => ({ event: "match", next: id }));
    expect(refused(definition(trigger("a"), { name: "a", type: "split-based-on", transitions }))).toBe(
      "states: has 4005 transitions, more than 4000",
    );
    expect(refused({ groups: Array.from({ length: 300_000 }, () => 1) })).toContain("is larger than");
    expect(refused(definition(trigger("a"), send("a", "x".repeat(2_100_000))))).toContain("is larger than");
  });

  it("would make a flow that no flow may be", () => {
    const chain = Array.from({ length: MAX_PARTS - 1 }, (_, n) => send(`w${n}`, "x".repeat(1_000), `w${n + 1}`));
    expect(refused(definition(trigger("w0"), ...chain))).toContain("makes no flow: ");
  });
});

describe("the start", () => {
  it("is a keyword of the flow's name, or a greeting when nobody would type it", () => {
    const named = (name: string, keywords?: string[]) =>
      nodeOf(imported({ ...bicycles, name }, keywords), "trigger_keyword").triggerKeywords;
    expect(named("Quick Quiz 🚀")).toEqual(["quick quiz"]);
    for (const name of ["", "Stop", "HELP", "A very long name that nobody would ever type"])
      expect(named(name)).toEqual(["hello", "hi"]);
    expect(named("Quiz", ["  Play  me ", "stop", "play me"])).toEqual(["play me"]);
  });
});

describe("a variable that is read before it is set", () => {
  it("is empty, as in the source, not its name or the answer of another day", () => {
    const source = definition(
      trigger("which"),
      widget(
        "which",
        "split-based-on",
        [{ event: "noMatch", next: "ask" }, when("is_not_blank", "{{widgets.ask.inbound.Body}}", "", "bye")],
        {},
      ),
      ask("ask", "Well, {{flow.variables.title}}?", "title"),
      widget("title", "set-variables", ways({ next: "bye" }), { variables: [{ key: "title", value: "Dr" }] }),
      send("bye", "Bye, {{flow.variables.title}} {{widgets.ask.inbound.Body}}."),
    );
    const old = { attributes: { title: "Lord", ask: "old" } };
    const talk = new Conversation(documentOf(imported(source)), "corner café", old);
    talk.say("Ada");
    expect(talk.transcript.slice(1)).toEqual(["Well, ?", "> Ada", "Bye, Dr Ada."]);
    expect(imported(cafe).flowNodes.map(({ id }) => id)).not.toContain("data-variable-empty-drink");
  });
});

describe("hostile documents", () => {
  it("never reach a prototype", () => {
    const source = JSON.parse(`{
      "description": "__proto__", "initial_state": "__proto__",
      "states": [
        {"name": "__proto__", "type": "trigger", "transitions": [{"event": "incomingMessage", "next": "constructor"}], "__proto__": {"type": "x"}},
        {"name": "constructor", "type": "constructor", "properties": {"__proto__": {"body": "x"}}, "transitions": [{"event": "success", "next": "toString"}]},
        {"name": "toString", "type": "send-message", "properties": {"body": "{{flow.variables.__proto__}} {{widgets.constructor.inbound.Body}}"}}
      ]}`) as Json;
    const flow = imported(source);
    expect(nodeOf(flow, "message").flowReplies[0]!.data).toBe("@proto @constructor");
    const odd = bot({
      __proto__x: [
        said("__proto__", "{{constructor}}"),
        { id: "constructor", type: "toString" },
        { id: "toString", type: "__proto__" },
      ],
    });
    expect(imported(odd).report.unsupported).toHaveLength(2);
    expect(Object.hasOwn(Object.prototype, "type")).toBe(false);
  });

  it("are read in bounded time", () => {
    const variables = Array.from({ length: 20_000 }, (_, n) => ({
      id: `v${n}`,
      name: `${n}`.replace(/\d/g, (digit) => "!?#$%&*+()"[+digit]!),
    }));
    const setting = Array.from({ length: 200 }, (_, n) => ({
      key: `v${n}`,
      value: `{{flow.variables.v${n + 1}}}`.repeat(20),
    }));
    const reading = Array.from({ length: 300 }, (_, n) =>
      send(`w${n}`, "{{flow.variables.v0}}".repeat(5), `w${n + 1}`),
    );
    const sources = [
      ...["{%", "{{", "{{a|", "<", "$", "{{a"].flatMap((text) => [
        definition(trigger("a"), send("a", text.repeat(9_000))),
        bot({ A: [said("a", text.repeat(9_000)), { id: "b", type: "text", content: { html: text.repeat(9_000) } }] }),
      ]),
      { ...bot({ A: [said("a", "x")] }), variables },
      definition(
        trigger("set"),
        widget("set", "set-variables", ways({ next: "w0" }), { variables: setting }),
        ...reading,
      ),
    ];
    for (const source of sources) {
      const started = performance.now();
      importFlow(source);
      expect(performance.now() - started).toBeLessThan(3_000);
    }
  });
});

/** Documents near the real ones: their words in their places, anything else anywhere. */
const { near } = fc.letrec<{ near: Json }>((tie) => ({
  near: fc.oneof(
    { maxDepth: 5, depthSize: "small" },
    fc.constantFrom<Json>(
      "start",
      "trigger",
      "a",
      "b",
      "{{a}}",
      "{{widgets.a.inbound.Body}}",
      "Condition",
      "choice input",
      "Equal to",
      "match",
      "",
      0,
      7,
      true,
      null,
    ),
    fc.constantFrom<Json>(
      "send-message",
      "send-and-wait-for-reply",
      "split-based-on",
      "set-variables",
      "text",
      "Set variable",
      "Jump",
      "Wait",
      "cards",
      "rating input",
    ),
    fc.array(tie("near"), { maxLength: 4 }),
    fc.dictionary(
      fc.constantFrom(
        "id",
        "type",
        "name",
        "next",
        "event",
        "transitions",
        "properties",
        "conditions",
        "arguments",
        "value",
        "body",
        "items",
        "content",
        "richText",
        "children",
        "options",
        "variableId",
        "outgoingEdgeId",
        "to",
        "groupId",
        "blockId",
        "text",
        "paths",
        "__proto__",
        "constructor",
      ),
      tie("near"),
      { maxKeys: 8 },
    ),
  ),
}));

const object = (fields: Record<string, fc.Arbitrary<Json>>) => fc.record(fields) as unknown as fc.Arbitrary<JsonObject>;
const listOf = (item: fc.Arbitrary<JsonObject>) =>
  fc.array(item, { minLength: 1, maxLength: 6 }) as unknown as fc.Arbitrary<Json>;
const word = fc.constantFrom<Json>("a", "b", "c", "d", "start", "");
const typed = (...types: string[]) =>
  fc.oneof({ weight: 9, arbitrary: fc.constantFrom<Json>(...types) }, { weight: 1, arbitrary: near });

const studio = object({
  initial_state: word,
  description: near,
  states: listOf(
    object({
      name: word,
      type: typed(
        "trigger",
        "send-message",
        "send-and-wait-for-reply",
        "split-based-on",
        "set-variables",
        "run-function",
      ),
      transitions: listOf(
        object({
          event: typed("match", "noMatch", "sent", "incomingMessage", "timeout"),
          next: word,
          conditions: near,
        }),
      ),
      properties: near,
    }),
  ),
});
const typebot = object({
  name: near,
  events: listOf(object({ type: typed("start"), outgoingEdgeId: word })),
  groups: listOf(
    object({
      id: word,
      blocks: listOf(
        object({
          id: word,
          type: typed(
            "text",
            "text input",
            "choice input",
            "Condition",
            "Set variable",
            "Jump",
            "Wait",
            "Redirect",
            "AB test",
            "image",
            "cards",
          ),
          outgoingEdgeId: word,
          content: near,
          options: near,
          items: near,
        }),
      ),
    }),
  ),
  edges: listOf(object({ id: word, to: object({ groupId: word, blockId: word }) })),
  variables: listOf(object({ id: word, name: word })),
});

/** Laws of whatever is imported. */
const holds = (source: Json): void => {
  const before = JSON.stringify(source);
  const made = importFlow(source);
  expect(JSON.stringify(source)).toBe(before);
  if (!made.ok) {
    for (const { field, message } of made.error) expect([typeof field, message.length > 0]).toEqual(["string", true]);
    return;
  }
  const { value: flow } = made;
  expect(readFlow(documentOf(flow)).ok).toBe(true);
  const ids = flow.flowNodes.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(new Set(flow.flowEdges.map(({ id }) => id)).size).toBe(flow.flowEdges.length);
  expect(flow.flowNodes.filter(({ isStartNode }) => isStartNode)).toHaveLength(1);
  const known = new Set(["", ...ids]);
  for (const { sourceNodeId, targetNodeId } of flow.flowEdges)
    expect([known.has(sourceNodeId), known.has(targetNodeId)]).toEqual([true, true]);
  for (const [, to] of JSON.stringify(flow.flowNodes).matchAll(/"nodeResultId":"([^"]*)"/g))
    expect(known.has(to!)).toBe(true);
  for (const entries of Object.values(flow.report))
    for (const { nodeIds, became } of entries) {
      expect(nodeIds.every((id) => known.has(id))).toBe(true);
      expect(became.length > 0).toBe(nodeIds.length > 0);
    }
  // Every part of the source is told of: none is lost in silence.
  const told = Object.values(flow.report)
    .flat()
    .map(({ path }) => path);
  for (const part of partsOf(source, flow.origin))
    expect(told.some((path) => path === part || path.startsWith(`${part}.`))).toBe(true);
};

/** The paths of all widgets, or of all blocks but the start's own. */
const partsOf = (source: Json, origin: string): string[] => {
  const { states, groups, blocks } = source as { states: Json[]; groups?: JsonObject[]; blocks: JsonObject[] };
  if (origin === "studio") return states.map((_, n) => `states.${n}`);
  const [outer, inner] = groups ? ["groups", "blocks"] : ["blocks", "steps"];
  return (groups ?? blocks).flatMap((group, n) =>
    (group[inner] as JsonObject[]).flatMap(({ type }, m) => (type === "start" ? [] : [`${outer}.${n}.${inner}.${m}`])),
  );
};

describe("any JSON", () => {
  it("never throws", () => {
    fc.assert(fc.property(fc.jsonValue(), (source) => holds(source as Json)));
    fc.assert(fc.property(near, holds));
  });
  it("Studio-like", () => fc.assert(fc.property(studio, holds), { numRuns: 400 }));
  it("Typebot-like", () => fc.assert(fc.property(typebot, holds), { numRuns: 400 }));
  it("the real ones with a part replaced", () => {
    const replaced = (source: JsonObject) =>
      fc.tuple(fc.nat(), near).map(([at, value]) => {
        let n = 0;
        const total = JSON.stringify(source).length;
        return JSON.parse(
          JSON.stringify(source, (_, old) => (n++ === at % (total / 20) && n > 1 ? value : old)),
        ) as Json;
      });
    fc.assert(fc.property(replaced(cafe), holds), { numRuns: 300 });
    fc.assert(fc.property(replaced(bicycles), holds), { numRuns: 300 });
  });
});
