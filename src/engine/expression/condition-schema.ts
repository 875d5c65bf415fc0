// The Zod schema of a condition, for the schemas that contain one. The judgement itself is check-condition.ts.
import { z } from "zod";
import type { ConditionOptions } from "./check-condition.ts";
import { checkCondition } from "./check-condition.ts";

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
    .meta({
      description: "A tree {operator: and | or, conditions: […]}, a list of conditions (and), or one condition.",
    });

const keyOf = (segment: string): string | number => (/^\d+$/.test(segment) ? Number(segment) : segment);
