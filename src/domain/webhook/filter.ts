// Whether a payload passes a webhook's filters. Pure.
import { type ConditionTree, checkCondition, evaluateCondition } from "../../engine/expression/condition.ts";
import { isGroup } from "../../engine/expression/condition-tree.ts";
import { whyNot } from "../../engine/expression/why-not.ts";
import { judgedWithin, MAX_EVENT_WORK, Work } from "../../engine/expression/work.ts";
import { type Json, pathOf } from "../../lib/json.ts";
import type { FieldProblem } from "../errors.ts";

/** `customer.country`, or as the workflow will read it, `event.data.customer.country`. */
const PREFIXES = ["payload.", "event.data."];

const fieldOf = (payload: Json, field: string): Json | undefined => {
  const found = pathOf(payload, field);
  const prefix = PREFIXES.find((one) => field.startsWith(one));
  return found === undefined && prefix !== undefined ? pathOf(payload, field.slice(prefix.length)) : found;
};

/** The normal form of what was written, or what is wrong with it under `at`. Null: no filters. */
export const readFilters = (
  written: Json,
  at: string,
): { ok: true; value: ConditionTree | null } | { ok: false; problems: FieldProblem[] } => {
  if (written === null || (Array.isArray(written) && written.length === 0)) return { ok: true, value: null };
  const checked = checkCondition(written, { roots: [] });
  if (checked.ok) return { ok: true, value: checked.value };
  const problems = checked.error.map(({ path, message, code }) => ({
    field: path === "" ? at : `${at}.${path}`,
    message,
    code,
  }));
  return { ok: false, problems };
};

/** Normal filters as a list of conditions that all hold. */
export const filterList = (filters: Json): Json[] => {
  if (filters === null) return [];
  const tree = filters as ConditionTree;
  return isGroup(tree) && tree.operator === "and" ? (tree.conditions as Json[]) : [filters];
};

/** Filters that do too much work on a payload do not let it pass. */
export const passes = (filters: Json, payload: Json, now: number): { passes: boolean; reason?: string } => {
  if (filters === null) return { passes: true };
  const judged = judgedWithin(new Work(MAX_EVENT_WORK), (work) =>
    evaluateCondition(filters as ConditionTree, (field) => fieldOf(payload, field), { now, work }),
  );
  if (!judged) return { passes: false, reason: "The filters do too much work on this payload" };
  if (judged.matched) return { passes: true };
  return { passes: false, reason: judged.failed ? whyNot(judged.failed) : "The filters do not match" };
};
