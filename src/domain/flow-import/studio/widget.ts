// A widget of a Studio flow as it is read, with its ways out. What becomes of it: the other files of this folder.
import type { Json, JsonObject } from "../../../lib/json.ts";
import type { Place, Position } from "../document.ts";
import { numberAt, objectAt, objectsAt, textAt } from "../reading.ts";

export type Condition = { type: string; value: string; argument: string; path: string };
export type Transition = { event: string; next: Place; conditions: Condition[]; path: string };
export type Widget = {
  name: string;
  type: string;
  /** Dotted path in the source. */
  path: string;
  properties: JsonObject;
  transitions: Transition[];
  position: Position;
};

/** Where the widget of this name stands; empty for none. */
export const widgetPlace = (name: string): Place => (name === "" ? "" : `:${name}`);

const readCondition = (item: JsonObject, path: string): Condition => {
  const listed: Json | undefined = Array.isArray(item.arguments) ? item.arguments[0] : undefined;
  return {
    type: textAt(item, "type"),
    value: textAt(item, "value"),
    argument: typeof listed === "string" ? listed : "",
    path,
  };
};

export const readWidgets = (definition: JsonObject, path: string): Widget[] =>
  objectsAt(definition, "states").map(({ item, index }) => {
    const at = `${path}states.${index}`;
    const properties = objectAt(item, "properties");
    const offset = objectAt(properties, "offset");
    return {
      name: textAt(item, "name"),
      type: textAt(item, "type"),
      path: at,
      properties,
      position: { x: numberAt(offset, "x") ?? 0, y: numberAt(offset, "y") ?? index * 200 },
      transitions: objectsAt(item, "transitions").map(({ item: transition, index: place }) => ({
        event: textAt(transition, "event"),
        next: widgetPlace(textAt(transition, "next")),
        path: `transitions.${place}`,
        conditions: objectsAt(transition, "conditions").map(({ item: condition, index: n }) =>
          readCondition(condition, `transitions.${place}.conditions.${n}`),
        ),
      })),
    };
  });

/** Where `event` leads; empty when nowhere. */
export const wayOf = (widget: Widget, ...events: string[]): Place => {
  for (const event of events) {
    const way = widget.transitions.find((transition) => transition.event === event && transition.next !== "");
    if (way) return way.next;
  }
  return "";
};

/** The ways that lead on when the widget did what it should: the first that leads anywhere. */
const WAYS_ON = [
  ...["next", "success", "sent", "completed", "complete", "incomingMessage", "callCompleted", "callComplete"],
  ...["connectedCallEnded", "audioComplete", "recordingComplete", "keypress", "return", "answered", "match"],
];

export const wayOn = (widget: Widget): Place =>
  wayOf(widget, ...WAYS_ON) || (widget.transitions.find((transition) => transition.next !== "")?.next ?? "");
