// Runs that begin later than they are accepted, that leap over times, and that go on from where another ended.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EffectResult, Input } from "../../src/engine/contract.ts";
import { isFinal } from "../../src/engine/contract.ts";
import { seedAt, seedAtEnd } from "../../src/engine/seed.ts";
import { applyDelta, newState, nextDue, type Seed } from "../../src/engine/state.ts";
import { hasMore, step } from "../../src/engine/step.ts";
import type { JsonObject } from "../../src/lib/json.ts";
import { graphs } from "./graphs.ts";
import { graph, plain, Run } from "./kit.ts";

const refold = (run: Run) => {
  const state = newState();
  for (const input of run.journal) applyDelta(state, step(run.program, state, input).delta);
  return state;
};

/** Goes on with what the run got to, later and under an id of its own. */
const goOn = (run: Run, seed: Seed, more: object = {}): Run =>
  new Run(run.program, { executionId: "x2", at: 1_000_000, seed: seed as unknown as JsonObject, ...more });

const failed: EffectResult = { outcome: "failed", error: { code: "HTTP_ERROR", message: "400" } };

describe("a run that is accepted before it begins", () => {
  const two = graph({ t: "start", a: "call", z: "end" }, ["t>a", "a>z"]);

  it("does nothing, has nothing due but its time, and then runs as any other", () => {
    const run = new Run(two, { queued: { startAt: 9_000 } });
    expect(run.status).toBe("queued");
    expect([nextDue(run.state), hasMore(run.state), run.performed]).toEqual([9_000, false, []]);
    for (const input of [
      { type: "time", at: 10_000 },
      { type: "continue", at: 10_000 },
      { type: "event", at: 10_000, key: "a:1", event: { id: "e", type: "PING", source: "", data: {}, occurredAt: 1 } },
    ] satisfies Input[])
      expect(run.feed(input).ignored).toBe(true);
    run.now = 10_000;
    run.feed({ type: "begin", at: 10_000 });
    expect(run.state.run).toMatchObject({
      status: "running",
      startedAt: 10_000,
      queued: { at: 1_000, startAt: 9_000 },
    });
    expect(run.feed({ type: "begin", at: 10_001 }).ignored).toBe(true);
    run.settle();
    expect([run.status, run.performed.length]).toEqual(["completed", 1]);
    expect(plain(refold(run))).toEqual(plain(run.state));
  });

  it("that is cancelled before has taken no time and done nothing", () => {
    const run = new Run(two, { queued: { startAt: null } });
    run.feed({ type: "cancel", at: 5_000, reason: "no" });
    expect(run.state.run).toMatchObject({ status: "cancelled", startedAt: 5_000, endedAt: 5_000 });
    expect(run.performed).toEqual([]);
    expect(run.feed({ type: "begin", at: 6_000 }).ignored).toBe(true);
    expect(seedAtEnd(run.program, run.journal)).toBeUndefined();
  });

  it("has the time that it may take from when it begins", () => {
    const run = new Run(
      graph({ t: "start", s: ["sleep", { ms: 60_000 }] }, ["t>s"], { settings: { timeoutSeconds: 5 } }),
      {
        queued: { startAt: null },
      },
    );
    run.feed({ type: "begin", at: 100_000 });
    expect(nextDue(run.state)).toBe(105_000);
  });
});

it("a test does not wait for times", () => {
  const run = new Run(graph({ t: "start", s: ["sleep", { ms: 86_400_000 }], z: "end" }, ["t>s", "s>z"]), {
    leaps: true,
  });
  expect(nextDue(run.state)).toBe(run.now);
  run.settle();
  expect([run.status, run.now]).toEqual(["completed", 1_000]);
  expect([...run.state.visits.values()].find(({ node }) => node === "s")!.logs).toEqual(["Skipped: a wait of 86400 s"]);
});

describe("a run that goes on from where another ended", () => {
  it("enters the step that failed again, with the outputs and variables of those before", () => {
    const run = new Run(
      graph(
        {
          t: "start",
          a: "call",
          v: ["pass", { set: { x: 1 } }],
          b: ["call", { seen: "{{ nodes.a.output }}{{ variables.x }}" }],
        },
        ["t>a", "a>v", "v>b"],
      ),
    );
    run.ok("a:2", "first");
    run.result("b:4", failed);
    expect(run.status).toBe("failed");
    const again = goOn(run, seedAtEnd(run.program, run.journal)!);
    expect(again.performed).toEqual([expect.objectContaining({ key: "b:5", attempt: 1, input: { seen: "first1" } })]);
    again.ok("b:5");
    expect(again.status).toBe("completed");
    const visits = [...again.state.visits.values()];
    expect(visits.map(({ node, status, takenOver = false }) => [node, status, takenOver])).toEqual([
      ["t", "completed", true],
      ["a", "completed", true],
      ["v", "completed", true],
      ["b", "completed", false],
    ]);
    expect(visits.at(-1)!.ordinal).toBe(1);
    expect(plain(refold(again))).toEqual(plain(again.state));
  });

  it("keeps other branches where they were: what was asked for is asked again, what waited waits for the rest", () => {
    const run = new Run(
      graph(
        { t: "start", f: "fork", a: "call", b: "call", s: ["sleep", { ms: 10_000 }], e: "await", m: "merge", z: "end" },
        ["t>f", "f:1>a", "f:2>b", "f:3>s", "f:4>e", "a>m", "b>m", "s>m", "e:received>m", "m>z"],
      ),
    );
    run.now = 4_000;
    run.result("a:3", failed);
    const again = goOn(run, seedAtEnd(run.program, run.journal)!);
    expect(again.performed.map(({ key }) => key).sort()).toEqual(["a:7", "b:4"]);
    const sleeping = [...again.state.tokens.values()].find(({ node }) => node === "s")!;
    // Three of its ten seconds were over.
    expect(sleeping.wakeAt).toBe(1_000_000 + 7_000);
    expect([...again.state.tokens.values()].find(({ node }) => node === "e")!.wait).toMatchObject({ listening: false });
    again.ok("a:7");
    again.ok("b:4");
    again.now = 1_007_000;
    again.feed({ type: "time", at: again.now });
    const event = { id: "p", type: "PING", source: "", data: {}, occurredAt: again.now };
    again.feed({ type: "event", at: again.now, key: "e:6", event });
    expect(again.status).toBe("completed");
  });

  it("goes on inside the round of the loop in which it failed", () => {
    const run = new Run(
      graph({ t: "start", l: ["each", { items: ["a", "b", "c"] }], c: ["call", { item: "{{ item }}" }], z: "end" }, [
        "t>l",
        "l:body>c",
        "l:done>z",
      ]),
    );
    run.ok("c:3");
    run.result("c:4", failed);
    const again = goOn(run, seedAtEnd(run.program, run.journal)!).settle();
    expect(again.performed.map(({ input }) => input.item)).toEqual(["b", "c"]);
    expect(again.status).toBe("completed");
  });

  it("goes on where a run that was cancelled or ran out of time was, also when it has to wait for its turn", () => {
    const sleeping = graph({ t: "start", s: ["sleep", { ms: 10_000 }], c: "call" }, ["t>s", "s>c"]);
    const run = new Run(sleeping);
    run.feed({ type: "cancel", at: 3_000, reason: "" });
    const again = goOn(run, seedAtEnd(run.program, run.journal)!, { queued: { startAt: null } });
    expect([again.status, nextDue(again.state)]).toEqual(["queued", null]);
    again.now = 2_000_000;
    again.feed({ type: "begin", at: again.now });
    expect(nextDue(again.state)).toBe(2_000_000 + 8_000);
    again.settle();
    expect(again.status).toBe("completed");
    expect(plain(refold(again))).toEqual(plain(again.state));
  });

  it("goes on at an earlier node, where it was entered last, and forgets what came after", () => {
    const run = new Run(
      graph({ t: "start", a: "call", b: ["pass", { set: { x: "{{ nodes.a.output }}" } }], c: "call" }, [
        "t>a",
        "a>b",
        "b>c",
      ]),
    );
    run.ok("a:2", "first");
    run.result("c:4", failed);
    const again = goOn(run, seedAt(run.program, run.journal, "a")!);
    expect([...again.state.variables]).toEqual([]);
    again.ok("a:2", "second");
    expect(again.state.variables.get("x")).toBe("second");
    expect(seedAt(run.program, run.journal, "nowhere")).toBeUndefined();
  });

  it("again goes on from where it ended itself", () => {
    const run = new Run(graph({ t: "start", a: "call", b: "call" }, ["t>a", "a>b"]));
    run.ok("a:2");
    run.result("b:3", failed);
    const second = goOn(run, seedAtEnd(run.program, run.journal)!);
    second.result("b:4", failed);
    const third = goOn(second, seedAtEnd(second.program, second.journal)!, { executionId: "x3" });
    third.ok("b:5");
    expect([third.status, third.performed.length]).toEqual(["completed", 1]);
  });
});

it("whatever the graph and wherever it ends: what had ended is taken over unchanged and never done again, and the journal folds to the state (I5)", () => {
  fc.assert(
    fc.property(graphs, fc.nat(12), fc.boolean(), (definition, turns, fails) => {
      const run = new Run(definition).settle(() => ({ outcome: "ok", output: "ok" }), turns);
      if (isFinal(run.status)) return;
      const busy = [...run.state.tokens.values()].find(({ phase }) => phase === "performing");
      if (fails && busy) run.result(`${busy.node}:${busy.visit}`, failed, busy.attempt);
      if (!isFinal(run.status)) run.feed({ type: "cancel", at: run.now, reason: "" });
      const seed = seedAtEnd(run.program, run.journal)!;
      const before = JSON.stringify(seed);
      const again = goOn(run, seed).settle(undefined, 2_000);
      expect(JSON.stringify(seed)).toBe(before);
      expect(plain(refold(again))).toEqual(plain(again.state));
      for (const { n, takenOver: _, ...visit } of seed.visits.filter(({ completedAt }) => completedAt !== null)) {
        expect(again.state.visits.get(n)).toEqual({ n, ...visit, takenOver: true });
        expect(again.performed.map(({ key }) => key)).not.toContain(`${visit.node}:${n}`);
      }
      const { tokens, frames } = again.state;
      for (const frame of frames.values())
        expect([...tokens.values()].filter((token) => token.frame === frame.id).length).toBe(frame.live);
    }),
    { numRuns: 300 },
  );
});
