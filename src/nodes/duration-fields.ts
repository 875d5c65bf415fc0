// A length of time in a config: two fields, which may be templates.
import { z } from "zod";
import { DURATION_UNITS, durationMs } from "../engine/expression/duration.ts";
import { hasTemplate, templated, text } from "./config.ts";

/** A number, or its text; checkDuration says whether it is one. */
export const amountField = templated(
  z
    .unknown()
    .superRefine((value, context) => {
      if (value === undefined) context.addIssue({ code: "custom", message: "This field is required." });
      else if (typeof value !== "number" && typeof value !== "string")
        context.addIssue({ code: "custom", message: "A number is needed." });
    })
    .meta({ anyOf: [{ type: "number", minimum: 0 }, { type: "string" }] }) as z.ZodType<number | string>,
);

export const unitField = templated(text(20).meta({ title: "Unit", examples: [...DURATION_UNITS] }));

/** Findings for the two fields of `config` as written; what a template will hold is not judged. */
export const checkDuration = (duration: unknown, unit: unknown, path: string) => {
  const known = { duration: hasTemplate(duration) ? 0 : duration, unit: hasTemplate(unit) ? undefined : unit };
  const ms = durationMs(known);
  return ms.ok ? [] : [{ path: ms.error.path === "unit" ? "unit" : path, message: ms.error.message }];
};

/** Milliseconds as written; Infinity when a template decides. */
export const writtenMs = (duration: unknown, unit: unknown): number => {
  if (hasTemplate(duration) || hasTemplate(unit)) return Number.POSITIVE_INFINITY;
  const ms = durationMs({ duration, unit });
  return ms.ok ? ms.value : Number.POSITIVE_INFINITY;
};
