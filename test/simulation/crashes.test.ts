// One crash at every boundary of every scenario: before and after each commit, before and after whatever leaves an object. Once of the object,
// once of everything; and once with alarms that come twice, or late.
import { describe, expect, it } from "vitest";
import { type Case, run, runAll } from "./cases.ts";
import { scenarios } from "./scenarios.ts";

/** Boundaries from 1 to n. Of a long sleep, whose weeks are all the same, every fifth in the middle. */
const boundariesOf = (n: number): number[] =>
  Array.from({ length: n }, (_, i) => i + 1).filter((at) => n < 120 || at <= 40 || at > n - 20 || at % 5 === 0);

describe.each([{}, { scope: "all" }, { alarms: "twice" }, { alarms: "late", scope: "all" }] as const)(
  "a crash anywhere, %j",
  (kind) => {
    it.each(scenarios)("$name", { timeout: 120_000 }, async ({ name: scenario }) => {
      const undisturbed = await run({ scenario, ...kind });
      expect(undisturbed.violations).toEqual([]);
      const cases = boundariesOf(undisturbed.boundaries).map((at): Case => ({ scenario, crashes: [at], ...kind }));
      const { crashes } = await runAll(scenario, cases);
      // Each of them struck.
      expect(crashes).toBe(cases.length);
    });
  },
);
