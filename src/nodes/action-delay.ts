import { durationMs } from "../engine/expression/duration.ts";
import { amountField, checkDuration, unitField, writtenMs } from "./duration-fields.ts";
import { defineNode, fail, proceed } from "./node.ts";

/** Output `{waited_ms}`. */
export const actionDelay = defineNode({
  type: "action_delay",
  kind: "action",
  title: "Delay",
  description: "Waits for a time, up to ten years, before it goes on.",
  fields: { duration: amountField, unit: unitField },
  check: ({ duration, unit }) => checkDuration(duration, unit, "duration"),
  waits: ({ duration, unit }) => writtenMs(duration, unit) > 0,
  longestMs: ({ duration, unit }) => writtenMs(duration, unit),
  enter: ({ config, now }) => {
    const ms = durationMs(config);
    if (!ms.ok) return fail("INVALID_CONFIG", `${ms.error.path}: ${ms.error.message}`);
    return ms.value === 0
      ? proceed({ waited_ms: 0 })
      : { kind: "wait", until: now + ms.value, memo: { waited_ms: ms.value } };
  },
  resume: ({ memo }) => ({ kind: "next", port: "output", output: memo ?? null }),
});
