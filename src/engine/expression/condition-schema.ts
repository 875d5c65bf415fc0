// The Zod schema of a condition, for the schemas that contain one. The judgement itself is check-condition.ts.
import { z } from "zod";
import type { ConditionOptions } from "./check-condition.ts";
import { checkCondition } from "./check-condition.ts";
import { OPERATOR_NAMES } from "./operators.ts";

const COMPARISON = {
  type: "object",
  properties: { field: { type: "string" }, operator: { type: "string", enum: [...OPERATOR_NAMES] }, value: {} },
  required: ["field", "operator"],
  additionalProperties: false,
} as const;

/** What it looks like, in JSON Schema; what is inside a group is described once, not to its last depth. */
export const CONDITION_META = {
  description: "A tree {operator: and | or, conditions: […]}, a list of conditions (and), or one condition.",
  anyOf: [
    COMPARISON,
    {
      type: "object",
      properties: {
        operator: { type: "string", enum: ["and", "or"] },
        conditions: { type: "array", items: { type: "object" } },
      },
      required: ["operator", "conditions"],
      additionalProperties: false,
    },
    { type: "array", items: { type: "object" } },
  ],
} as const;

/** Parses to the normal form. An issue's path continues the schema's own, and `params.code` is the finding's code. */
export const conditionTree = (options: ConditionOptions) =>
  z
    .unknown()
    .transform((input, context) => {
      const checked = checkCondition(input, options);
      if (checked.ok) return checked.value;
      for (const { path, message, code } of checked.error) {
        context.addIssue({
          code: "custom",
          message,
          params: { code },
          path: path === "" ? [] : path.split(".").map(keyOf),
        });
      }
      return z.NEVER;
    })
    .meta(CONDITION_META);

const keyOf = (segment: string): string | number => (/^\d+$/.test(segment) ? Number(segment) : segment);
