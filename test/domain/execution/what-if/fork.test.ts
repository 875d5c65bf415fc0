// What-if over runs that once were: without other terms it comes out as it did, from every input on; with them it says what differs.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type JournalEntry, traceJournal } from "../../../../src/domain/execution/trace.ts";
import { viewOf } from "../../../../src/domain/execution/view.ts";
import { diffRuns } from "../../../../src/domain/execution/what-if/diff-runs.ts";
import { doneInTrace } from "../../../../src/domain/execution/what-if/done.ts";
import { fork, type Overrides } from "../../../../src/domain/execution/what-if/fork.ts";
import { compile } from "../../../../src/engine/compile.ts";
import type { Definition, Input } from "../../../../src/engine/contract.ts";
import { nodeTypes } from "../../../../src/nodes/index.ts";

const folder = fileURLToPath(new URL("../../../histories/", import.meta.url).href);
const histories = readdirSync(folder).map((name) => {
  const { definition, journal } = JSON.parse(readFileSync(`${folder}${name}`, "utf8"));
  return { name, definition: definition as Definition, journal: journal as Input[] };
});

const programOf = (definition: Definition) => {
  const { program, findings } = compile(definition, nodeTypes);
  if (!program) throw new Error(JSON.stringify(findings));
  return program;
};

const world = { now: () => Date.now(), code: { run: () => Promise.reject(new Error("no code in this test")) } };
const entriesOf = (journal: Input[]): JournalEntry[] =>
  journal.map((input, index) => ({ seq: index + 1, at: input.at, input }));

const whatIf = async (
  { definition, journal }: { definition: Definition; journal: Input[] },
  fromSeq: number,
  overrides: Overrides = {},
  target?: Definition,
) => {
  const program = programOf(definition);
  const entries = entriesOf(journal);
  const trace = await traceJournal(program, entries, { now: world.now });
  const forked = await fork(
    { program, journal: entries, trace },
    { fromSeq, target: target ? programOf(target) : program, overrides },
    world,
  );
  const measured = { commits: 0, stuck: null };
  const differences = diffRuns(
    { view: viewOf(trace.state, measured, program, 0), done: doneInTrace(trace.entries, trace.state, fromSeq) },
    { view: viewOf(forked.state, measured, forked.program, 0), done: forked.done },
  );
  return { forked, differences, trace };
};

const NOTHING = {
  ...{ status: null, onlyOriginal: [], onlyFork: [], outputs: [], ports: [], variables: [], messages: [], actions: [] },
};

describe("without other terms", () => {
  it.each(histories.map((history) => [history.name, history] as const))(
    "%s comes out as it did, from every input on",
    async (_, history) => {
      for (let fromSeq = 0; fromSeq <= history.journal.length; fromSeq++) {
        const { differences, forked } = await whatIf(history, fromSeq);
        expect({ fromSeq, ...differences, timing: [] }).toEqual({ fromSeq, ...NOTHING, timing: [] });
        expect(forked.stopped).toBeNull();
      }
    },
  );
});

const DAY = 86_400_000;
const node = (type: string, config: object = {}) => ({ type, config: config as never });
const line = (from: string, to: string, fromPort = "output") => ({
  ...{ id: `${from}.${fromPort}.${to}`, from, fromPort, to, toPort: "input" },
});

/** Two weeks of a sequence: a message, a week, who is a customer gets another, a week, a request. */
const sequence: Definition = {
  nodes: {
    t: node("trigger_manual"),
    hello: node("action_chat_message", { message: "Hello {{contact.name}}" }),
    week: node("action_delay", { duration: 7, unit: "days" }),
    paid: node("condition_if", { conditions: [{ field: "variables.paid", operator: "equals", value: true }] }),
    thanks: node("action_chat_message", { message: "Thank you, {{contact.name}}" }),
    offer: node("action_chat_message", { message: "Ten percent off, {{contact.name}}?" }),
    again: node("action_delay", { duration: 7, unit: "days" }),
    crm: node("action_webhook", {
      url: "https://crm.example.com/",
      method: "POST",
      body: { paid: "{{variables.paid}}" },
    }),
    keep: node("data_variable", { name: "crm_id", value: "{{nodes.crm.output.body.id}}" }),
  },
  edges: [
    ...[line("t", "hello"), line("hello", "week"), line("week", "paid"), line("paid", "thanks", "true")],
    ...[line("paid", "offer", "false"), line("thanks", "again"), line("offer", "again"), line("again", "crm")],
    line("crm", "keep"),
  ],
  variables: { paid: false },
};

const result = (at: number, key: string, output: object): Input =>
  ({ type: "result", at, key, attempt: 1, result: { outcome: "ok", output } }) as Input;

/** As it once was: who has not paid gets the offer. */
const twoWeeks: Input[] = [
  {
    ...{ type: "start", at: 1_000, flags: 15, executionId: "x", organizationId: "o", workflowId: "w", versionId: "v1" },
    ...{ startNodes: [], variables: {}, metadata: {}, dryRun: false },
    event: {
      ...{ id: "e", type: "MANUAL_TRIGGER", source: "api", data: {}, occurredAt: 1_000 },
      contact: { id: "c", name: "Ann", attributes: {} },
    },
  } as Input,
  result(1_500, "hello:2", { message_id: "m1", text: "Hello Ann" }),
  { type: "time", at: 1_500 + 7 * DAY },
  result(2_000 + 7 * DAY, "offer:5", { message_id: "m2", text: "Ten percent off, Ann?" }),
  { type: "time", at: 2_000 + 14 * DAY },
  result(2_300 + 14 * DAY, "crm:7", { status: 200, headers: {}, body: { id: 7 } }),
];
const once = { definition: sequence, journal: twoWeeks };

describe("under other terms", () => {
  it("is as it was without any: the run that the others are compared with", async () => {
    const { differences, trace } = await whatIf(once, 0);
    expect(trace.state.run!.status).toBe("completed");
    expect({ ...differences, timing: [] }).toEqual({ ...NOTHING, timing: [] });
  });

  it("a variable sends it another way: nodes, messages, what the request says; two weeks in milliseconds", async () => {
    const begun = performance.now();
    const { differences, forked } = await whatIf(once, 2, { variables: { paid: true } });
    expect(performance.now() - begun).toBeLessThan(500);
    expect(forked.state.run!.endedAt! - forked.state.run!.startedAt).toBeGreaterThanOrEqual(14 * DAY);
    expect(differences).toMatchObject({
      status: null,
      onlyOriginal: [{ nodeId: "offer", visit: 1 }],
      onlyFork: [{ nodeId: "thanks", visit: 1 }],
      ports: [{ nodeId: "paid", original: "false", fork: "true" }],
      variables: [{ name: "paid", original: false, fork: true }],
      messages: [
        { nodeId: "offer", change: "removed", original: { text: "Ten percent off, Ann?" }, fork: null },
        { nodeId: "thanks", change: "added", original: null, fork: { text: "Thank you, Ann", at: 1_500 + 7 * DAY } },
      ],
      actions: [{ nodeId: "crm", action: "http.request", change: "changed" }],
    });
    // The request is another one, and its target answers what it answered.
    expect(forked.state.variables.get("crm_id")).toBe(7);
    expect(forked.answers).toEqual({ recorded: 1, mocked: 1, assumedEvents: 0 });
  });

  it("what a node puts out may be said, of a condition the port", async () => {
    const { differences, forked } = await whatIf(once, 1, {
      outputs: { paid: "true", crm: { status: 200, body: { id: 8 } } },
    });
    expect(differences.onlyFork).toEqual([{ nodeId: "thanks", visit: 1 }]);
    expect(differences.variables).toEqual([{ name: "crm_id", original: 7, fork: 8 }]);
    expect(forked.state.visits.get(5)!.output).toMatchObject({ text: "Thank you, Ann", mocked: true });
  });

  it("of a node that was left already, what comes after reads what is said now", async () => {
    const { forked } = await whatIf(once, 6, { outputs: { crm: { status: 200, body: { id: 9 } } } });
    expect(forked.steps).toBe(0);
    expect([...forked.state.visits.values()].find((visit) => visit.node === "crm")!.output).toMatchObject({
      body: { id: 9 },
    });
  });

  it("the event's data and the contact may be others from the start", async () => {
    const greeting = {
      ...sequence,
      nodes: {
        ...sequence.nodes,
        hello: node("action_chat_message", { message: "{{event.data.greeting}} {{contact.name}} {{user.city}}" }),
      },
    };
    const { differences } = await whatIf({ ...once, definition: greeting }, 0, {
      event: { data: { greeting: "Moin" } },
      contact: { name: "Bo", attributes: { city: "Kiel" } },
    });
    expect(differences.messages.map(({ fork }) => fork?.text)).toEqual(["Moin Bo Kiel", "Ten percent off, Bo?"]);
  });

  it("another version: nodes by id, what waits there already goes on as it began, what is new is entered", async () => {
    const other: Definition = {
      ...sequence,
      nodes: {
        ...sequence.nodes,
        week: node("action_delay", { duration: 1, unit: "days" }),
        again: node("action_delay", { duration: 1, unit: "days" }),
      },
    };
    const { forked, differences } = await whatIf(once, 2, {}, other);
    expect(forked.unmapped).toEqual([]);
    expect(forked.notes).toEqual([expect.stringMatching(/^week has another configuration/)]);
    expect(forked.state.run!.endedAt).toBeLessThan(1_000 + 9 * DAY);
    expect(differences.onlyFork).toEqual([]);
    const timing = differences.timing.find(({ nodeId }) => nodeId === "crm")!;
    expect(timing.original!.startedAt - timing.fork!.startedAt).toBeGreaterThan(5 * DAY);
  });

  it("another version without the node where it is: that is said, and the run ends there", async () => {
    const { week: _, ...nodes } = sequence.nodes;
    const without = {
      ...sequence,
      nodes,
      edges: [...sequence.edges.filter(({ from, to }) => from !== "week" && to !== "week"), line("hello", "paid")],
    };
    const { forked, differences } = await whatIf(once, 2, {}, without);
    expect(forked.unmapped).toEqual([{ nodeId: "week", reason: "The other version has no such node" }]);
    expect(forked.notes).toContainEqual(expect.stringMatching(/No branch/));
    expect(forked.state.run!.status).toBe("completed");
    expect(differences.onlyOriginal.map(({ nodeId }) => nodeId)).toEqual(["paid", "offer", "again", "crm", "keep"]);
    const anew = await whatIf(once, 0, {}, without);
    expect(anew.forked.unmapped).toEqual([]);
    expect(anew.differences.onlyOriginal).toEqual([{ nodeId: "week", visit: 1 }]);
  });

  it("a failure is recorded as well: the same request fails as it did", async () => {
    const journal = twoWeeks.slice(0, 5);
    const failure = { outcome: "failed", error: { code: "HTTP_ERROR", message: "crm answered 404" } } as const;
    journal.push({ type: "result", at: 2_300 + 14 * DAY, key: "crm:7", attempt: 1, result: failure });
    const { differences, forked } = await whatIf({ definition: sequence, journal }, 3);
    expect(forked.state.run).toMatchObject({ status: "failed", error: { code: "HTTP_ERROR" } });
    expect({ ...differences, timing: [] }).toEqual({ ...NOTHING, timing: [] });
  });
});
