// What the world once answered a run, by node and visit, so that what is run again under other terms gets the same answers where it asks the same.
// Pure.
import type { EffectResult, RunEvent } from "../../../engine/contract.ts";
import type { RunState } from "../../../engine/state.ts";
import { visitOfKey } from "../../../engine/stepping.ts";
import { canonicalJson, type Json, type JsonObject } from "../../../lib/json.ts";
import type { PerformEffect } from "../simulate.ts";
import type { TraceEntry } from "../trace.ts";

export type RecordedAnswer = { action: string; input: JsonObject; result: EffectResult; afterMs: number };
/** `afterMs`: since it was listened for; `at`: when it came. */
export type RecordedEvent = { event: RunEvent; afterMs: number; at: number };

/** A node's visit, the same in whatever run it is in. */
export const placeOf = (nodeId: string, visit: number): string => `${visit} ${nodeId}`;

export type Recording = {
  /** Not yet given again, in the order in which they came. */
  answers: Map<string, RecordedAnswer[]>;
  events: Map<string, RecordedEvent[]>;
  /** Visits that listened. */
  listened: Set<string>;
  /** Visits that were never answered: for so long at least, in ms. */
  unanswered: Map<string, number>;
};

/** What came after input `fromSeq`, of a run that has come to `state`. */
export const recordingOf = (entries: readonly TraceEntry[], state: RunState, fromSeq: number): Recording => {
  const recording: Recording = { answers: new Map(), events: new Map(), listened: new Set(), unanswered: new Map() };
  const asked = new Map<string, { action: string; input: JsonObject; at: number }>();
  const answered = new Set<string>();
  const heardSince = new Map<string, number>();
  const place = (key: string): string | undefined => {
    const visit = state.visits.get(visitOfKey(key));
    return visit && placeOf(visit.node, visit.ordinal);
  };
  for (const { seq, at, input, ignored, effects } of entries) {
    if (input.type === "result") answered.add(`${input.key} ${input.attempt}`);
    const where = input.type === "result" || input.type === "event" ? place(input.key) : undefined;
    if (where !== undefined && !ignored && seq > fromSeq) {
      if (input.type === "result") {
        const question = asked.get(`${input.key} ${input.attempt}`);
        if (question) {
          const { action, input: wanted } = question;
          const afterMs = Math.max(0, at - question.at);
          push(recording.answers, where, { action, input: wanted, result: input.result, afterMs });
        }
      } else if (input.type === "event") {
        const afterMs = Math.max(0, at - (heardSince.get(input.key) ?? at));
        push(recording.events, where, { event: input.event, afterMs, at });
      }
    }
    for (const effect of effects) {
      if (effect.type === "perform") {
        asked.set(`${effect.key} ${effect.attempt}`, { action: effect.action, input: effect.input, at });
      } else if (effect.type === "listen") {
        heardSince.set(effect.key, at);
        const listening = place(effect.key);
        if (listening !== undefined) recording.listened.add(listening);
      }
    }
  }
  const endedAt = state.run?.endedAt ?? entries.at(-1)?.at ?? 0;
  for (const [attempt, { at }] of asked) {
    const where = place(attempt.slice(0, attempt.lastIndexOf(" ")));
    if (where !== undefined && !answered.has(attempt)) recording.unanswered.set(where, Math.max(0, endedAt - at) + 1);
  }
  return recording;
};

const push = <T>(map: Map<string, T[]>, key: string, value: T): void => {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
};

/** A target answers as it did though it is told something else; a person's message is another message. */
const ANSWERS_ALIKE: ReadonlySet<string> = new Set(["http.request"]);

/** Takes the next answer of the visit, if it asks what was asked; once it does not, none of the others fits either. */
export const answerAgain = (recording: Recording, place: string, effect: PerformEffect): RecordedAnswer | undefined => {
  const left = recording.answers.get(place);
  const next = left?.[0];
  if (!left || !next) return undefined;
  const isSame = canonicalJson(next.input as Json) === canonicalJson(effect.input as Json);
  if (next.action === effect.action && (isSame || ANSWERS_ALIKE.has(next.action))) return left.shift();
  recording.answers.delete(place);
  return undefined;
};
