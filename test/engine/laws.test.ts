// Laws that hold for every graph and every order of events, tried on generated ones. A failure prints its seed.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EffectResult, Input } from "../../src/engine/contract.ts";
import { isFinal } from "../../src/engine/contract.ts";
import { applyDelta, newState, nextDue } from "../../src/engine/state.ts";
import { step } from "../../src/engine/step.ts";
import { graphs } from "./graphs.ts";
import { graph, plain, Run } from "./kit.ts";

const results: EffectResult[] = [
  { outcome: "ok", output: { a: 1 } },
  { outcome: "failed", error: { code: "E", message: "no", retryable: true } },
  { outcome: "failed", error: { code: "E", message: "no", retryable: false } },
  { outcome: "unknown", reason: "crash", restarted: true },
  { outcome: "absent" },
];

/** Feeds whatever a number picks: results right and wrong, events, time in jumps, duplicates, now and then a cancel. */
const drive = (run: Run, picks: readonly number[]): void => {
  for (const pick of picks) {
    if (isFinal(run.status)) return;
    const tokens = [...run.state.tokens.values()];
    const token = tokens[pick % Math.max(1, tokens.length)];
    const key = token ? `${token.node}:${token.visit}` : "none:1";
    const choice = pick % 11;
    if (choice < 5) run.result(key, results[choice]!, token?.attempt ?? 1);
    else if (choice === 5) run.pass(pick % 120);
    else if (choice === 6)
      run.feed({
        type: "event",
        at: run.now,
        key,
        event: { id: "p", type: "PING", source: "s", data: {}, occurredAt: 0 },
      });
    else if (choice === 7) run.result(key, results[0]!, (token?.attempt ?? 1) + 1);
    else if (choice === 8) run.feed({ type: "listening", at: run.now, key });
    else if (choice === 9 && pick > 2 ** 31 * 0.98) run.feed({ type: "cancel", at: run.now, reason: "law" });
    else if (run.journal.length > 0) run.feed(run.journal[pick % run.journal.length] as Input);
  }
};

const runs = fc.tuple(graphs, fc.array(fc.nat(), { maxLength: 60 }));

describe("for every graph and every order of inputs", () => {
  it("folding the journal gives the stored state (I5), and a step leaves its input alone", () => {
    fc.assert(
      fc.property(runs, ([definition, picks]) => {
        const run = new Run(definition);
        drive(run, picks);
        const folded = newState();
        for (const input of run.journal) {
          // Comparing is quadratic in the run's length; the first visits of a long one say as much.
          const before = folded.visits.size < 40 ? JSON.stringify(plain(folded)) : null;
          const done = step(run.program, folded, input);
          if (before !== null) expect(JSON.stringify(plain(folded))).toBe(before);
          expect(done.ignored).toBe(false);
          applyDelta(folded, done.delta);
        }
        expect(plain(folded)).toEqual(plain(run.state));
      }),
      { numRuns: 200 },
    );
  }, 60_000);

  it("a frame counts its tokens, a token's visit is open, and a final run has neither tokens, timers nor open visits", () => {
    fc.assert(
      fc.property(runs, ([definition, picks]) => {
        const run = new Run(definition);
        drive(run, picks);
        const { tokens, frames, visits } = run.state;
        for (const frame of frames.values()) {
          expect(frame.live).toBe([...tokens.values()].filter((token) => token.frame === frame.id).length);
          if (frame.parent !== null) expect(tokens.get(frame.token)?.phase).toBe("looping");
        }
        for (const token of tokens.values()) {
          expect(frames.has(token.frame)).toBe(true);
          if (token.visit > 0) expect(["running", "waiting"]).toContain(visits.get(token.visit)!.status);
        }
        if (isFinal(run.status)) {
          expect(tokens.size).toBe(0);
          expect(frames.size).toBe(0);
          expect(nextDue(run.state)).toBeNull();
          for (const visit of visits.values()) expect(visit.completedAt).not.toBeNull();
        } else {
          // Whatever is alive waits for something that can come: nothing is forgotten.
          expect(tokens.size).toBeGreaterThan(0);
          for (const token of tokens.values()) expect(token.phase).not.toBe("ready");
          expect(
            [...tokens.values()].some((token) => ["performing", "retrying", "waiting"].includes(token.phase)),
          ).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  it("every run without a circle ends once the outside answers and time passes", () => {
    fc.assert(
      fc.property(graphs, (definition) => {
        const run = new Run(definition);
        // A circle that waits may go round until its budget; such a run is only watched for a while.
        fc.pre(Number.isFinite(run.program.worstCaseMs) || run.program.nodes.size < 6);
        run.settle(undefined, 2_000);
        expect(isFinal(run.status) || run.path.length > 1_000).toBe(true);
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  it("a circle that waits ends by its budget", () => {
    const run = new Run(graph({ t: "start", a: ["sleep", { ms: 1 }], b: "pass" }, ["t>a", "a>b", "b>a"])).settle();
    expect(run.state.run!.error?.code).toBe("BUDGET_EXCEEDED");
    expect(run.live).toEqual([]);
  }, 60_000);

  it("a circle that sends a branch to a join each round ends by its budget, and soon", () => {
    // Every arrival at the join is remembered: were the list copied for each, this would take minutes.
    const run = new Run(
      graph({ t: "start", m: "merge", l: ["each", { items: [] }], w: ["sleep", { ms: 80 }] }, [
        "t>m",
        ...["m>l", "l:done>l", "l:done>m"],
        ...["m>w", "w>m"],
      ]),
    ).settle();
    expect(run.state.run!.error?.code).toBe("BUDGET_EXCEEDED");
  });

  it("the same key is never performed twice with the same attempt, and a step's result never changes (I3)", () => {
    fc.assert(
      fc.property(runs, ([definition, picks]) => {
        const run = new Run(definition);
        const settled = new Map<number, string>();
        for (const pick of picks) {
          drive(run, [pick]);
          for (const visit of run.state.visits.values()) {
            if (visit.completedAt === null) continue;
            const text = JSON.stringify([visit.status, visit.output, visit.completedAt]);
            expect(settled.get(visit.n) ?? text).toBe(text);
            settled.set(visit.n, text);
          }
        }
        const attempts = run.performed.map((one) => `${one.key}#${one.attempt}`);
        expect(new Set(attempts).size).toBe(attempts.length);
      }),
      { numRuns: 200 },
    );
  });

  it("a loop of n items enters its body n times, however its branches interleave", () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(4), fc.array(fc.nat(), { maxLength: 30 }), (items, width, picks) => {
        const branches = Object.fromEntries(Array.from({ length: width + 1 }, (_, i) => [`b${i}`, "call"] as const));
        const ids = Object.keys(branches);
        const run = new Run(
          graph(
            {
              t: "start",
              l: ["each", { items: Array.from({ length: items }, (_, i) => i) }],
              ...branches,
              m: "merge",
              d: "pass",
            },
            ["t>l", "l:done>d", ...ids.flatMap((id) => [`l:body>${id}`, `${id}>m`]), "m>l"],
          ),
        );
        for (const pick of picks) {
          const busy = [...run.state.tokens.values()].filter((token) => token.phase === "performing");
          const token = busy[pick % Math.max(1, busy.length)];
          if (token) run.ok(`${token.node}:${token.visit}`);
        }
        run.settle();
        const count = (id: string) => run.path.filter((one) => one === id).length;
        expect(count("m")).toBe(items);
        for (const id of ids) expect(count(id)).toBe(items);
        expect(count("d")).toBe(1);
      }),
      { numRuns: 100 },
    );
  });
});
