// What a run did to the outside, or would have: what people mean by "would it have been sent". Pure.
import type { EffectResult } from "../../../engine/contract.ts";
import type { RunState } from "../../../engine/state.ts";
import { visitOfKey } from "../../../engine/stepping.ts";
import { type Json, type JsonObject, own } from "../../../lib/json.ts";
import type { PerformEffect } from "../simulate.ts";
import type { TraceEntry } from "../trace.ts";

export type Done = {
  nodeId: string;
  visit: number;
  action: string;
  input: JsonObject;
  at: number;
  /** Null: it is not known yet. */
  outcome: EffectResult["outcome"] | null;
  /** What came of it. */
  output: Json;
};

/** Set for actions by which somebody is written to. */
export type MessageDone = { channel: string | null; to: string | null; text: string; subject: string | null };

const text = (value: Json | undefined): string | null => (typeof value === "string" ? value : null);

export const messageOf = ({ action, input }: Pick<Done, "action" | "input">): MessageDone | null => {
  if (action === "message.send") {
    const template = own(own(input, "template"), "id");
    const said = text(input.text) || (typeof template === "string" ? `[template ${template}]` : "");
    return { channel: text(input.channel), to: text(input.to), text: said, subject: null };
  }
  if (action === "email.send")
    return { channel: "email", to: text(input.to), text: text(input.body) ?? "", subject: text(input.subject) };
  return null;
};

/** The last attempt of each visit, in the order of the visits' first attempts. */
export const doneOf = (
  performed: readonly { effect: PerformEffect; at: number; result: EffectResult | null }[],
  state: RunState,
): Done[] => {
  const byVisit = new Map<number, Done>();
  for (const { effect, at, result } of performed) {
    const visit = state.visits.get(visitOfKey(effect.key));
    if (!visit) continue;
    const { action, input } = effect;
    const output = result?.outcome === "ok" ? result.output : null;
    byVisit.set(visit.n, {
      nodeId: visit.node,
      visit: visit.ordinal,
      action,
      input,
      at,
      outcome: result?.outcome ?? null,
      output,
    });
  }
  return [...byVisit.values()];
};

/** The same of a run that was, after input `fromSeq` or under way then. */
export const doneInTrace = (entries: readonly TraceEntry[], state: RunState, fromSeq: number): Done[] => {
  const results = new Map<string, { seq: number; result: EffectResult }>();
  for (const { seq, input, ignored } of entries)
    if (input.type === "result" && !ignored)
      results.set(`${input.key} ${input.attempt}`, { seq, result: input.result });
  const over = new Set(entries.flatMap(({ seq, ended }) => (seq <= fromSeq ? ended.map(({ n }) => n) : [])));
  return doneOf(
    entries.flatMap(({ seq, at, effects }) =>
      effects.flatMap((effect) => {
        if (effect.type !== "perform") return [];
        const ended = results.get(`${effect.key} ${effect.attempt}`);
        const isOld = (ended !== undefined && ended.seq <= fromSeq) || over.has(visitOfKey(effect.key));
        const wasOver = seq <= fromSeq && isOld;
        return wasOver ? [] : [{ effect, at, result: ended?.result ?? null }];
      }),
    ),
    state,
  );
};
