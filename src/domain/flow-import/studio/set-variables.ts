// Studio's set-variables. A flow has no step that sets a variable: one text that a variable always has stands in its place, all else is told.
import { objectsAt, textAt } from "../reading.ts";
import type { Part } from "../report.ts";
import { readLiquid } from "./liquid.ts";
import type { StudioMaking } from "./making.ts";
import type { Widget } from "./widget.ts";

const assignmentsOf = (widget: Widget) =>
  objectsAt(widget.properties, "variables").map(({ item, index }) => ({
    name: textAt(item, "key"),
    value: textAt(item, "value"),
    field: `properties.variables.${index}`,
  }));

export const assignVariables = ({ words, key }: StudioMaking, widget: Widget): void => {
  for (const { name, value } of assignmentsOf(widget)) {
    const { pieces, notes } = readLiquid(value, key);
    const computed = notes.some(({ outcome }) => outcome === "unsupported");
    words.assign(key(["flow", "variables", name]), computed ? "unknowable" : { value: pieces });
  }
};

/** Told when everything else is written: only then it is known who reads a variable. */
export const tellVariables = ({ words, key }: StudioMaking, widget: Widget, part: Part): void => {
  for (const { name, value, field } of assignmentsOf(widget)) {
    const variable = key(["flow", "variables", name]);
    for (const { reason } of readLiquid(value, key).notes)
      if (words.isRead(variable)) part.note("approximated", reason, field);
    if (!words.isRead(variable))
      part.note("approximated", `no text or condition of the flow reads ${name}: left out`, field);
    else if (words.isSettled(variable))
      part.note("approximated", `${name} always has this value, which stands wherever it is read`, field);
    else part.note("unsupported", `${name} is given different values on the way, which a flow cannot do`, field);
  }
};
