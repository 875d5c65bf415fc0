// trigger_event: any event of a type, perhaps filtered.
import { z } from "zod";
import type { ConditionTree } from "../engine/expression/condition.ts";
import { conditionTree } from "../engine/expression/condition-schema.ts";
import { FILTER_ROOTS } from "./filter-fields.ts";
import { defineTrigger } from "./trigger.ts";

/** Built-in types are in upper case; custom ones are as their sender writes them. */
export const eventTypeName = z
  .string({ error: ({ input }) => (input === undefined ? "This field is required." : "A text is needed.") })
  .regex(/^[A-Za-z][\w.:-]{0,99}$/, "Use letters, digits and _ . : - with a letter first, at most 100.")
  .meta({ title: "Event type", examples: ["MESSAGE_RECEIVED", "TAG_ADDED", "order.paid"] });

export const triggerEvent = defineTrigger({
  type: "trigger_event",
  title: "Event",
  description: "Starts when an event of this type happens and the filters match it.",
  schema: z.strictObject({
    event_type: eventTypeName,
    filters: (conditionTree({ roots: FILTER_ROOTS }) as z.ZodType<ConditionTree>).optional(),
  }),
  startedBy: "stream",
  subscriptions: ({ event_type, filters }) => [{ eventType: event_type, matchKey: null, filters: filters ?? null }],
});
