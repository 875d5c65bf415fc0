// Laws of replay and what-if, tried on generated graphs: a run is what its journal makes of it, a forged record is found, and from every input on a run
// without other terms comes out as it did.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { replay } from "../../../../src/domain/execution/replay.ts";
import { traceJournal } from "../../../../src/domain/execution/trace.ts";
import { viewOf } from "../../../../src/domain/execution/view.ts";
import { diffRuns } from "../../../../src/domain/execution/what-if/diff-runs.ts";
import { doneInTrace } from "../../../../src/domain/execution/what-if/done.ts";
import { fork } from "../../../../src/domain/execution/what-if/fork.ts";
import { compile } from "../../../../src/engine/compile.ts";
import type { Definition, EffectResult } from "../../../../src/engine/contract.ts";
import { type Delta, deltaRows, type RunState } from "../../../../src/engine/state.ts";
import { catalogue, graph, Run } from "../../../engine/kit.ts";

const KINDS: (string | [string, never])[] = [
  ...["pass", "call", "send", "fork", "merge", "switch", "end"],
  ...([
    ["sleep", { ms: 50 }],
    ["await", { ms: 80 }],
    ["switch", { to: "b" }],
    ["each", { items: [1, 2, 3] }],
    ["call", { on_error: "continue", retry: { max_attempts: 2, backoff_seconds: 0.01 } }],
    ["pass", { set: { seen: true } }],
  ] as unknown as [string, never][]),
];
const PORTS: Record<string, string[]> = {
  switch: ["a", "b"],
  each: ["body", "done"],
  await: ["received", "timeout"],
  fork: ["x", "y", "z"],
  end: [],
};

/** Any graph over the kit's nodes; those that compile are kept. */
const graphs: fc.Arbitrary<Definition> = fc
  .record({
    nodes: fc.array(fc.constantFrom(...KINDS), { minLength: 1, maxLength: 10 }),
    edges: fc.array(fc.tuple(fc.nat(30), fc.nat(30), fc.nat(5)), { maxLength: 20 }),
  })
  .map(({ nodes, edges }) => {
    const named: Record<string, string | [string, never]> = { t: "start" };
    nodes.forEach((node, index) => {
      named[`n${index}`] = node;
    });
    const lines = edges.map(([from, to, port]) => {
      const source = from % (nodes.length + 1);
      const kind = source === nodes.length ? "start" : String([nodes[source]!].flat()[0]);
      const ports = PORTS[kind] ?? ["output"];
      if (ports.length === 0) return null;
      return `${source === nodes.length ? "t" : `n${source}`}:${ports[port % ports.length]}>n${to % nodes.length}`;
    });
    return graph(named, ["t>n0", ...lines.filter((one) => one !== null)]);
  })
  .filter((definition) => compile(definition, catalogue).program !== null);

const ANSWERS: EffectResult[] = [
  { outcome: "ok", output: { a: 1 } },
  { outcome: "failed", error: { code: "E", message: "no", retryable: true } },
  { outcome: "failed", error: { code: "E", message: "no", retryable: false } },
  { outcome: "unknown", reason: "crash", restarted: true },
];

/** A run to its end, or as far as so many inputs lead. */
const played = (definition: Definition, picks: readonly number[]): Run => {
  const run = new Run(definition);
  let turn = 0;
  // Time goes on between what is asked and what is answered.
  return run.settle(() => {
    run.now += 1;
    return ANSWERS[picks[turn++ % picks.length]! % ANSWERS.length]!;
  }, 200);
};

const runs = fc.tuple(graphs, fc.array(fc.nat(), { minLength: 1, maxLength: 20 }));
const world = { now: () => 0, code: { run: () => Promise.reject(new Error("no code in this test")) } };
const entriesOf = ({ journal }: Run) => journal.map((input, index) => ({ seq: index + 1, at: input.at, input }));
const rowsOf = (state: RunState) =>
  deltaRows(state as Delta).flatMap(([key, value]) => (value === null ? [] : [{ key, value }]));

describe("replay", () => {
  it("finds every run to be what its journal makes of it", async () => {
    await fc.assert(
      fc.asyncProperty(runs, async ([definition, picks]) => {
        const run = played(definition, picks);
        const journal = entriesOf(run);
        const replayed = await replay(
          run.program,
          { journal, rows: rowsOf(run.state), seq: journal.length },
          world.now,
        );
        expect(replayed).toMatchObject({ equal: true, reason: null, seq: journal.length, differences: [] });
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  it("finds a record that is another, one that is missing, and one too many", async () => {
    const run = played(graph({ t: "start", a: "call", b: ["pass", { set: { seen: true } }] }, ["t>a", "a>b"]), [0]);
    const journal = entriesOf(run);
    const rows = rowsOf(run.state);
    const differ = async (forged: { key: string; value: string }[]) => {
      const { equal, differences } = await replay(
        run.program,
        { journal, rows: forged, seq: journal.length },
        world.now,
      );
      return { equal, keys: differences.map(({ key }) => key) };
    };
    expect(await differ(rows)).toEqual({ equal: true, keys: [] });
    const other = rows.map((row) => (row.key === "v:seen" ? { ...row, value: "false" } : row));
    expect(await differ(other)).toEqual({ equal: false, keys: ["v:seen"] });
    expect(await differ(rows.filter(({ key }) => key !== "n:2"))).toEqual({ equal: false, keys: ["n:2"] });
    expect(await differ([...rows, { key: "v:more", value: "1" }])).toEqual({ equal: false, keys: ["v:more"] });
  });

  it("says that it cannot tell when inputs are missing, instead of guessing", async () => {
    const run = played(graph({ t: "start", a: "call", b: "call" }, ["t>a", "a>b"]), [0]);
    const journal = entriesOf(run);
    const told = (kept: typeof journal) =>
      replay(run.program, { journal: kept, rows: rowsOf(run.state), seq: journal.length }, world.now);
    expect(await told(journal.slice(0, -1))).toMatchObject({ equal: null, reason: "The journal ends at input 2 of 3" });
    expect(await told(journal.filter(({ seq }) => seq !== 2))).toMatchObject({
      equal: null,
      reason: "Input 2 is missing",
    });
    expect(await told([])).toMatchObject({ equal: null, steps: 0 });
  });
});

describe("what-if", () => {
  it("without other terms comes out as it did, from every input on", async () => {
    await fc.assert(
      fc.asyncProperty(runs, fc.nat(), async ([definition, picks], pick) => {
        const run = played(definition, picks);
        // One that never settles has no end to compare with; one that multiplies ends by a budget.
        fc.pre(run.state.run!.endedAt !== null && run.state.visits.size < 300);
        const journal = entriesOf(run);
        const fromSeq = pick % (journal.length + 1);
        const trace = await traceJournal(run.program, journal, world);
        const forked = await fork(
          { program: run.program, journal, trace },
          { fromSeq, target: run.program, overrides: {} },
          world,
        );
        const unmeasured = { commits: 0, stuck: null };
        const differences = diffRuns(
          {
            view: viewOf(run.state, unmeasured, run.program, 0),
            done: doneInTrace(trace.entries, trace.state, fromSeq),
          },
          { view: viewOf(forked.state, unmeasured, run.program, 0), done: forked.done },
        );
        const none = { status: null, onlyOriginal: [], onlyFork: [], outputs: [], ports: [], variables: [] };
        expect(differences).toMatchObject({ ...none, messages: [], actions: [] });
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  it("goes on in any other version, or says what has no place there: it never fails, and frames count their branches", async () => {
    await fc.assert(
      fc.asyncProperty(runs, graphs, fc.nat(), async ([definition, picks], other, pick) => {
        const run = played(definition, picks);
        fc.pre(run.state.visits.size < 300);
        const journal = entriesOf(run);
        const fromSeq = pick % (journal.length + 1);
        const trace = await traceJournal(run.program, journal, world);
        const target = compile(other, catalogue).program!;
        const forked = await fork({ program: run.program, journal, trace }, { fromSeq, target, overrides: {} }, world);
        const { tokens, frames } = forked.state;
        for (const frame of frames.values())
          expect(frame.live).toBe([...tokens.values()].filter((token) => token.frame === frame.id).length);
        for (const token of tokens.values()) expect(target.nodes.has(token.node)).toBe(true);
        for (const { nodeId, reason } of forked.unmapped) expect([nodeId, reason.length > 0]).toEqual([nodeId, true]);
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});
