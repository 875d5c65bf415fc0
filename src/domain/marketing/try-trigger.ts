// What a trigger would say to an event that somebody makes up. Nothing starts.
import { type ConditionFailure, checkCondition, evaluateCondition } from "../../engine/expression/condition.ts";
import { whyNot } from "../../engine/expression/why-not.ts";
import { judgedWithin, MAX_FILTER_WORK, Work } from "../../engine/expression/work.ts";
import { isJsonObject, type JsonObject, pathOf } from "../../lib/json.ts";
import { FILTER_ROOTS } from "../../triggers/filter-fields.ts";
import type { Context } from "../context.ts";
import { readPart } from "./parts.ts";

/** `reason` where it did not match; `failed` is the first condition that did not hold. */
export type Tried = { matched: boolean; reason: string | null; failed: ConditionFailure | null };

const missed = (reason: string, failed: ConditionFailure | null = null): Tried => ({ matched: false, reason, failed });

/** `context` is what the conditions read: `event`, `user`, `variables`. */
export const tryTrigger = async (context: Context, id: string, given: JsonObject): Promise<Tried> => {
  const { type, isActive, body } = await readPart(context, "trigger", id);
  const said = pathOf(given, "event.type");
  if (said !== undefined && said !== type) return missed(`It waits for ${type}, not ${JSON.stringify(said)}`);
  const tree = checkCondition(body.filters, { roots: FILTER_ROOTS });
  if (!tree.ok) throw new Error(`The filters of trigger ${id} are not a tree`);
  // Clients write the data of an event as the document does, or under other roots that a filter may read.
  const event = isJsonObject(given.event) ? given.event : {};
  const fields: JsonObject = { ...given, event: { type, ...event }, contact: given.contact ?? given.user ?? null };
  const outcome = judgedWithin(new Work(MAX_FILTER_WORK), (work) =>
    evaluateCondition(tree.value, (field) => pathOf(fields, field), { now: context.ports.now(), work }),
  );
  if (!outcome) return missed("The filters do too much work on this event");
  const { matched, failed } = outcome;
  if (!matched) return missed(failed ? whyNot(failed) : "The filters do not match", failed);
  return { matched: true, reason: isActive ? null : "The trigger is not active: no event starts it now", failed: null };
};
