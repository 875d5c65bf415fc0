import { describe, expect, it } from "vitest";
import { viewOf } from "../../../src/domain/execution/view.ts";
import { graph, Run } from "../../engine/kit.ts";

const fanOut = (branches: number, data: object) => {
  const ids = Array.from({ length: branches }, (_, index) => `b${index}`);
  const nodes = Object.fromEntries(ids.map((id) => [id, ["pass", { value: 1 }] as [string, { value: number }]]));
  const definition = graph(
    { t: "start", ...nodes },
    ids.map((id) => `t>${id}`),
  );
  const event = { id: "e", type: "T", source: "s", data: data as never, occurredAt: 1 };
  const run = new Run(definition, { event });
  return viewOf(run.state, { commits: 1, stuck: null }, run.program, 2_000);
};

describe("a clock that went back during a run", () => {
  it("is shown as no time at all, in the run and in its nodes", () => {
    const run = new Run(graph({ t: "start", wait: "call", end: "pass" }, ["t>wait", "wait>end"]));
    run.now -= 500;
    run.ok(run.performed[0]!.key);
    const view = viewOf(run.state, { commits: 1, stuck: null }, run.program, run.now);
    expect(view.status).toBe("completed");
    expect(view.endedAt).toBe(view.startedAt);
    expect(view.metrics).toMatchObject({ totalMs: 0, effectMs: 0, waitMs: 0 });
    for (const visit of view.visits) expect(visit.completedAt).toBeGreaterThanOrEqual(visit.startedAt);
    const going = new Run(graph({ t: "start", wait: "call" }, ["t>wait"]));
    expect(viewOf(going.state, { commits: 1, stuck: null }, going.program, 10).metrics.totalMs).toBe(0);
  });
});

describe("the time of a run that goes on", () => {
  it("is told with what its branches do and wait for now", () => {
    const run = new Run(graph({ t: "start", c: "call", s: ["sleep", { ms: 60_000 }] }, ["t>c", "t>s"]));
    const at = (now: number) => viewOf(run.state, { commits: 1, stuck: null }, run.program, now).metrics;
    expect(at(run.now)).toMatchObject({ totalMs: 0, effectMs: 0, waitMs: 0 });
    expect(at(run.now + 300)).toMatchObject({ totalMs: 300, effectMs: 300, waitMs: 300 });
    run.now += 300;
    run.ok(run.performed[0]!.key);
    expect(at(run.now + 100)).toMatchObject({ totalMs: 400, effectMs: 300, waitMs: 400 });
  });
});

describe("the inputs in a view", () => {
  it("are what the nodes before put out", () => {
    expect(fanOut(2, { n: 1 }).visits.map(({ input }) => input)).toEqual([{ n: 1 }, { n: 1 }, { n: 1 }]);
  });

  it("of a loop's body are not what the loop puts out in the end, which only who comes after it gets", () => {
    const loop = graph({ t: "start", l: ["each", { items: [1, 2] }], b: ["pass", { value: 1 }], e: "pass" }, [
      "t>l",
      "l:body>b",
      "l:done>e",
    ]);
    const run = new Run(loop);
    const view = viewOf(run.state, { commits: 1, stuck: null }, run.program, run.now);
    const inputsOf = (id: string) => view.visits.filter(({ nodeId }) => nodeId === id).map(({ input }) => input);
    expect(inputsOf("b")).toEqual([null, null]);
    expect(inputsOf("e")).toEqual([view.visits.find(({ nodeId }) => nodeId === "l")!.output]);
    expect(inputsOf("e")).not.toEqual([null]);
  });

  it("end where they would be too large together: a thousand branches may have got the same megabyte", () => {
    const { visits } = fanOut(900, { text: "x".repeat(500_000) });
    expect(JSON.stringify(visits).length).toBeLessThan(5_500_000);
    expect([visits[1]!.input, visits.at(-1)!.input]).toEqual([
      { text: expect.any(String) },
      { omitted: expect.stringContaining("too large") },
    ]);
    expect(visits.at(-1)!.output).toBe(1);
  });
});
