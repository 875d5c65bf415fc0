// The time in which a workflow starts, and which settings bound it at all.
import { expect, it } from "vitest";
import { closedAt, startRulesOf } from "../../../src/domain/workflow/start-rules.ts";

it("keeps only what bounds", () => {
  const open = { perContact: { maxExecutions: 0, delayMs: 0 }, window: { startAt: null, endAt: null } };
  expect(startRulesOf(open)).toBeNull();
  expect(startRulesOf({})).toBeNull();
  const perContact = { maxExecutions: 0, delayMs: 1 };
  expect(startRulesOf({ ...open, perContact })).toEqual({ perContact });
  const window = { startAt: null, endAt: 5 };
  expect(startRulesOf({ ...open, window, timeoutSeconds: 3 })).toEqual({ window });
});

it("is open from its start to its end, both included", () => {
  const rules = { window: { startAt: 1_000, endAt: 2_000 } };
  expect([1_000, 1_500, 2_000].map((now) => closedAt(rules, now))).toEqual([undefined, undefined, undefined]);
  expect(closedAt(rules, 999)).toBe("The workflow starts nothing before 1970-01-01T00:00:01.000Z");
  expect(closedAt(rules, 2_001)).toBe("The workflow starts nothing after 1970-01-01T00:00:02.000Z");
  expect(closedAt({ window: { startAt: null, endAt: null } }, 0)).toBeUndefined();
  expect(closedAt(null, 0)).toBeUndefined();
});
