// What keeps a Studio definition from being read at all, by the path in it.
import { isJsonObject, type JsonObject, own } from "../../../lib/json.ts";
import type { FieldProblem } from "../../errors.ts";
import { MAX_PARTS, MAX_WAYS } from "../limits.ts";
import { objectsAt, textAt } from "../reading.ts";

export const checkStudio = (definition: JsonObject, path: string): FieldProblem | undefined => {
  const field = `${path}states`;
  const states = own(definition, "states");
  const widgets = Array.isArray(states) ? states : [];
  if (widgets.length > MAX_PARTS) return { field, message: `has ${widgets.length} widgets, more than ${MAX_PARTS}` };
  const ways = widgets.reduce<number>((count, widget) => count + objectsAt(widget, "transitions").length, 0);
  if (ways > MAX_WAYS) return { field, message: `has ${ways} transitions, more than ${MAX_WAYS}` };
  const named = new Set<string>();
  for (const [index, widget] of widgets.entries()) {
    const [name, type] = [textAt(widget, "name"), textAt(widget, "type")];
    if (!isJsonObject(widget) || name === "" || type === "")
      return { field: `${field}.${index}`, message: "must be a widget with a name and a type" };
    if (named.has(name)) return { field: `${field}.${index}.name`, message: "is the name of another widget" };
    named.add(name);
  }
  const starts = widgets.some((widget) => textAt(widget, "type") === "trigger");
  return starts ? undefined : { field, message: "has no trigger, so nothing starts the flow" };
};
