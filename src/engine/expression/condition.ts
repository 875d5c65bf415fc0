// The one condition evaluator: filters, conditions, segments and flow conditions all mean this. Each operator's meaning is in operators.ts.
import type { Json } from "../../lib/json.ts";
import type { ConditionTree } from "./condition-tree.ts";
import { childPath, isGroup } from "./condition-tree.ts";
import { operators } from "./operators.ts";
import { comparisonCost, type Work } from "./work.ts";

export { type ConditionFinding, type ConditionOptions, checkCondition } from "./check-condition.ts";
export type { Condition, ConditionGroup, ConditionTree } from "./condition-tree.ts";

/** Why a tree did not match: the first comparison that failed. `actual` is null when the field is missing. */
export type ConditionFailure<Field = string> = {
  path: string;
  field: Field;
  operator: string;
  expected: Json;
  actual: Json;
};
export type ConditionOutcome<Field = string> = { matched: boolean; failed?: ConditionFailure<Field> };

const MATCHED = { matched: true } as const;

/**
 * Total for every tree that `checkCondition` let through. Fields are resolved one by one as they are needed: what comes after the
 * answer is settled is not looked at.
 * @param resolve the value of a field; undefined when there is none
 * @param env `work`: what the comparisons may do; beyond it this throws TooMuchWork
 * @returns `failed` names, for `or`, its first branch
 */
export const evaluateCondition = <Field = string>(
  tree: ConditionTree<Field>,
  resolve: (field: Field) => Json | undefined,
  env: { now: number; work?: Work | undefined },
): ConditionOutcome<Field> => {
  const evaluate = (node: ConditionTree<Field>, path: string): ConditionOutcome<Field> => {
    if (!isGroup(node)) {
      const { field, operator, value = null } = node;
      const actual = resolve(field);
      env.work?.use(comparisonCost(operator, actual, value));
      if (operators[operator].test(actual, value, env.now)) return MATCHED;
      return { matched: false, failed: { path, field, operator, expected: value, actual: actual ?? null } };
    }
    if (node.operator === "not") {
      const [child] = node.conditions;
      if (!child || !evaluate(child, childPath(path, 0)).matched) return MATCHED;
      return {
        matched: false,
        failed: { path, field: firstField(child), operator: "not", expected: false, actual: true },
      };
    }
    let first: ConditionOutcome<Field> | undefined;
    for (const [index, child] of node.conditions.entries()) {
      const outcome = evaluate(child, childPath(path, index));
      if (outcome.matched === (node.operator === "or")) return outcome;
      first ??= outcome;
    }
    return node.operator === "or" && first ? first : MATCHED;
  };
  return evaluate(tree, "");
};

const firstField = <Field>(tree: ConditionTree<Field>): Field => {
  let node = tree;
  while (isGroup(node) && node.conditions[0]) node = node.conditions[0];
  return (node as { field: Field }).field;
};

/** The fields that the tree reads, in order, without repeats. */
export const fieldsOf = (tree: ConditionTree): string[] => {
  const fields = (node: ConditionTree): string[] => (isGroup(node) ? node.conditions.flatMap(fields) : [node.field]);
  return [...new Set(fields(tree))];
};
