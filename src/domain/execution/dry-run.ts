// A run without consequences: the pure engine folded in memory. What would change the world is answered by each action's mock, waits are leapt
// over, awaited events are said to have come. Nothing is stored.
import type { RunEvent, StartInput } from "../../engine/contract.ts";
import type { Program } from "../../engine/program.ts";
import { newState } from "../../engine/state.ts";
import { visitOfKey } from "../../engine/stepping.ts";
import { newId } from "../../lib/ids.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { ActionPorts } from "../action-ports.ts";
import type { ExecutionView } from "../ports.ts";
import { mockEffect } from "./mock-effect.ts";
import { simulate } from "./simulate.ts";
import { VariableWatcher } from "./variable-watcher.ts";
import { viewOf } from "./view.ts";
import { VirtualClock } from "./virtual-clock.ts";

export type DryRun = {
  /** Times are real ones: what was leapt over is left out, and named in the visit's logs. */
  view: ExecutionView;
  /** Visits (`n`) whose effect was not performed. */
  mocked: ReadonlySet<number>;
  /** Variables as they were when a visit (`n`) had ended; of the first steps, where they were asked for. */
  variables: ReadonlyMap<number, JsonObject>;
  /** From its start to its end by its own clock, leaps included. */
  simulatedMs: number;
};

/** `http`: requests really leave. `stepByStep`: variables are kept after each step. */
export type DryRunWorld = {
  now: () => number;
  code: ActionPorts["code"];
  http?: ActionPorts["http"];
  /** For those requests. */
  secrets?: ActionPorts["secrets"];
  stepByStep?: boolean;
};

export const dryRun = async (
  program: Program,
  start: Omit<StartInput, "type" | "at" | "dryRun">,
  world: DryRunWorld,
): Promise<DryRun> => {
  const clock = new VirtualClock(world.now);
  const state = newState();
  const mocked = new Set<number>();
  const watcher = world.stepByStep ? new VariableWatcher() : undefined;
  await simulate({
    program,
    state,
    clock,
    ...(watcher && { watch: watcher }),
    arrivals: [{ at: clock.now(), input: { ...start, type: "start", dryRun: true } }],
    world: {
      now: world.now,
      perform: async (effect, startedAt) => {
        const answer = await mockEffect(effect, { ...start, startedAt }, world);
        if (answer.mocked) mocked.add(visitOfKey(effect.key));
        return answer;
      },
      listen: async (effect, at) => {
        mocked.add(visitOfKey(effect.key));
        return [{ event: awaited(effect.wait.eventType, at), at }];
      },
      ...(watcher && { saw: () => watcher.look(state.visits, state.variables) }),
    },
  });
  const waited = new Set([...state.visits.values()].filter((visit) => visit.waitMs > 0).map((visit) => visit.n));
  const view = viewOf(state, { commits: 0, stuck: null }, program, clock.now());
  return {
    view: told(view, clock, { mocked, waited }),
    mocked,
    variables: watcher?.after ?? new Map(),
    simulatedMs: Math.max(0, (view.endedAt ?? clock.now()) - view.startedAt),
  };
};

const awaited = (eventType: string, now: number): RunEvent => ({
  id: newId(now),
  type: eventType,
  source: "test",
  data: { mocked: true },
  occurredAt: now,
});

/** The view by real time, with a line for what was leapt over or made up. */
const told = (
  view: ExecutionView,
  clock: VirtualClock,
  { mocked, waited }: { mocked: ReadonlySet<number>; waited: ReadonlySet<number> },
): ExecutionView => ({
  ...view,
  startedAt: clock.realAt(view.startedAt),
  endedAt: view.endedAt === null ? null : clock.realAt(view.endedAt),
  visits: view.visits.map((visit) => {
    const end = visit.completedAt ?? view.endedAt ?? clock.now();
    const leapt = clock.leaptBetween(visit.startedAt, end);
    return {
      ...visit,
      startedAt: clock.realAt(visit.startedAt),
      completedAt: visit.completedAt === null ? null : clock.realAt(visit.completedAt),
      logs: [
        ...visit.logs,
        ...(leapt > 0 && waited.has(visit.n)
          ? [`Skipped: a wait of ${leapt < 950 ? `${leapt} ms` : `${Math.round(leapt / 100) / 10} s`}`]
          : []),
        ...(mocked.has(visit.n) && visit.port === "received"
          ? ["Mocked: the awaited event was said to have come"]
          : []),
      ],
    };
  }),
  metrics: { ...view.metrics, totalMs: clock.realAt(view.endedAt ?? clock.now()) - clock.realAt(view.startedAt) },
});
