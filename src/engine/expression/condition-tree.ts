// What a condition is once it has been checked. PERSISTED CONTRACT: stored in filters, node configs, segments and flows.
import type { Json } from "../../lib/json.ts";
import type { OperatorName } from "./operators.ts";

/** One comparison. `field` is a dotted path; `value` is absent for exists, not_exists and is_empty. */
export type Condition = { field: string; operator: OperatorName; value?: Json };

/** A group without conditions always matches, whichever its operator. */
export type ConditionGroup = { operator: "and" | "or"; conditions: ConditionTree[] };

export type ConditionTree = Condition | ConditionGroup;

export const isGroup = (tree: ConditionTree): tree is ConditionGroup => Object.hasOwn(tree, "conditions");

/** The place of a child in its group: `conditions.1.conditions.0`. */
export const childPath = (path: string, index: number): string => pathIn(path, `conditions.${index}`);

export const pathIn = (path: string, key: string): string => (path === "" ? key : `${path}.${key}`);
