// How many runs of a workflow a contact may have, and how far apart.
import { expect, it } from "vitest";
import {
  type ClaimedRuns,
  claimRun,
  type RunClaim,
  settleClaims,
  unsureClaims,
} from "../../../src/domain/contact/claim-run.ts";

const claimsOf = (bounds: Pick<RunClaim, "maxExecutions" | "delayMs">) => {
  let runs: ClaimedRuns | undefined;
  return (executionId: string, now: number) => {
    const { claimed, kept } = claimRun(runs, { workflowId: "w", executionId, ...bounds }, now);
    runs = kept ?? runs;
    return claimed.allowed ? true : claimed.reason;
  };
};

it("allows so many runs in all", () => {
  const claim = claimsOf({ maxExecutions: 2, delayMs: 0 });
  expect([claim("a", 1), claim("b", 1)]).toEqual([true, true]);
  expect(claim("c", 9e12)).toBe("The contact has had 2 of the 2 executions that the workflow allows");
});

it("knows a run that is asked for again, and does not count it twice", () => {
  const claim = claimsOf({ maxExecutions: 2, delayMs: 1_000 });
  expect([claim("a", 5_000), claim("a", 5_001), claim("a", 5_002)]).toEqual([true, true, true]);
  expect(claim("b", 6_000)).toBe(true);
  expect(claim("a", 6_001)).toBe(true);
});

it("keeps runs apart, from the last that was allowed", () => {
  const claim = claimsOf({ maxExecutions: 0, delayMs: 60_000 });
  expect(claim("a", 0)).toBe(true);
  expect(claim("b", 59_999)).toBe("The contact's next execution of the workflow may start at 1970-01-01T00:01:00.000Z");
  expect(claim("c", 60_000)).toBe(true);
  expect(claim("d", 119_999)).not.toBe(true);
});

it("counts on where the runs are more than it remembers", () => {
  const claim = claimsOf({ maxExecutions: 700, delayMs: 0 });
  const allowed = Array.from({ length: 800 }, (_, n) => claim(`run-${n}`, n)).filter((answer) => answer === true);
  expect(allowed).toHaveLength(700);
});

it("asks after claims whose runs had time to begin, and gives back those that never did", () => {
  const claim = { workflowId: "w", maxExecutions: 2, delayMs: 1_000 };
  const after = (runs: ClaimedRuns | undefined, executionId: string, now: number) =>
    claimRun(runs, { ...claim, executionId }, now).kept!;
  const runs = after(after(undefined, "a", 10_000), "b", 20_000);
  expect(unsureClaims(runs, 60_000)).toEqual([]);
  expect(unsureClaims(runs, 75_000)).toEqual(["a"]);
  expect(unsureClaims(runs, 90_000)).toEqual(["a", "b"]);
  expect(unsureClaims(runs, 90_000_000)).toEqual([]);
  const settled = settleClaims(runs, ["a", "b"], ["b"]);
  expect(settled).toEqual({ count: 1, latestAt: 10_000, recent: ["a"], unsure: [] });
  expect(claimRun(settled, { ...claim, executionId: "c" }, 90_000).claimed).toEqual({ allowed: true });
  const none = settleClaims(runs, ["a", "b"], ["a", "b"]);
  expect(none).toMatchObject({ count: 0, latestAt: 0, recent: [] });
  expect(claimRun(none, { ...claim, executionId: "d" }, 500).claimed).toEqual({ allowed: true });
});
