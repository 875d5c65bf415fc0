// A deadline ends what it is raced with, and leaves nothing behind.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startDeadline } from "../../src/lib/deadline.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = () => new Promise<never>(() => undefined);

describe("a deadline", () => {
  it("answers what is done in time, and leaves no timer", async () => {
    const deadline = startDeadline(1_000);
    expect(vi.getTimerCount()).toBe(0);
    const raced = deadline.race(Promise.resolve("done"));
    expect(vi.getTimerCount()).toBe(1);
    expect(await raced).toBe("done");
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(deadline.expired()).toBe(false);
  });

  it("rejects when the time is over, though the work ignores the signal", async () => {
    const deadline = startDeadline(1_000);
    const raced = deadline.race(never());
    const rejected = expect(raced).rejects.toMatchObject({ name: "TimeoutError" });
    await vi.advanceTimersByTimeAsync(999);
    expect(deadline.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await rejected;
    expect(deadline.expired()).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("counts all that is raced with it together", async () => {
    const deadline = startDeadline(1_000);
    const first = deadline.race(new Promise((resolve) => setTimeout(resolve, 600)));
    await vi.advanceTimersByTimeAsync(600);
    await first;
    const second = expect(deadline.race(never())).rejects.toMatchObject({ name: "TimeoutError" });
    await vi.advanceTimersByTimeAsync(400);
    await second;
  });

  it("has no time left for what begins after its end", async () => {
    const deadline = startDeadline(1_000);
    await vi.advanceTimersByTimeAsync(1_500);
    const late = expect(deadline.race(never())).rejects.toMatchObject({ name: "TimeoutError" });
    await vi.advanceTimersByTimeAsync(0);
    await late;
  });

  it("ends when the caller gives up, and says that it was the caller", async () => {
    const caller = new AbortController();
    const deadline = startDeadline(1_000, caller.signal);
    const raced = expect(deadline.race(never())).rejects.toThrow("enough");
    caller.abort(new Error("enough"));
    await raced;
    expect(deadline.signal.aborted).toBe(true);
    expect(deadline.expired()).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
    await expect(deadline.race(never())).rejects.toThrow("enough");
  });
});
