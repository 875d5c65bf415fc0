import type { ConditionTree } from "../engine/expression/condition.ts";
import { checkRoots } from "./condition-roots.ts";
import { conditions } from "./config.ts";
import { defineNode } from "./node.ts";

/** Output `{result}`. */
export const conditionIf = defineNode({
  type: "condition_if",
  kind: "condition",
  title: "If",
  description: "Goes on by `true` when the conditions hold, else by `false`.",
  fields: { conditions },
  raw: ["conditions"],
  ports: { inputs: ["input"], outputs: ["true", "false"] },
  check: checkRoots("conditions"),
  enter: ({ config, evaluate }) => {
    const result = evaluate(config.conditions as ConditionTree);
    return { kind: "next", port: String(result), output: { result } };
  },
});
