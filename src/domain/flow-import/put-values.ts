// Puts what gives variables their values: a step each, one behind the other.
import type { Json } from "../../lib/json.ts";
import { type Place, type Position, portTo } from "./document.ts";
import type { Draft } from "./draft.ts";
import type { Part } from "./report.ts";

/** A variable of the flow, and the template of its value. */
export type Value = { name: string; value: Json };

/** The first stands at `place`, the last goes on to `next`. Without values whoever comes to `place` goes on to `next`. */
export const putValues = (
  draft: Draft,
  place: Place,
  values: readonly Value[],
  position: Position,
  part: Part,
  next: Place,
): void => {
  let here = place;
  for (const [index, { name, value }] of values.entries()) {
    const after = index === values.length - 1 ? next : draft.newPlace(`:${name}`);
    const at = { x: position.x + index * 40, y: position.y + index * 40 };
    draft.put(
      here,
      { type: "data_variable", flowNodeType: "Action", config: { name, value }, nodeResult: [portTo("output", after)] },
      at,
      part,
    );
    here = after;
  }
  if (!values.length) draft.pass(place, next);
};

/** Values that a node at `place` reads, put before it; gives back where the node is to stand. */
export const putBefore = (
  draft: Draft,
  place: Place,
  values: readonly Value[],
  position: Position,
  part: Part,
): Place => {
  if (!values.length) return place;
  const after = draft.newPlace(place.startsWith(":") ? place : "");
  const before = { x: position.x - 40 * values.length, y: position.y - 40 * values.length };
  putValues(draft, place, values, before, part, after);
  return after;
};
