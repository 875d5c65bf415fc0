import type { ConditionTree } from "../engine/expression/condition.ts";
import { checkRoots } from "./condition-roots.ts";
import { conditions, listField } from "./config.ts";
import { defineNode, proceed } from "./node.ts";

/** Output `{items, count}`: the elements for which the conditions hold, in their order. */
export const conditionFilter = defineNode({
  type: "condition_filter",
  kind: "condition",
  title: "Filter",
  description:
    "Keeps the elements of a list for which the conditions hold; they read the element as `item`, its place as `index`.",
  fields: { items: listField, conditions },
  raw: ["conditions"],
  check: checkRoots("conditions"),
  enter: ({ config, evaluate }) => {
    const tree = config.conditions as ConditionTree;
    const items = config.items.filter((item, index) => evaluate(tree, { item, index }));
    return proceed({ items, count: items.length });
  },
});
