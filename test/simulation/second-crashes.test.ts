// A second crash while the first is being recovered from: at the next boundaries, whatever they are. SIMULATION_EFFORT takes more of them.
import { afterAll, describe, expect, it } from "vitest";
import { type Case, EFFORT, run, runAll, tellTotal } from "./cases.ts";
import { scenarios } from "./scenarios.ts";

afterAll(tellTotal);

/** How many boundaries after the first crash the second one strikes. */
const GAPS = [1, 2, 9, 4, 3, 6, 13, 19].slice(0, 3 * EFFORT);
/** Long sleeps and long loops say nothing new here. */
const chosen = scenarios.filter(({ name }) => !/year|macro-step/.test(name));

describe.each(["object", "all"] as const)("two crashes of %s", (scope) => {
  it.each(chosen)("$name", { timeout: 120_000 }, async ({ name: scenario }) => {
    const { boundaries } = await run({ scenario, scope });
    // By turns, so that each pair of boundary and gap is tried in one of the two scopes at least.
    const pairs = Array.from({ length: boundaries }, (_, i) => GAPS.map((gap) => [i + 1, i + 1 + gap] as const)).flat();
    const cases = pairs
      .filter((_, index) => EFFORT > 1 || index % 2 === (scope === "all" ? 0 : 1))
      .map((crashes): Case => ({ scenario, scope, crashes }));
    const tally = await runAll(scenario, cases);
    expect(tally.crashes).toBeGreaterThan(cases.length * 1.5);
  });
});
