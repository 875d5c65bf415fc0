import { expect, it } from "vitest";
import { VirtualClock } from "../../../src/domain/execution/virtual-clock.ts";

it("stands still while the real clock goes back", () => {
  let real = 100;
  const clock = new VirtualClock(() => real);
  const start = clock.now();
  real = 40;
  clock.leapTo(1_000);
  expect(clock.now()).toBe(1_000);
  expect(clock.realAt(clock.now())).toBe(clock.realAt(start));
  real = 130;
  expect(clock.now()).toBe(1_030);
});

it("leaps ahead, never back, and tells real times again", () => {
  let real = 100;
  const clock = new VirtualClock(() => real);
  const start = clock.now();
  real = 110;
  clock.leapTo(1_000_000);
  expect(clock.now()).toBe(1_000_000);
  clock.leapTo(5);
  expect(clock.now()).toBe(1_000_000);
  real = 115;
  const end = clock.now();
  expect(end).toBe(1_000_005);
  expect([clock.realAt(start), clock.realAt(1_000_000), clock.realAt(end)]).toEqual([100, 110, 115]);
  expect(clock.leaptBetween(start, end)).toBe(999_890);
});
