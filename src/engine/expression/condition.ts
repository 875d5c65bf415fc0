// The one condition evaluator: filters, conditions, segments and flow conditions all mean this.

import type { Json } from "../../lib/json.ts";
import type { Result } from "../../lib/result.ts";
import type { OperatorName } from "./operators.ts";

/** One comparison. `field` is a dotted path; `value` is absent for exists, not_exists and is_empty. PERSISTED CONTRACT. */
export type Condition = { field: string; operator: OperatorName; value?: Json };
/** PERSISTED CONTRACT. */
export type ConditionGroup = { operator: "and" | "or"; conditions: ConditionTree[] };
export type ConditionTree = Condition | ConditionGroup;

export type ConditionFinding = {
  /** Place in the input: `conditions.1.conditions.0.operator`; "" for the whole. */
  path: string;
  message: string;
  code:
    | "invalid_type"
    | "required"
    | "unknown_key"
    | "unknown_operator"
    | "unknown_field"
    | "invalid_field"
    | "invalid_value"
    | "too_deep"
    | "too_many";
};

export type ConditionOptions = {
  /** First segments that a field may have (`event`, `user`, `variables`). Empty: any. */
  roots: readonly string[];
  maxDepth?: number;
  maxConditions?: number;
};

export type ConditionFailure = { path: string; field: string; operator: string; expected: Json; actual: Json };
export type ConditionOutcome = { matched: boolean; failed?: ConditionFailure };

export const checkCondition = (
  _input: unknown,
  _options: ConditionOptions,
): Result<ConditionTree, ConditionFinding[]> => {
  throw new Error("in work");
};

export const evaluateCondition = (
  _tree: ConditionTree,
  _resolve: (field: string) => Json | undefined,
  _env: { now: number },
): ConditionOutcome => {
  throw new Error("in work");
};

/** The fields that the tree reads, in order, without repeats. */
export const fieldsOf = (_tree: ConditionTree): string[] => {
  throw new Error("in work");
};
