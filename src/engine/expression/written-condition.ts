// Conditions as a node's author wrote them, with templates in fields and values: rendered, then judged. Without templates condition.ts is enough.
import type { Json } from "../../lib/json.ts";
import { type ConditionTree, evaluateCondition } from "./condition.ts";
import { isGroup } from "./condition-tree.ts";
import type { Work } from "./work.ts";

/** A field that is a template is the value itself, as in condition_switch. In a box, nobody takes a text that it renders to for a path. */
type Boxed = { value: Json };

const boxed = (tree: ConditionTree): Json => {
  if (isGroup(tree)) return { operator: tree.operator, conditions: tree.conditions.map(boxed) };
  return tree.field.includes("{{") ? { ...tree, field: { value: tree.field } } : tree;
};

/** The same object each time, so that whoever renders it may keep what it compiled. */
const boxes = new WeakMap<ConditionTree, Json>();

const boxedOnce = (tree: ConditionTree): Json => {
  const known = boxes.get(tree) ?? boxed(tree);
  boxes.set(tree, known);
  return known;
};

/**
 * Total for every tree that `checkCondition` let through with `templates`, whatever they render to.
 * @param resolve the value at a path; undefined when there is none
 */
export const evaluateWritten = (
  tree: ConditionTree,
  render: (value: Json) => Json,
  resolve: (path: string) => Json | undefined,
  env: { now: number; work?: Work | undefined },
): boolean => {
  const rendered = render(boxedOnce(tree)) as ConditionTree<string | Boxed>;
  const read = (field: string | Boxed) => (typeof field === "string" ? resolve(field) : (field.value ?? undefined));
  return evaluateCondition(rendered, read, env).matched;
};
