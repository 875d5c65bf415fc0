// What a condition is once it has been checked. PERSISTED CONTRACT: stored in filters, node configs, segments and flows.
import type { Json } from "../../lib/json.ts";
import type { OperatorName } from "./operators.ts";

/** One comparison. `field` is a dotted path; `value` is absent for exists, not_exists and is_empty. */
export type Condition<Field = string> = { field: Field; operator: OperatorName; value?: Json };

/** A group without conditions always matches, whichever its operator. `not` has one, and matches when that does not. */
export type ConditionGroup<Field = string> = { operator: "and" | "or" | "not"; conditions: ConditionTree<Field>[] };

export type ConditionTree<Field = string> = Condition<Field> | ConditionGroup<Field>;

export const isGroup = <Field>(tree: ConditionTree<Field>): tree is ConditionGroup<Field> =>
  Object.hasOwn(tree, "conditions");

/** The place of a child in its group: `conditions.1.conditions.0`. */
export const childPath = (path: string, index: number): string => pathIn(path, `conditions.${index}`);

export const pathIn = (path: string, key: string): string => (path === "" ? key : `${path}.${key}`);
