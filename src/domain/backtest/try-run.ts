// One run of a workflow for an event of the past: by a virtual clock from the event's own time on, with gates that judge by that time, and with
// what the person really did next. Nothing is sent, written or called.
import type { Effect, EffectResult, RunEvent, RunStatus, StartInput } from "../../engine/contract.ts";
import { CURRENT_FLAGS } from "../../engine/flags.ts";
import type { Program } from "../../engine/program.ts";
import { newState, type RunState } from "../../engine/state.ts";
import { visitOfKey } from "../../engine/stepping.ts";
import { DAY_MS } from "../../lib/durations.ts";
import { own } from "../../lib/json.ts";
import type { ActionPorts } from "../action-ports.ts";
import { withContactAfter } from "../execution/contact-after.ts";
import { mockEffect, REQUEST } from "../execution/mock-effect.ts";
import { type PerformEffect, type SimulationBudget, simulate } from "../execution/simulate.ts";
import { VirtualClock } from "../execution/virtual-clock.ts";
import { answerAgain, placeOf, type Recording } from "../execution/what-if/recording.ts";
import type { PastFacts } from "./past-facts.ts";
import { type Trial, tryMessage } from "./try-message.ts";

export type TriedMessage = Omit<Trial, "verdict"> & {
  nodeId: string;
  visit: number;
  /** When it was sent, or refused for good. */
  at: number;
  outcome: "sent" | "refused" | "held";
  /** Why it was refused, or is held at the end. */
  refusal: { gate: string | null; code: string; reason: string } | null;
  /** Gates that held it back before. */
  held: { gate: string; reason: string; until: number }[];
};

export type TriedRun = {
  status: RunStatus;
  error: { code: string; message: string; nodeId: string | null } | null;
  startedAt: number;
  endedAt: number | null;
  messages: TriedMessage[];
  /** Other things that it would have done outside, by action. */
  actions: { [action: string]: number };
  steps: number;
  stopped: string | null;
};

export type TrialWorld = {
  now: () => number;
  code: ActionPorts["code"];
  facts: PastFacts;
  /** What the contact, or anybody, did next. */
  next: (type: string, contactId: string | null, after: number, until: number) => Promise<RunEvent[]>;
  /** What the outside really answered the run that the event started then; null where there was none. */
  recorded: () => Promise<Recording | null>;
  /** Requests that were answered so. */
  answered: { recorded: number };
  /** What this side of the trial has sent so far, by contact. */
  sent: Map<string, { sender: string; at: number }[]>;
};

const BUDGET: SimulationBudget = { inputs: 500, visits: 2_000, realMs: 3_000 };
/** Events are looked for so long after a wait without an end has begun, in ms. */
const LONGEST_WAIT_MS = 30 * DAY_MS;

type Start = Pick<
  StartInput,
  "executionId" | "organizationId" | "workflowId" | "versionId" | "startNodes" | "event" | "variables"
>;

export const tryRun = async (program: Program, start: Start, world: TrialWorld): Promise<TriedRun> => {
  const at = start.event.occurredAt;
  const state = newState();
  const messages = new Map<number, TriedMessage>();
  const actions: { [action: string]: number } = {};
  const note = (action: string): void => {
    actions[action] = (actions[action] ?? 0) + 1;
  };
  const perform = async (effect: PerformEffect, now: number): Promise<{ result: EffectResult; afterMs?: number }> => {
    if (effect.action === "message.send" || effect.action === "email.send") return { result: await send(effect, now) };
    const visit = state.visits.get(visitOfKey(effect.key));
    const recording = effect.action === REQUEST && visit ? await world.recorded() : null;
    const again = recording && answerAgain(recording, placeOf(visit!.node, visit!.ordinal), effect);
    if (again) {
      world.answered.recorded++;
      note(effect.action);
      return { result: again.result, afterMs: again.afterMs };
    }
    const { result, mocked } = await mockEffect(effect, { ...start, startedAt: now }, { code: world.code });
    if (mocked) note(effect.action);
    return { result: withContactAfter(result, effect, state.run?.contact) };
  };
  const send = async (effect: PerformEffect, now: number): Promise<EffectResult> => {
    const contactId = own(state.run?.contact, "id");
    const trial = await tryMessage(
      world.facts,
      {
        action: effect.action,
        input: effect.input,
        contactId: typeof contactId === "string" ? contactId : undefined,
        conversationId: start.event.conversationId,
        workflowId: start.workflowId,
        quietHours: program.settings.quietHours,
      },
      now,
      (id) => world.sent.get(id) ?? [],
    );
    const n = visitOfKey(effect.key);
    const tried = triedMessage(trial, effect, state, now, messages.get(n)?.held ?? []);
    messages.set(n, tried);
    if (trial.verdict.outcome === "sent" && trial.contactId !== null) {
      const known = world.sent.get(trial.contactId) ?? [];
      world.sent.set(trial.contactId, [...known, { sender: trial.verdict.sender, at: now }]);
    }
    return resultOf(trial);
  };
  const listen = async (effect: Extract<Effect, { type: "listen" }>, since: number) => {
    const token = state.tokens.get(state.visits.get(visitOfKey(effect.key))?.token ?? -1);
    const until = token?.wakeAt ?? token?.deadline ?? since + LONGEST_WAIT_MS;
    const contactId = own(state.run?.contact, "id");
    const events = await world.next(
      effect.wait.eventType,
      typeof contactId === "string" ? contactId : null,
      since,
      until,
    );
    return events.map((event) => ({ event, at: event.occurredAt }));
  };
  const { steps, stopped } = await simulate({
    program,
    state,
    clock: new VirtualClock(() => at),
    arrivals: [{ at, input: { ...start, type: "start", flags: CURRENT_FLAGS, metadata: {}, dryRun: false } }],
    world: { now: world.now, perform, listen },
    budget: BUDGET,
  });
  const run = state.run!;
  return {
    status: run.status,
    error: run.error,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    messages: [...messages.values()],
    actions,
    steps,
    stopped,
  };
};

const triedMessage = (
  { verdict, ...about }: Trial,
  { nodeId, key }: PerformEffect,
  state: RunState,
  at: number,
  heldBefore: TriedMessage["held"],
): TriedMessage => {
  const visit = state.visits.get(visitOfKey(key))?.ordinal ?? 1;
  const place = { ...about, nodeId, visit, at };
  if (verdict.outcome === "sent") return { ...place, outcome: "sent", refusal: null, held: heldBefore };
  if (verdict.outcome === "refused") {
    const { gate, code, reason } = verdict;
    return { ...place, outcome: "refused", refusal: { gate, code, reason }, held: heldBefore };
  }
  const { gate, reason, until } = verdict;
  const refusal = { gate, code: gate.toUpperCase(), reason };
  return { ...place, outcome: "held", refusal, held: [...heldBefore, { gate, reason, until }] };
};

/** As the real action answers. */
const resultOf = ({ verdict, channel, to, text }: Trial): EffectResult => {
  if (verdict.outcome === "held") return { outcome: "deferred", until: verdict.until, reason: verdict.reason };
  if (verdict.outcome === "refused")
    return { outcome: "failed", error: { code: verdict.code, message: verdict.reason, retryable: false } };
  const receipt = { message_id: null, provider_id: null, channel, to, text, status: "accepted", mocked: true };
  return { outcome: "ok", output: receipt };
};
