// Cancel, reply, time-out and answers in the same millisecond: every order is walked through, and of the smaller ones every order with a
// crash at every boundary (SIMULATION_EFFORT=2: of all).
import { afterAll, describe, expect, it } from "vitest";
import { EFFORT, expectSound, run, tellTotal } from "./cases.ts";
import { nextScript } from "./choices.ts";
import { races } from "./races.ts";

afterAll(tellTotal);

/** A race with more orders than this is too large to be walked through. */
const MOST_RUNS = 20_000;

/** Walks until no order is left; answers how often the run ended in which way. */
const walk = async (scenario: string, withCrash: boolean): Promise<Map<string, number>> => {
  const visited = new Set<string>();
  const ends = new Map<string, number>();
  let order: number[] | null = [];
  for (let runs = 0; order && runs < MOST_RUNS; runs++) {
    const one = { scenario, order, withCrash };
    const report = await run(one, { visited });
    expectSound(one, report);
    ends.set(report.status, (ends.get(report.status) ?? 0) + 1);
    order = nextScript(order, report.forks);
  }
  expect(order).toBeNull();
  return ends;
};

const isLarge = (name: string) => /^(reply|two replies|a child)/.test(name);

describe.each([
  { crashes: "no crash", withCrash: false, chosen: races },
  { crashes: "a crash", withCrash: true, chosen: races.filter(({ name }) => EFFORT > 1 || !isLarge(name)) },
])("every order, with $crashes", ({ withCrash, chosen }) => {
  it.each(chosen)("$name", { timeout: 300_000 }, async ({ name, ends }) => {
    const walked = await walk(name, withCrash);
    // Each end that is possible is one that was met: no order is won by the same side always.
    expect([...walked.keys()].sort()).toEqual([...ends].sort());
  });
});
