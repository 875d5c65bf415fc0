// A run in memory, by a clock of its own: the pure engine folded until it ends or waits for what never comes. What the world answers, and which
// events come, its caller says. Nothing is stored, and nothing outside is touched.
import type { Effect, EffectResult, Input, RunEvent } from "../../engine/contract.ts";
import { isFinal } from "../../engine/contract.ts";
import type { Program } from "../../engine/program.ts";
import { applyDelta, nextDue, type RunState } from "../../engine/state.ts";
import { step } from "../../engine/step.ts";
import type { Watch } from "../../engine/stepping.ts";
import { pause } from "../../lib/pause.ts";
import type { VirtualClock } from "./virtual-clock.ts";

export type PerformEffect = Extract<Effect, { type: "perform" }>;
export type ListenEffect = Extract<Effect, { type: "listen" }>;

export type SimulatedWorld = {
  /** Real time, in ms. */
  now: () => number;
  /** How an attempt ends, and how long after it began (0 when absent); `at` is the run's own time. */
  perform(effect: PerformEffect, at: number, state: RunState): Promise<{ result: EffectResult; afterMs?: number }>;
  /** Events that come for a wait, each at a time of the run. One that its filters refuse changes nothing. */
  listen(effect: ListenEffect, at: number, state: RunState): Promise<{ event: RunEvent; at: number }[]>;
  /** Told of every input that is about to be stepped, with what followed. */
  saw?(input: Input, effects: readonly Effect[]): void;
};

/** Inputs of one simulation, nodes that it visits, and the real time that it may take; beyond any it is cancelled and says so. */
export type SimulationBudget = { inputs: number; visits: number; realMs: number };

/** Fewer visits than a real run has: a simulation is computed in the isolate that answers everybody else. */
const SIMULATION_BUDGET: SimulationBudget = { inputs: 2_000, visits: 10_000, realMs: 20_000 };

const overBudget = (budget: SimulationBudget, inputs: number, visits: number, spentMs: number): string | undefined => {
  if (inputs >= budget.inputs) return `${budget.inputs} steps`;
  if (visits >= budget.visits) return `${budget.visits} visits of nodes`;
  return spentMs > budget.realMs ? `${budget.realMs / 1000} seconds` : undefined;
};

/** An input that comes at a time of the run. */
export type Arrival = { at: number; input: Timeless };
/** Without its time, which is that at which it is stepped. */
type Timeless = Input extends infer One ? (One extends Input ? Omit<One, "at"> : never) : never;

type Simulation = {
  program: Program;
  /** Folded in place. */
  state: RunState;
  clock: VirtualClock;
  /** In the order in which those of the same time are stepped. */
  arrivals: Arrival[];
  world: SimulatedWorld;
  budget?: SimulationBudget;
  /** Looks on within a step, of which many nodes may be. */
  watch?: Watch;
};

/** `stopped`: by which budget it was cancelled. `steps`: inputs that were stepped. */
export const simulate = async ({
  program,
  state,
  clock,
  arrivals: given,
  world,
  budget = SIMULATION_BUDGET,
  watch,
}: Simulation): Promise<{ steps: number; stopped: string | null }> => {
  const arrivals = [...given];
  const begun = world.now();
  for (let steps = 0; ; steps++) {
    const next = nextInput(arrivals, clock, state);
    if (!next) return { steps, stopped: null };
    const stopped = overBudget(budget, steps, state.visits.size, world.now() - begun);
    const input: Input =
      stopped === undefined || !state.run
        ? next
        : { type: "cancel", at: clock.now(), reason: `The test was stopped after ${stopped}` };
    const { delta, effects } = step(program, state, input, watch);
    applyDelta(state, delta);
    world.saw?.(input, effects);
    if (isFinal(state.run?.status ?? "running")) return { steps: steps + 1, stopped: stopped ?? null };
    for (const effect of effects) {
      const at = clock.now();
      if (effect.type === "perform") {
        const { result, afterMs = 0 } = await world.perform(effect, at, state);
        const { key, attempt } = effect;
        arrivals.push({ at: clock.now() + afterMs, input: { type: "result", key, attempt, result } });
      } else if (effect.type === "listen") {
        const { key } = effect;
        arrivals.push({ at, input: { type: "listening", key } });
        for (const come of await world.listen(effect, at, state)) {
          arrivals.push({ at: Math.max(at, come.at), input: { type: "event", key, event: come.event } });
        }
      } else if (effect.type === "continue") {
        arrivals.push({ at, input: { type: "continue" } });
        // A macro-step may take a second; others wait in this isolate.
        await pause(0);
      }
    }
  }
};

/** What has come already, in its order; else what comes next, or is due before it: the clock leaps there. Undefined when nothing is to come. */
const nextInput = (arrivals: Arrival[], clock: VirtualClock, state: RunState): Input | undefined => {
  const now = clock.now();
  const come = arrivals.findIndex(({ at }) => at <= now);
  if (come !== -1) return taken(arrivals, come, clock);
  const earliest = arrivals.reduce((best, { at }, index) => (at < (arrivals[best]?.at ?? at + 1) ? index : best), -1);
  // One that is queued begins when somebody lets it.
  const due = state.run?.status === "queued" ? null : nextDue(state);
  if (earliest !== -1 && (due === null || arrivals[earliest]!.at <= due)) {
    clock.leapTo(arrivals[earliest]!.at);
    return taken(arrivals, earliest, clock);
  }
  if (due === null) return undefined;
  clock.leapTo(due);
  return { type: "time", at: clock.now() };
};

const taken = (arrivals: Arrival[], index: number, clock: VirtualClock): Input => {
  const [{ input }] = arrivals.splice(index, 1) as [Arrival];
  return { ...input, at: clock.now() } as Input;
};
