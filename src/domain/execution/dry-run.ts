// A run without consequences: the pure engine folded in memory. What would change the world is answered by each action's mock, waits are leapt
// over, awaited events are said to have come. Nothing is stored.
import { actions } from "../../actions/index.ts";
import type { Effect, EffectResult, Input, RunEvent, StartInput } from "../../engine/contract.ts";
import { isFinal } from "../../engine/contract.ts";
import type { Program } from "../../engine/program.ts";
import { applyDelta, newState, nextDue } from "../../engine/state.ts";
import { step } from "../../engine/step.ts";
import { visitOfKey } from "../../engine/stepping.ts";
import { newId } from "../../lib/ids.ts";
import { isJsonObject, type Json } from "../../lib/json.ts";
import { pause } from "../../lib/pause.ts";
import type { ActionPorts } from "../action-ports.ts";
import type { ExecutionView } from "../ports.ts";
import { viewOf } from "./view.ts";
import { VirtualClock } from "./virtual-clock.ts";

export type DryRun = {
  /** Times are real ones: what was leapt over is left out, and named in the visit's logs. */
  view: ExecutionView;
  /** Visits (`n`) whose effect was not performed. */
  mocked: ReadonlySet<number>;
};

/** Inputs of one dry run, nodes that it visits, and the real time that it may take; beyond any the run is cancelled and says so. */
const MAX_INPUTS = 2_000;
/** Fewer than a real run has: a dry run is computed in the isolate that answers everybody else. */
const MAX_VISITS = 10_000;
const MAX_REAL_MS = 20_000;

const overBudget = (inputs: number, visits: number, spentMs: number): string | undefined => {
  if (inputs >= MAX_INPUTS) return `${MAX_INPUTS} steps`;
  if (visits >= MAX_VISITS) return `${MAX_VISITS} visits of nodes`;
  return spentMs > MAX_REAL_MS ? `${MAX_REAL_MS / 1000} seconds` : undefined;
};

type Perform = Extract<Effect, { type: "perform" }>;

export const dryRun = async (
  program: Program,
  start: Omit<StartInput, "type" | "at" | "dryRun">,
  world: { now: () => number; code: ActionPorts["code"] },
): Promise<DryRun> => {
  const clock = new VirtualClock(world.now);
  const begun = world.now();
  const state = newState();
  const mocked = new Set<number>();
  const queue: Input[] = [{ ...start, type: "start", at: clock.now(), dryRun: true }];
  for (let taken = 0; ; taken++) {
    const input = queue.shift() ?? nextTime(clock, nextDue(state));
    if (!input) break;
    const spent = world.now() - begun;
    const over = overBudget(taken, state.visits.size, spent);
    const stop: Input | undefined =
      over === undefined
        ? undefined
        : {
            type: "cancel",
            at: clock.now(),
            reason: `The test was stopped after ${over}`,
          };
    const { delta, effects } = step(program, state, stop ?? input);
    applyDelta(state, delta);
    if (isFinal(state.run!.status)) break;
    for (const effect of effects) {
      if (effect.type === "perform") {
        const result = await perform(effect, { ...start, startedAt: clock.now() }, world.code, mocked);
        queue.push({ type: "result", at: clock.now(), key: effect.key, attempt: effect.attempt, result });
      } else if (effect.type === "listen") {
        mocked.add(visitOfKey(effect.key));
        queue.push({ type: "listening", at: clock.now(), key: effect.key });
        queue.push({
          type: "event",
          at: clock.now(),
          key: effect.key,
          event: awaited(effect.wait.eventType, clock.now()),
        });
      } else if (effect.type === "continue") {
        queue.push({ type: "continue", at: clock.now() });
        // A macro-step may take a second; others wait in this isolate.
        await pause(0);
      }
    }
  }
  const waited = new Set([...state.visits.values()].filter((visit) => visit.waitMs > 0).map((visit) => visit.n));
  const view = viewOf(state, { commits: 0, stuck: null }, program, clock.now());
  return { view: told(view, clock, { mocked, waited }), mocked };
};

/** Leaps to what is due next; undefined when nothing is. */
const nextTime = (clock: VirtualClock, due: number | null): Input | undefined => {
  if (due === null) return undefined;
  clock.leapTo(due);
  return { type: "time", at: clock.now() };
};

const perform = async (
  effect: Perform,
  {
    executionId,
    organizationId,
    workflowId,
    versionId,
    startedAt,
  }: Pick<StartInput, "executionId" | "organizationId" | "workflowId" | "versionId"> & { startedAt: number },
  code: ActionPorts["code"],
  mocked: Set<number>,
): Promise<EffectResult> => {
  const action = actions.get(effect.action);
  if (!action)
    return { outcome: "failed", error: { code: "UNKNOWN_ACTION", message: `Unknown action '${effect.action}'` } };
  if (action.sideEffect) {
    mocked.add(visitOfKey(effect.key));
    const input = action.schema.safeParse(effect.input);
    if (!input.success) {
      const issue = input.error.issues[0]!;
      const message = `${action.name}: ${issue.path.join(".") || "input"}: ${issue.message}`;
      return { outcome: "failed", error: { code: "INVALID_INPUT", message } };
    }
    const { output, log } = action.mock(effect.input);
    return { outcome: "ok", output: markMocked(output), logs: [log] };
  }
  const result = await action.run(
    // An action without side effects asks for nothing else.
    { code } as ActionPorts,
    {
      key: `${executionId}:${effect.key}`,
      attempt: effect.attempt,
      executionId,
      organizationId,
      workflowId,
      versionId,
      startedAt,
      eventDepth: 0,
      input: effect.input,
      signal: AbortSignal.timeout(effect.timeoutMs ?? action.timeoutMs),
      dryRun: false,
    },
  );
  return result.outcome === "pending" ? { outcome: "unknown", reason: "it did not end" } : result;
};

const markMocked = (output: Json): Json =>
  isJsonObject(output) ? { ...output, mocked: true } : { value: output, mocked: true };

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
          ? [`Skipped: a wait of ${leapt < 1000 ? `${leapt} ms` : `${Math.round(leapt / 1000)} s`}`]
          : []),
        ...(mocked.has(visit.n) && visit.port === "received"
          ? ["Mocked: the awaited event was said to have come"]
          : []),
      ],
    };
  }),
  metrics: { ...view.metrics, totalMs: clock.realAt(view.endedAt ?? clock.now()) - clock.realAt(view.startedAt) },
});
