// Runs one case again and tells everything that happened: SEED='{"scenario":"…","crashes":[4]}', as a failing test has said.
import { expect, it } from "vitest";
import { type Case, run } from "./cases.ts";

const { SEED } = process.env;

it.runIf(SEED)("the case in SEED", async () => {
  const report = await run(JSON.parse(SEED!) as Case);
  console.log(report.trace.join("\n"));
  expect(report.violations).toEqual([]);
});

it("the same case happens the same way again", async () => {
  for (const one of [
    { scenario: "branches that merge", crashes: [9, 20] },
    { scenario: "a sub-workflow that is waited for", seed: 7 },
    { scenario: "reply, time-out and cancel", order: [1, 0, 2, 1], withCrash: true },
  ] as Case[]) {
    const [first, second] = [await run(one), await run(one)];
    expect(second).toEqual(first);
    expect(first.decisions).toBeGreaterThan(10);
  }
});
