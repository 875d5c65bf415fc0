// The dispatcher's laws, by cases and over random histories: who gets a slot, in which order, and that none is lost or given twice.
import { describe, expect, it } from "vitest";
import { type Asked, Dispatch } from "../../../src/domain/queue/dispatch.ts";
import { DEFAULT_MAX_QUEUED, type RunLimits } from "../../../src/domain/queue/limits.ts";
import { AGE_MS, type Turn } from "../../../src/domain/queue/line.ts";

const NONE = { maxConcurrency: null, maxQueued: DEFAULT_MAX_QUEUED };
const limited = (workflow: number | null, organization: number | null = null, maxQueued = 100): RunLimits => ({
  ...{ workflow, organization, maxQueued },
});
const start = (id: string, priority = 5, limits = limited(1), workflowId = "w"): Asked => ({
  ...{ id, workflowId, kind: "start", priority, limits },
});
const ids = (turns: readonly Turn[]) => turns.map(({ id }) => id);

/** The order in which everybody is let in, one after the other. */
const order = (dispatch: Dispatch, now: number): string[] => {
  const all: string[] = [];
  for (let granted = dispatch.next(now); granted.length > 0; granted = dispatch.next(now)) {
    all.push(...ids(granted));
    for (const { id } of granted) dispatch.leave(id, now);
  }
  return all;
};

describe("a slot", () => {
  it("is had at once where there is room, and waited for where there is none", () => {
    const dispatch = new Dispatch(NONE);
    expect(dispatch.ask(start("a"), 0)).toEqual({ state: "granted" });
    expect(dispatch.ask(start("b"), 0)).toEqual({ state: "queued", position: 1, waitMs: null });
    expect(dispatch.ask(start("c"), 0)).toEqual({ state: "queued", position: 2, waitMs: null });
    expect(dispatch.next(1)).toEqual([]);
    dispatch.leave("a", 1_000);
    expect(ids(dispatch.next(1_000))).toEqual(["b"]);
    expect(dispatch.placeOf("c", 1_000)).toEqual({ state: "queued", position: 1, waitMs: 1_000 });
  });

  it("takes as long as was expected, or as who has it took until now, while none was given back", () => {
    const dispatch = new Dispatch(NONE);
    dispatch.ask({ ...start("a"), expectedMs: 400 }, 0);
    expect(dispatch.ask(start("b"), 0)).toMatchObject({ waitMs: 400 });
    expect(dispatch.ask(start("c"), 10)).toMatchObject({ waitMs: 800 });
    expect(dispatch.waitMs(10)).toBe(1_200);
    expect(dispatch.placeOf("c", 1_000)).toMatchObject({ waitMs: 2_000 });
    const { turns, lines } = dispatch.changes();
    const again = new Dispatch(
      NONE,
      [...turns.values()].flatMap((turn) => turn ?? []),
      lines.values(),
    );
    expect(again.placeOf("c", 100)).toMatchObject({ waitMs: 800 });
    dispatch.leave("a", 1_000);
    dispatch.ask({ ...start("d"), expectedMs: 1 }, 1_000);
    expect(dispatch.placeOf("d", 1_000)).toMatchObject({ waitMs: 3_000 });
  });

  it("is the same for who asks again", () => {
    const dispatch = new Dispatch(NONE);
    dispatch.ask(start("a"), 0);
    expect(dispatch.ask(start("a"), 5)).toEqual({ state: "granted" });
    dispatch.ask(start("b"), 6);
    expect(dispatch.ask(start("b"), 7)).toMatchObject({ state: "queued", position: 1 });
    expect([dispatch.held, dispatch.waiting]).toEqual([1, 1]);
  });

  it("of the organisation is one among all its workflows, and a full workflow holds up no other", () => {
    const dispatch = new Dispatch(NONE);
    const limits = (workflow: number | null) => limited(workflow, 2);
    dispatch.ask(start("a1", 5, limits(1), "a"), 0);
    expect(dispatch.ask(start("a2", 10, limits(1), "a"), 0)).toMatchObject({ state: "queued" });
    expect(dispatch.ask(start("b1", 1, limits(null), "b"), 0)).toEqual({ state: "granted" });
    expect(dispatch.ask(start("b2", 1, limits(null), "b"), 0)).toMatchObject({ state: "queued", position: 2 });
    dispatch.leave("b1", 1);
    expect(ids(dispatch.next(1))).toEqual(["b2"]);
    dispatch.leave("a1", 2);
    expect(ids(dispatch.next(2))).toEqual(["a2"]);
  });

  it("is taken over the limit by who goes on in any case; then nobody is let in until there are fewer again", () => {
    const dispatch = new Dispatch(NONE);
    dispatch.ask(start("a"), 0);
    dispatch.ask(start("b"), 0);
    dispatch.take(start("x"), 1);
    expect(dispatch.held).toBe(2);
    dispatch.leave("a", 2);
    expect(dispatch.next(2)).toEqual([]);
    dispatch.leave("x", 3);
    expect(ids(dispatch.next(3))).toEqual(["b"]);
  });

  it("is there at once when a limit is raised or taken away", () => {
    const dispatch = new Dispatch(NONE);
    for (const id of ["a", "b", "c", "d"]) dispatch.ask(start(id), 0);
    dispatch.limitLines(new Map([["w", 2]]), 1);
    expect(ids(dispatch.next(1))).toEqual(["b"]);
    dispatch.limitLines(new Map([["w", null]]), 2);
    expect(ids(dispatch.next(2))).toEqual(["c", "d"]);
  });
});

describe("the order", () => {
  it("goes by priority, ten first, and by who came first within one", () => {
    const dispatch = new Dispatch(NONE);
    dispatch.ask(start("holder"), 0);
    for (const [n, priority] of [5, 1, 10, 5, 10, 1].entries()) dispatch.ask(start(`p${priority}-${n}`, priority), n);
    dispatch.leave("holder", 10);
    expect(order(dispatch, 10)).toEqual(["p10-2", "p10-4", "p5-0", "p5-3", "p1-1", "p1-5"]);
  });

  it("lets nobody starve: whoever has waited for so many minutes more than the lead of a priority goes first", () => {
    const dispatch = new Dispatch(NONE);
    dispatch.ask(start("holder"), 0);
    dispatch.ask(start("low", 1), 0);
    dispatch.ask(start("just before", 10), 9 * AGE_MS - 1);
    dispatch.ask(start("just after", 10), 9 * AGE_MS + 1);
    dispatch.leave("holder", 9 * AGE_MS + 2);
    expect(order(dispatch, 9 * AGE_MS + 2)).toEqual(["just before", "low", "just after"]);
  });

  it("lets what goes on after a wait in before what begins", () => {
    const dispatch = new Dispatch(NONE);
    dispatch.ask(start("holder"), 0);
    dispatch.ask(start("first", 10), 1);
    dispatch.ask({ ...start("awake", 1), kind: "wake" }, 2);
    dispatch.leave("holder", 3);
    expect(order(dispatch, 3)).toEqual(["awake", "first"]);
  });
});

describe("a full queue", () => {
  it("refuses who can be told, takes what was accepted as an event, and has an end for that as well", () => {
    const dispatch = new Dispatch(NONE);
    const ask = (id: string, refusable: boolean) =>
      dispatch.ask({ ...start(id, 5, limited(1, null, 2)), refusable }, 0);
    ask("holder", true);
    ask("a", true);
    ask("b", true);
    expect(ask("c", true)).toMatchObject({ state: "full" });
    for (let n = 0; n < 18; n++) expect(ask(`e${n}`, false)).toMatchObject({ state: "queued" });
    expect(ask("last", false)).toMatchObject({ state: "full" });
    expect(dispatch.placeOf("last", 0)).toBeUndefined();
    expect(dispatch.waiting).toBe(20);
    // Who goes on is never refused.
    expect(dispatch.ask({ ...start("awake"), kind: "wake" }, 0)).toMatchObject({ state: "queued", position: 1 });
  });
});

/** A generator of whole numbers below `n` that is the same for the same seed. */
const random = (seed: number) => {
  let state = seed;
  return (n: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
};

describe("over random histories", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "no limit is passed, no slot is lost, nobody is let in out of turn: seed %i",
    (seed) => {
      const below = random(seed);
      const maxima: Record<string, number | null> = { a: 1 + below(3), b: 1 + below(5), c: null };
      const organization = below(2) === 0 ? null : 2 + below(4);
      let dispatch = new Dispatch({ maxConcurrency: organization, maxQueued: 50 });
      const kept = { turns: new Map<string, Turn>(), lines: new Map() };
      const holders = new Set<string>();
      const begun = new Set<string>();
      let asked = 0;
      let now = 0;
      const save = () => {
        const { turns, lines } = dispatch.changes();
        for (const [id, turn] of turns) turn ? kept.turns.set(id, turn) : kept.turns.delete(id);
        for (const [id, line] of lines) kept.lines.set(id, line);
      };
      const begin = (id: string) => {
        expect(begun.has(id), `${id} began twice`).toBe(false);
        begun.add(id);
        holders.add(id);
      };
      for (let turn = 0; turn < 2_000; turn++) {
        now += below(20_000);
        const choice = below(10);
        if (choice < 5) {
          const workflowId = "abc"[below(3)]!;
          const id = `${workflowId}${asked++}`;
          const limits = limited(maxima[workflowId]!, organization, 50);
          if (dispatch.ask(start(id, 1 + below(10), limits, workflowId), now).state === "granted") begin(id);
        } else if (choice < 9) {
          const [id] = [...holders].slice(below(Math.max(1, holders.size)));
          if (id !== undefined) {
            holders.delete(id);
            dispatch.leave(id, now);
          }
        } else {
          // Its object was evicted: what was kept is all that there is.
          save();
          dispatch = new Dispatch(dispatch.limits, kept.turns.values(), kept.lines.values());
        }
        for (const turn of dispatch.next(now)) begin(turn.id);
        expect(dispatch.held).toBe(holders.size);
        if (choice % 3 === 0) for (const { id } of dispatch.silent(now, () => 0, 1_000)) dispatch.confirm(id, now);
        const silent = dispatch.silent(now, ({ confirmed }) => (confirmed ? Number.POSITIVE_INFINITY : 0), 1_000);
        expect(dispatch.anyUnconfirmed).toBe(silent.length > 0);
        for (const { workflowId, busy, slots } of dispatch.lines(now)) {
          expect(busy).toBeLessThanOrEqual(slots ?? Number.POSITIVE_INFINITY);
          expect(busy).toBe([...holders].filter((id) => id.startsWith(workflowId)).length);
        }
        expect(dispatch.held).toBeLessThanOrEqual(organization ?? Number.POSITIVE_INFINITY);
      }
      // Everybody comes to their turn.
      while (holders.size > 0) {
        for (const id of holders) dispatch.leave(id, now);
        holders.clear();
        for (const turn of dispatch.next(now)) begin(turn.id);
      }
      expect([dispatch.held, dispatch.waiting]).toEqual([0, 0]);
      save();
      expect(kept.turns.size).toBe(0);
    },
  );
});
