// What the filters of a trigger may read.
import type { RunEvent } from "../engine/contract.ts";
import { eventLocals } from "../engine/lookup.ts";
import { type Json, type JsonObject, pathOf } from "../lib/json.ts";

/** `user` and `contact` are the event's contact, `variables` what the workflow's runs start with. */
export const FILTER_ROOTS = ["event", "user", "contact", "variables"] as const;

/** Finds a field such as `event.data.kind`. Built once an event, whatever the number of subscriptions. */
export const filterFields = (event: RunEvent): ((field: string, variables?: JsonObject) => Json | undefined) => {
  const views = eventLocals(event);
  return (field, variables) => pathOf({ ...views, variables }, field);
};
