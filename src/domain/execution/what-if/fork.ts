// What would have become of a run from one of its inputs on, under other terms: its own world answers as it did where it is asked the same, mocks
// where it is not, by a virtual clock. Nothing outside is touched, nothing stored. Who may, and which version, is fork-execution.ts.
import type { EffectResult, RunEvent, StartInput } from "../../../engine/contract.ts";
import type { Program } from "../../../engine/program.ts";
import { newState, type RunRecord, type RunState, type Token } from "../../../engine/state.ts";
import { hasMore } from "../../../engine/step.ts";
import { effectKey, visitOfKey } from "../../../engine/stepping.ts";
import { newId } from "../../../lib/ids.ts";
import { isJsonObject, type Json, type JsonObject, mergeOwn } from "../../../lib/json.ts";
import type { ActionPorts } from "../../action-ports.ts";
import { withContactAfter } from "../contact-after.ts";
import { mockEffect } from "../mock-effect.ts";
import { type Arrival, type ListenEffect, type PerformEffect, simulate } from "../simulate.ts";
import { type JournalEntry, type Trace, traceJournal } from "../trace.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { type Done, doneOf } from "./done.ts";
import { giveToState, withGivenOutputs } from "./given-outputs.ts";
import { mapState, type Unmapped } from "./map-state.ts";
import { answerAgain, placeOf, type Recording, recordingOf } from "./recording.ts";

export type Overrides = {
  variables?: JsonObject;
  /** By node id; of a condition the name of a port. */
  outputs?: JsonObject;
  /** Over the data of the event that started the run. */
  event?: { data: JsonObject };
  /** Over the contact. */
  contact?: JsonObject;
};

export type Forked = {
  state: RunState;
  program: Program;
  /** What it asked of the world from `at` on. */
  done: Done[];
  /** Virtual time at which it begins. */
  at: number;
  answers: { recorded: number; mocked: number; assumedEvents: number };
  unmapped: Unmapped[];
  notes: string[];
  steps: number;
  stopped: string | null;
};

type Origin = { program: Program; journal: readonly JournalEntry[]; trace: Trace };

/** `fromSeq`: the last input that is as it was; 0: not even the start is. `target`: the version that goes on. */
export const fork = async (
  { program, journal, trace }: Origin,
  { fromSeq, target, overrides }: { fromSeq: number; target: Program; overrides: Overrides },
  world: { now: () => number; code: ActionPorts["code"] },
): Promise<Forked> => {
  const { outputs = {} } = overrides;
  const start = journal[0]!.input as StartInput;
  const forked =
    fromSeq === 0 ? newState() : (await traceJournal(program, journal, { now: world.now, until: fromSeq })).state;
  const at = fromSeq === 0 ? start.at : journal[fromSeq - 1]!.at;
  const mapped = fromSeq === 0 || target === program ? { unmapped: [], notes: [] } : mapState(forked, program, target);
  const going = withGivenOutputs(target, outputs);
  if (forked.run) {
    changeState(forked, overrides);
    giveToState(forked, outputs, at);
  }
  const recording = recordingOf(trace.entries, trace.state, fromSeq);
  const clock = new VirtualClock(() => at);
  const seen = new Sandbox(recording, start, overrides, world.code);
  const beginAt = journal.find(({ seq, input }) => seq > fromSeq && input.type === "begin")?.at ?? null;
  const pending = forked.run
    ? await pendingOf(forked, seen, { at, beginAt })
    : startsOf(start, { at, beginAt, overrides, target, isSame: target === program });
  const { steps, stopped } = await simulate({
    program: going,
    state: forked,
    clock,
    arrivals: pending,
    world: { now: world.now, perform: seen.perform, listen: seen.listen },
  });
  return {
    state: forked,
    program: going,
    done: doneOf(seen.performed, forked),
    at,
    answers: seen.answers,
    unmapped: [...mapped.unmapped, ...(forked.run && fromSeq === 0 ? missingStarts(start, target) : [])],
    notes: [
      ...mapped.notes,
      ...(fromSeq === 0 && start.seed && target !== program
        ? ["The run took over from another one, by another version; here it starts over"]
        : []),
      ...(fromSeq === 0 && start.seed && overrides.variables
        ? ["The run took over from another one: its variables win over those that it starts with"]
        : []),
    ],
    steps,
    stopped,
  };
};

const missingStarts = ({ startNodes }: StartInput, target: Program): Unmapped[] =>
  startNodes
    .filter((nodeId) => !target.nodes.has(nodeId))
    .map((nodeId) => ({ nodeId, reason: "The run started here, and the other version has no such node" }));

/** A run that waited for its turn waits as long again; what it took over from another run goes only with its own version. */
const startsOf = (
  start: StartInput,
  of: { at: number; beginAt: number | null; overrides: Overrides; target: Program; isSame: boolean },
): Arrival[] => {
  const { at: _, queued, seed, ...rest } = start;
  const { at, beginAt, overrides, target, isSame } = of;
  const isHeld = queued !== undefined && beginAt !== null;
  return [
    {
      at,
      input: {
        ...rest,
        ...(isHeld && { queued }),
        ...(isSame && seed && { seed }),
        startNodes: start.startNodes.filter((id) => target.nodes.has(id)),
        variables: mergeOwn(start.variables, overrides.variables),
        event: changeEvent(start.event, overrides),
      },
    },
    ...(isHeld ? [{ at: beginAt, input: { type: "begin" as const } }] : []),
  ];
};

const changeEvent = (event: RunEvent, { event: given, contact }: Overrides): RunEvent => ({
  ...event,
  data: mergeOwn(event.data, given?.data),
  ...(contact === undefined ? {} : { contact: changeContact(event.contact, contact) }),
});

const changeContact = (known: JsonObject | null | undefined, { attributes, ...given }: JsonObject): JsonObject => ({
  ...mergeOwn(known ?? {}, given),
  ...(isJsonObject(attributes)
    ? { attributes: mergeOwn(isJsonObject(known?.attributes) ? known.attributes : {}, attributes) }
    : {}),
});

const changeState = (state: RunState, overrides: Overrides): void => {
  const run = state.run!;
  state.run = {
    ...run,
    event: changeEvent(run.event, overrides),
    contact: overrides.contact === undefined ? run.contact : changeContact(run.contact, overrides.contact),
  };
  for (const [name, value] of Object.entries(mergeOwn(overrides.variables))) state.variables.set(name, value);
};

/** What the state waits for at the time of the fork. */
const pendingOf = async (
  state: RunState,
  world: Sandbox,
  { at, beginAt }: { at: number; beginAt: number | null },
): Promise<Arrival[]> => {
  const arrivals: Arrival[] = [];
  if (state.run!.status === "queued") {
    const turn = beginAt ?? state.run!.queued?.startAt ?? at;
    arrivals.push({ at: Math.max(at, turn), input: { type: "begin" } });
  }
  if (hasMore(state)) arrivals.push({ at, input: { type: "continue" } });
  for (const token of state.tokens.values()) {
    const key = effectKey(token.node, token.visit);
    if (token.phase === "performing" && token.perform) {
      const { result, afterMs = 0 } = await world.perform(performOf(token, key), at, state);
      const left = Math.max(0, token.since + afterMs - at);
      arrivals.push({ at: at + left, input: { type: "result", key, attempt: token.attempt, result } });
    } else if (token.phase === "waiting" && token.wait) {
      const effect: ListenEffect = { type: "listen", key, wait: token.wait, since: token.since };
      for (const { event, at: comes } of await world.listen(effect, at, state, true))
        arrivals.push({ at: comes, input: { type: "event", key, event } });
    }
  }
  return arrivals;
};

const performOf = ({ node, attempt, perform }: Token, key: string): PerformEffect => ({
  type: "perform",
  key,
  nodeId: node,
  attempt,
  mode: perform!.mode,
  action: perform!.action,
  input: perform!.input,
  timeoutMs: perform!.timeoutMs,
});

/** The world of a fork. */
class Sandbox {
  readonly answers = { recorded: 0, mocked: 0, assumedEvents: 0 };
  readonly performed: { effect: PerformEffect; at: number; result: EffectResult }[] = [];
  readonly #recording: Recording;
  readonly #start: StartInput;
  readonly #overrides: Overrides;
  readonly #code: ActionPorts["code"];

  constructor(recording: Recording, start: StartInput, overrides: Overrides, code: ActionPorts["code"]) {
    this.#recording = recording;
    this.#start = start;
    this.#overrides = overrides;
    this.#code = code;
  }

  readonly perform = async (
    effect: PerformEffect,
    at: number,
    state: RunState,
  ): Promise<{ result: EffectResult; afterMs?: number }> => {
    const answer = await this.#answer(effect, at, state);
    this.performed.push({ effect, at, result: answer.result });
    return answer;
  };

  async #answer(effect: PerformEffect, at: number, state: RunState) {
    const { outputs = {} } = this.#overrides;
    if (Object.hasOwn(outputs, effect.nodeId)) return { result: ok(outputs[effect.nodeId]!) };
    const visit = state.visits.get(visitOfKey(effect.key));
    const again = visit && answerAgain(this.#recording, placeOf(visit.node, visit.ordinal), effect);
    if (again) {
      this.answers.recorded++;
      return { result: this.#withContact(again.result), afterMs: again.afterMs };
    }
    const { result, mocked } = await mockEffect(effect, { ...this.#start, startedAt: at }, { code: this.#code });
    if (mocked) this.answers.mocked++;
    // What was never answered in its time is not answered before that time is over.
    const silentMs = visit && this.#recording.unanswered.get(placeOf(visit.node, visit.ordinal));
    const { contact } = state.run ?? {};
    return { result: withContactAfter(result, effect, contact), ...(silentMs !== undefined && { afterMs: silentMs }) };
  }

  /** What an action made of the contact then does not undo what is said of them now. */
  #withContact(result: EffectResult): EffectResult {
    const { contact } = this.#overrides;
    if (result.outcome !== "ok" || !result.contact || contact === undefined) return result;
    return { ...result, contact: changeContact(result.contact, contact) };
  }

  readonly listen = async (
    { key, wait }: ListenEffect,
    at: number,
    state: RunState,
    isUnderWay = false,
  ): Promise<{ event: RunEvent; at: number }[]> => {
    const visit = state.visits.get(visitOfKey(key));
    if (!visit) return [];
    const place = placeOf(visit.node, visit.ordinal);
    const recorded = this.#recording.events.get(place);
    if (recorded) return recorded.map((one) => ({ event: one.event, at: isUnderWay ? one.at : at + one.afterMs }));
    // It waited in vain then, too; or it waits as long as it takes, and nobody knows for what.
    if (this.#recording.listened.has(place)) return [];
    const token = state.tokens.get(visit.token);
    if (token?.wakeAt !== undefined || token?.deadline !== undefined) return [];
    this.answers.assumedEvents++;
    return [{ event: assumed(wait.eventType, at, state.run!), at }];
  };
}

const ok = (output: Json): EffectResult => ({ outcome: "ok", output });

/** From whom the run is about, in the conversation that it is in: what nobody else could say. */
const assumed = (type: string, at: number, { contact, event }: RunRecord): RunEvent => ({
  id: newId(at),
  type,
  source: "what-if",
  data: { assumed: true },
  occurredAt: at,
  ...(contact && { contact }),
  ...(event.conversationId !== undefined && { conversationId: event.conversationId }),
});
