// What a run does to tell its workflow's Feed, against a Feed that is away, that nobody listens to, or that is slow.
import { describe, expect, it, vi } from "vitest";
import type { FeedReport } from "../../src/domain/feed/fed.ts";
import type { LiveEvent } from "../../src/domain/feed/live-event.ts";
import type { RunState } from "../../src/engine/state.ts";
import type { Env } from "../../src/env.ts";
import { LiveReports } from "../../src/objects/execution/live-reports.ts";
import type { Meta } from "../../src/objects/execution/store.ts";

const event = (n: number) => ({ name: "workflow_updated", data: { n } }) as unknown as LiveEvent;

/** A run whose Feed answers as the test says. */
const make = (answer: (report: FeedReport) => Promise<boolean>) => {
  const told: FeedReport[] = [];
  const errors: string[] = [];
  const under: Promise<unknown>[] = [];
  let status = "running";
  let noted = 0;
  const feed = {
    tell: async (report: FeedReport) => {
      const copy = structuredClone(report);
      const isWatched = await answer(copy);
      told.push(copy);
      return isWatched;
    },
  };
  const env = { FEED: { idFromName: (name: string) => name, get: () => feed } } as unknown as Env;
  const context = { waitUntil: (work: Promise<unknown>) => under.push(work) } as unknown as DurableObjectState;
  const live = new LiveReports(env, context, {
    state: () => ({ run: { organizationId: "o", workflowId: "w", executionId: "x", status } }) as unknown as RunState,
    meta: () => ({ parent: null, priority: 5 }) as unknown as Meta,
    program: () => null,
    journal: () => [],
    note: () => noted++,
    arm: () => {},
    log: (at) => errors.push(at),
  });
  return {
    live,
    told,
    errors,
    numbers: () =>
      told.flatMap(({ commits }) =>
        commits.flatMap(({ events }) => events.map(({ data }) => (data as unknown as { n: number }).n)),
      ),
    settle: async () => {
      while (under.length > 0) await under.shift();
    },
    waits: () => {
      status = "waiting";
    },
    noted: () => noted,
  };
};

describe("a run that is watched", () => {
  it("tells each commit in order, one call at a time, and what came meanwhile with the next", async () => {
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const { live, told, numbers, settle } = make(async () => {
      await gate;
      return true;
    });
    live.begin();
    for (let n = 1; n <= 5; n++) live.add(n, Date.now(), [event(n)]);
    expect(live.owedSince).not.toBeNull();
    open();
    await settle();
    expect(numbers()).toEqual([1, 2, 3, 4, 5]);
    expect(told.map(({ commits }) => commits.length)).toEqual([1, 4]);
    expect([live.told, live.owedSince]).toEqual([5, null]);
  });

  it("owes what a Feed that is away could not be told, and tells it when it is woken", async () => {
    let isAway = true;
    const { live, errors, numbers, settle } = make(async () => {
      if (isAway) throw new Error("away");
      return true;
    });
    live.begin();
    live.add(1, Date.now(), [event(1)]);
    await settle();
    expect([live.told, errors]).toEqual([0, ["feed"]]);
    expect(live.owedSince).not.toBeNull();
    isAway = false;
    live.resume();
    await settle();
    expect(numbers()).toEqual([1]);
    expect([live.told, live.owedSince]).toEqual([1, null]);
  });

  it("leaves a Feed alone that was away for long", async () => {
    const { live, settle } = make(() => Promise.reject(new Error("away")));
    live.begin();
    live.add(1, Date.now(), [event(1)]);
    await settle();
    const later = Date.now() + 601_000;
    vi.spyOn(Date, "now").mockReturnValue(later);
    live.resume();
    vi.restoreAllMocks();
    expect([live.told, live.owedSince]).toEqual([null, null]);
  });

  it("stops when nobody listens, but not by an answer that is older than a Feed's asking", async () => {
    const alone = make(async () => false);
    alone.live.begin();
    alone.live.add(1, Date.now(), [event(1)]);
    await alone.settle();
    alone.live.add(2, Date.now(), [event(2)]);
    await alone.settle();
    expect(alone.numbers()).toEqual([1]);
    expect(alone.live.told).toBeNull();

    let answers = 0;
    const asked = make(async () => {
      if (answers++ > 0) return true;
      asked.live.join(0);
      return false;
    });
    asked.live.begin();
    asked.live.add(1, Date.now(), [event(1)]);
    await asked.settle();
    expect(asked.numbers()).toEqual([1, 1]);
    expect(asked.live.told).toBe(1);
  });

  it("tells the latest of more than is kept, and that there was more", async () => {
    let isAway = true;
    const { live, told, numbers, settle } = make(async () => {
      if (isAway) throw new Error("away");
      return true;
    });
    live.begin();
    for (let n = 1; n <= 2_500; n++) live.add(n, Date.now(), [event(n)]);
    isAway = false;
    live.resume();
    await settle();
    live.resume();
    await settle();
    expect(numbers()).toEqual(Array.from({ length: 2_000 }, (_, n) => n + 501));
    expect(told.map(({ dropped }) => dropped ?? false)).toEqual([true, false, false, false]);
  });

  it("stores how far its Feed knows when it goes to sleep, so that its next life tells nothing of before", async () => {
    const { live, settle, waits, noted } = make(async () => true);
    live.begin();
    live.add(1, Date.now(), [event(1)]);
    waits();
    await settle();
    expect(noted()).toBe(1);
    expect(live.told).toBe(1);
  });
});
