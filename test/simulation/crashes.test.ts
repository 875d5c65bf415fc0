// One crash at every boundary of every scenario: before and after each commit, before and after whatever leaves an object. Once of the object,
// once of everything; and once with alarms that come twice, or late.
import { afterAll, describe, expect, it } from "vitest";
import { type Case, run, runAll, tellTotal } from "./cases.ts";
import { MOST_DELAY_MS } from "./check.ts";
import { scenarios } from "./scenarios.ts";

afterAll(tellTotal);

/** Boundaries from 1 to n. Of a long sleep, whose weeks are all the same, every fifth in the middle. */
const boundariesOf = (n: number): number[] =>
  Array.from({ length: n }, (_, i) => i + 1).filter((at) => n < 120 || at <= 40 || at > n - 20 || at % 5 === 0);

describe.each([
  { kind: {}, chosen: scenarios, delay: MOST_DELAY_MS },
  { kind: { scope: "all" }, chosen: scenarios, delay: MOST_DELAY_MS },
  { kind: { alarms: "twice" }, chosen: scenarios.filter(({ name }) => !/year/.test(name)), delay: MOST_DELAY_MS },
  {
    kind: { alarms: "late", scope: "all" },
    chosen: scenarios.filter(({ name }) => !/year/.test(name)),
    delay: Number.POSITIVE_INFINITY,
  },
] as const)("a crash anywhere, $kind", ({ kind, chosen, delay }) => {
  it.each(chosen)("$name", { timeout: 120_000 }, async ({ name: scenario, requests, events }) => {
    const undisturbed = await run({ scenario, ...kind });
    expect(undisturbed.violations).toEqual([]);
    expect(undisturbed.requests).toBe(requests ?? undisturbed.requests);
    const cases = boundariesOf(undisturbed.boundaries).map((at): Case => ({ scenario, crashes: [at], ...kind }));
    const { crashes } = await runAll(scenario, cases, events ? Number.POSITIVE_INFINITY : undisturbed.tookMs + delay);
    // Each of them struck.
    expect(crashes).toBe(cases.length);
  });
});
