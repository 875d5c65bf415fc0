// Studio's set-variables: a step for each, in their order.
import { putValues } from "../put-values.ts";
import { objectsAt, textAt } from "../reading.ts";
import type { Part } from "../report.ts";
import type { StudioMaking } from "./making.ts";
import { type Widget, wayOn, widgetPlace } from "./widget.ts";

const assignmentsOf = (widget: Widget) =>
  objectsAt(widget.properties, "variables").map(({ item, index }) => ({
    name: textAt(item, "key"),
    value: textAt(item, "value"),
    field: `properties.variables.${index}`,
  }));

/** Says what is set, before anything is written that reads it. A value without Liquid is one that stands in its place where no variable can. */
export const assignVariables = ({ words, key }: StudioMaking, widget: Widget): void => {
  for (const { name, value } of assignmentsOf(widget))
    words.assign(key(["flow", "variables", name]), /\{[{%]/.test(value) ? "set" : { value: [{ text: value }] });
};

export const putVariables = ({ draft, words, key, read }: StudioMaking, widget: Widget, part: Part): void => {
  const values = assignmentsOf(widget).map(({ name, value, field }) => {
    const variable = key(["flow", "variables", name]);
    return { name: words.name(variable, name), value: words.template(read(value, part, field), part, field) };
  });
  if (!values.length) part.note("approximated", "sets nothing: left out");
  putValues(draft, widgetPlace(widget.name), values, widget.position, part, wayOn(widget));
};
