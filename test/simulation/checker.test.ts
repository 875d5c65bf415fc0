// The checker is checked: known bugs are planted one at a time, and each must be caught by the invariant that it breaks.
// First, because it puts the seams in place through which the modules below reach the world.
import "./simulate.ts";

import { afterEach, expect, it, vi } from "vitest";
import type { Action } from "../../src/actions/action.ts";
import { actions } from "../../src/actions/index.ts";
import type { Input } from "../../src/engine/contract.ts";
import type { Delta, RunState } from "../../src/engine/state.ts";
import type { Step } from "../../src/engine/step.ts";
import { Execution } from "../../src/objects/execution/execution.ts";
import { type Commit, ExecutionStore } from "../../src/objects/execution/store.ts";
import { type Case, run } from "./cases.ts";
import { failingAt } from "./failing-write.ts";
import { Life } from "./platform.ts";
import type { Stage } from "./simulate.ts";

afterEach(() => vi.restoreAllMocks());

type Bug = { name: string; plant: (stage: Stage) => void; caught: RegExp; cases: Case[] };

/** A crash at each of the first boundaries of a scenario, and none. */
const crashesOf = (scenario: string, most = 30): Case[] => [
  { scenario },
  ...Array.from({ length: most }, (_, i) => ({ scenario, crashes: [i + 1] })),
];
const seedsOf = (scenario: string, most = 60): Case[] =>
  Array.from({ length: most }, (_, i) => ({ scenario, seed: i + 1 }));

/** Writes something else than what the execution wants to be written. */
const writing = (change: (commit: Commit) => Commit) => () => {
  const write = ExecutionStore.prototype.write;
  vi.spyOn(ExecutionStore.prototype, "write").mockImplementation(function (this: ExecutionStore, commit) {
    write.call(this, change(commit));
  });
};

/** Steps otherwise: `change` sees what the engine made of an input. */
const stepping =
  (change: (done: Step, state: RunState, input: Input) => Step) =>
  ({ running }: Stage) => {
    running.step = (real, program, state, input) => change(real(program, state, input), state, input);
  };

const arming = (change: (at: number, now: number) => number | null) => (stage: Stage) => {
  const context = Life.prototype.context;
  vi.spyOn(Life.prototype, "context").mockImplementation(function (this: Life) {
    const made = context.call(this);
    const { setAlarm } = made.storage;
    made.storage.setAlarm = async (at) => {
      const changed = change(Number(at), stage.world.now);
      if (changed !== null) await setAlarm(changed);
    };
    return made;
  });
};

const nothing = (): Delta => ({
  variables: new Map(),
  tokens: new Map(),
  visits: new Map(),
  nodes: new Map(),
  frames: new Map(),
});

let stepsEver = 0;

const bugs: Bug[] = [
  {
    name: "an attempt leaves no row",
    plant: writing(({ startedAttempts: _, ...commit }) => commit),
    caught: /attempts in the journal/,
    cases: [{ scenario: "a line with a request" }],
  },
  {
    name: "the effect comes before the commit",
    plant: () => void vi.spyOn(Life.prototype, "gate").mockImplementation(() => Promise.resolve()),
    caught: /attempts in the journal/,
    cases: [{ scenario: "a line with a request" }],
  },
  {
    name: "a start is acknowledged before it is durable",
    plant: ({ platform }) => {
      platform.answersEarly = true;
    },
    caught: /stands still/,
    cases: crashesOf("a delay of 1 ms"),
  },
  {
    name: "an input is not in the journal",
    plant: writing(({ input, ...commit }) =>
      input?.type === "time" ? commit : { ...commit, ...(input && { input }) },
    ),
    caught: /without its input|is followed by/,
    cases: [{ scenario: "a delay of 1 hour" }],
  },
  {
    name: "input and state are two commits",
    plant: () => {
      const write = ExecutionStore.prototype.write;
      vi.spyOn(ExecutionStore.prototype, "write").mockImplementation(function (this: ExecutionStore, commit) {
        const { input, at, meta, ...rest } = commit;
        if (input) write.call(this, { at, meta, input });
        queueMicrotask(() => write.call(this, { at, meta, ...rest }));
      });
    },
    caught: /without its input|does not fold/,
    cases: crashesOf("a line with a request"),
  },
  {
    name: "a commit that fails leaves half of itself",
    plant: () => {
      failingAt(2);
      const context = Life.prototype.context;
      vi.spyOn(Life.prototype, "context").mockImplementation(function (this: Life) {
        const made = context.call(this);
        made.storage.transactionSync = (work) => work();
        return made;
      });
    },
    caught: /is followed by|does not fold|verify\(\) says|wakes again and again/,
    cases: crashesOf("a line with a request"),
  },
  {
    name: "a record that is gone stays in the state",
    plant: writing((commit) => ({ ...commit, rows: (commit.rows ?? []).filter(([, value]) => value !== null) })),
    caught: /does not fold|verify\(\) says/,
    cases: [{ scenario: "branches that merge" }],
  },
  {
    name: "a step knows more than its input",
    plant: stepping((done) => {
      const { run } = done.delta;
      return run ? { ...done, delta: { ...done.delta, run: { ...run, metadata: { steps: ++stepsEver } } } } : done;
    }),
    caught: /does not fold|verify\(\) says/,
    cases: [{ scenario: "a line with a request" }],
  },
  {
    name: "a second event is taken for the same wait",
    plant: stepping((done, state, input) => {
      if (!done.ignored || input.type !== "event" || state.run?.endedAt !== null) return done;
      const visit = [...state.visits.values()].find((one) => `${one.node}:${one.n}` === input.key);
      if (!visit) return done;
      return {
        ...done,
        ignored: false,
        delta: { ...nothing(), visits: new Map([[visit.n, { ...visit, output: { again: true } }]]) },
      };
    }),
    caught: /the result of .* changed/,
    cases: seedsOf("two replies and the end of the whole run's time"),
  },
  {
    name: "an end is not the end",
    plant: stepping((done, state, input) =>
      done.ignored && input.type === "cancel" && state.run
        ? { ...done, ignored: false, delta: { ...nothing(), run: { ...state.run, status: "cancelled" } } }
        : done,
    ),
    caught: /for good, then cancelled/,
    cases: seedsOf("reply, time-out and cancel", 300),
  },
  {
    name: "a cancel calls nothing back",
    plant: stepping((done) => ({ ...done, effects: done.effects.filter(({ type }) => type !== "abort") })),
    caught: /left after the run's end/,
    cases: [{ scenario: "a cancel in the middle of many requests" }],
  },
  {
    name: "no alarm looks after what was begun",
    plant: arming((at, now) => (at - now < 30_000 ? null : at)),
    caught: /took too long|stands still/,
    cases: crashesOf("a line with a request"),
  },
  {
    name: "nothing wakes a sleeper",
    plant: arming(() => null),
    caught: /stands still|has not deleted itself/,
    cases: [{ scenario: "a delay of 25 days" }],
  },
  {
    name: "the alarm goes round",
    plant: arming((at, now) => Math.min(at, now + 1_000)),
    caught: /wakes again and again/,
    cases: [{ scenario: "a delay of 25 days" }],
  },
  {
    name: "the alarm throws",
    plant: () => {
      const alarm = Execution.prototype.alarm;
      vi.spyOn(Execution.prototype, "alarm").mockImplementation(async function (this: Execution) {
        await alarm.call(this);
        throw new Error("planted");
      });
    },
    caught: /alarm\(\) of run threw/,
    cases: [{ scenario: "a delay of 1 hour" }],
  },
  {
    name: "each attempt has a key of its own",
    plant: () => {
      const action = actions.get("http.request") as Action;
      const run = action.run;
      vi.spyOn(action, "run").mockImplementation((ports, request) =>
        run(ports, { ...request, key: `${request.key}#${request.attempt}` }),
      );
    },
    caught: /is no step key/,
    cases: [{ scenario: "retries, with a Retry-After" }],
  },
  {
    name: "a message of unknown fate is sent again",
    plant: () => {
      const action = actions.get("message.send") as Action;
      vi.spyOn(action, "reconcile" as "run").mockImplementation(action.run);
    },
    caught: /2 messages were accepted/,
    cases: [{ scenario: "a message whose answer is lost" }],
  },
  {
    name: "an older report replaces a newer one",
    plant: ({ outside }) => {
      outside.isNewer = () => true;
    },
    caught: /the index went back/,
    cases: seedsOf("retries, with a Retry-After"),
  },
  {
    name: "a report that was lost is never asked for",
    plant: ({ outside }) => {
      outside.sweeps = false;
    },
    caught: /the index says/,
    cases: seedsOf("a line with a request"),
  },
  {
    name: "the parent is told and does not hear",
    plant: ({ platform }) => {
      const call = platform.call.bind(platform);
      platform.call = (from, name, method, args) =>
        from && method === "deliver" ? (Promise.resolve(true) as never) : call(from, name, method, args);
    },
    caught: /no rest|stands still/,
    cases: [{ scenario: "a sub-workflow that is waited for" }],
  },
  {
    name: "a child that nobody waits for is forgotten by a crash",
    plant: writing(({ meta: { orphans: _, ...meta }, ...commit }) => ({ ...commit, meta })),
    caught: /outlived the step/,
    cases: crashesOf("a cancel while a sub-workflow runs", 50),
  },
  {
    name: "the wait begins without a waiter",
    plant: ({ outside }) => {
      outside.startListening = async () => {};
      outside.missedEvents = async () => ({ events: [], next: null });
    },
    caught: /no rest|stands still/,
    cases: [{ scenario: "an event that comes while the wait begins, without a time-out" }],
  },
  {
    name: "of what a wait has missed only the first page is heard",
    plant: ({ outside }) => {
      const { missedEvents } = outside;
      outside.missedEvents = async (...args) => ({ ...(await missedEvents.apply(outside, args)), next: null });
    },
    caught: /took too long/,
    cases: crashesOf("more is missed than a page"),
  },
  {
    name: "a finished run keeps its storage",
    plant: () => {
      const context = Life.prototype.context;
      vi.spyOn(Life.prototype, "context").mockImplementation(function (this: Life) {
        const made = context.call(this);
        made.storage.deleteAll = async () => {};
        return made;
      });
    },
    caught: /has not deleted itself/,
    cases: [{ scenario: "a line with a request" }],
  },
];

/** A run that needed more than this for its end, after one crash, has not looked after itself. */
const PROMPT_MS = 40_000;

const complaints = async (one: Case, plant?: Bug["plant"]): Promise<string[]> => {
  const { violations, tookMs, status } = await run(one, plant && { plant });
  const isSlow = one.crashes && status !== "open" && tookMs > PROMPT_MS;
  return isSlow ? [...violations, "took too long"] : violations;
};

it.each(bugs)("catches: $name", { timeout: 60_000 }, async ({ plant, caught, cases }) => {
  for (const one of cases) {
    const found = await complaints(one, plant);
    vi.restoreAllMocks();
    if (found.length === 0) continue;
    // The bug is what it complains of, and not the case.
    const innocent = await complaints(one);
    if (innocent.join() === found.join()) continue;
    expect(found.join("\n")).toMatch(caught);
    expect(innocent).toEqual([]);
    return;
  }
  expect.fail("nothing was noticed");
});
