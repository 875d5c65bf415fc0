// Studio's split-based-on: a condition for each of its ways, in their order; no match goes last.
import { compare, type Operator, type Test } from "../compare.ts";
import { putCondition } from "../put-condition.ts";
import type { Part } from "../report.ts";
import type { Piece } from "../words.ts";
import type { StudioMaking } from "./making.ts";
import { firstSplit } from "./trigger.ts";
import { type Condition, type Widget, wayOf, widgetPlace } from "./widget.ts";

const OPERATORS: Record<string, Operator> = {
  equal_to: "equal",
  not_equal_to: "not_equal",
  matches_any_of: "any_of",
  does_not_match_any_of: "none_of",
  is_blank: "empty",
  is_not_blank: "set",
  regex: "regex",
  contains: "contains",
  does_not_contain: "not_contains",
  starts_with: "starts",
  does_not_start_with: "not_starts",
  less_than: "less",
  greater_than: "greater",
};

const testOf = (studio: StudioMaking, widget: Widget, condition: Condition, part: Part): Test | undefined => {
  const operator = Object.hasOwn(OPERATORS, condition.type) ? OPERATORS[condition.type] : undefined;
  if (!operator) {
    part.note("unsupported", `a flow has no comparison "${condition.type}": this way is never taken`, condition.path);
    return undefined;
  }
  const read = (text: string): Piece[] => studio.read(text, part, condition.path);
  const input = widget.properties.input;
  const subject = condition.argument || (typeof input === "string" ? input : "");
  return compare(
    studio.words,
    operator,
    read(subject.trim()),
    read(condition.value.trim()),
    part,
    condition.path,
    true,
  );
};

export const putSplit = (studio: StudioMaking, widget: Widget, part: Part): void => {
  const { draft, start } = studio;
  const matches = widget.transitions.filter(({ event }) => event === "match");
  const noMatch = wayOf(widget, "noMatch");
  const place = widgetPlace(widget.name);
  const onlyWay = new Set(matches.map(({ next }) => next));
  if (start && firstSplit(studio, start) === widget && onlyWay.size === 1) {
    draft.pass(place, matches[0]!.next);
    part.note("approximated", "the words that it looks for are the keywords of the flow, so it is passed with a match");
    return;
  }
  let here = place;
  for (const [index, { next, conditions }] of matches.entries()) {
    const tests = conditions.map((condition) => testOf(studio, widget, condition, part));
    const test: Test = tests.includes(undefined) || !tests.length ? false : { all: tests as Test[] };
    const after = index === matches.length - 1 ? noMatch : draft.newPlace();
    const at = { x: widget.position.x + index * 40, y: widget.position.y + index * 40 };
    putCondition(draft, here, test, { yes: next, no: after }, at, part);
    here = after;
  }
  if (!matches.length) draft.pass(place, noMatch);
};
