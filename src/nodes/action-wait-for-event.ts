import type { RunEvent } from "../engine/contract.ts";
import { type ConditionTree, checkCondition } from "../engine/expression/condition.ts";
import { durationMs } from "../engine/expression/duration.ts";
import type { Json, JsonObject } from "../lib/json.ts";
import { eventTypeName } from "../triggers/trigger-event.ts";
import { checkRoots } from "./condition-roots.ts";
import { conditions } from "./config.ts";
import { amountField, checkDuration, unitField, writtenMs } from "./duration-fields.ts";
import { defineNode, fail } from "./node.ts";

const received = (event: RunEvent): JsonObject => ({
  id: event.id,
  type: event.type,
  source: event.source,
  data: event.data,
  occurred_at: new Date(event.occurredAt).toISOString(),
});

/** Output of `received`: the event `{id, type, source, data, occurred_at}`; of `timeout`: `{waited_ms}`. */
export const actionWaitForEvent = defineNode({
  type: "action_wait_for_event",
  kind: "action",
  title: "Wait for event",
  description:
    "Waits until an event of this type comes that the filters match, and goes on by `received`; after the time-out by `timeout`. Without " +
    "a time-out it waits as long as the run may. Filters read the awaited event as `event`, and the run by its other names.",
  fields: {
    event_type: eventTypeName,
    filters: conditions.optional(),
    timeout: amountField.optional(),
    unit: unitField.optional(),
  },
  ports: { inputs: ["input"], outputs: ["received", "timeout"] },
  check: (config, scope) => [
    ...checkRoots("filters", "values")(config, scope),
    ...(config.timeout === undefined ? [] : checkDuration(config.timeout, config.unit, "timeout")),
  ],
  waits: () => true,
  longestMs: ({ timeout, unit }) => (timeout === undefined ? Number.POSITIVE_INFINITY : writtenMs(timeout, unit)),
  enter: ({ config, now }) => {
    // Rendered values may not be what their operators take.
    const filters = config.filters === undefined ? undefined : checkCondition(config.filters, { roots: [] });
    if (filters && !filters.ok) {
      const { path, message } = filters.error[0]!;
      return fail("INVALID_CONFIG", `filters.${path}: ${message}`);
    }
    const event = { eventType: config.event_type, ...(filters && { filters: filters.value as ConditionTree }) };
    if (config.timeout === undefined) return { kind: "wait", event };
    const ms = durationMs({ duration: config.timeout, unit: config.unit });
    if (!ms.ok) return fail("INVALID_CONFIG", `${ms.error.path === "unit" ? "unit" : "timeout"}: ${ms.error.message}`);
    return { kind: "wait", event, until: now + ms.value, memo: { waited_ms: ms.value } };
  },
  resume: ({ memo }, signal) =>
    signal.kind === "event"
      ? { kind: "next", port: "received", output: received(signal.event) as Json }
      : { kind: "next", port: "timeout", output: memo ?? null },
});
