// A commit that fails half-way: what was written of it is taken back, nothing of it has begun, and the run goes on as after a crash.
import { afterEach, expect, it, vi } from "vitest";
import { type Case, expectSound, run } from "./cases.ts";
import { failingAt } from "./failing-write.ts";
import { scenarios } from "./scenarios.ts";

afterEach(() => vi.restoreAllMocks());

const WRITES = 14;

it.each(scenarios)("$name", { timeout: 60_000 }, async ({ name: scenario }) => {
  const one: Case = { scenario };
  let failures = 0;
  for (let nth = 1; nth <= WRITES; nth++) {
    const failed = failingAt(nth);
    expectSound({ ...one }, await run(one));
    vi.restoreAllMocks();
    failures += failed();
  }
  expect(failures).toBeGreaterThan(0);
});
