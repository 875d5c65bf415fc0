// What an event must have for filters to hold, as keys by which subscriptions are looked up: the way to ask few of them. Keys may say too much (the
// filters are judged all the same) and never too little. What each operator means is engine/expression/operators.ts.
import { foldCase, numberOf, textOf } from "../engine/expression/compare.ts";
import type { Condition, ConditionTree } from "../engine/expression/condition.ts";
import { isGroup } from "../engine/expression/condition-tree.ts";
import type { Json } from "../lib/json.ts";

/**
 * A field and something that its value has: `=` an equal value, or an element that is; `~` this piece of text; `^` the same whatever its case.
 * One of several needs is enough.
 */
export type Need = { field: string; key: string };

/** Characters of a piece of text. */
const PIECE = 3;
/** Pieces of one text from which the rarest is chosen. */
const MAX_PIECES = 32;
/** Who needs one of more is asked always. */
const MAX_NEEDS = 200;
/** A field with more text may have any piece. */
const MAX_TEXT = 20_000;

/** Equal values have the same: a number and its text too. Lists and objects are all alike. */
const equalKey = (value: Json): string => {
  const number = numberOf(value);
  if (number !== undefined) return `=n${number}`;
  if (typeof value === "string") return `=s${value}`;
  return typeof value === "object" && value !== null ? `=${Array.isArray(value) ? "[]" : "{}"}` : `=${value}`;
};

const piecesOf = (text: string, mark: "~" | "^", most: number): string[] => {
  const pieces = new Set<string>();
  for (let at = 0; at + PIECE <= text.length && pieces.size < most; at++) pieces.add(mark + text.slice(at, at + PIECE));
  return [...pieces];
};

/** Each answer is one way to put it: of each, an event that matches has at least one key. None: nothing can be said. */
const waysOf = ({ operator, value = null }: Condition): string[][] => {
  const text = textOf(value);
  switch (operator) {
    case "equals":
      return [[equalKey(value)]];
    case "in":
      return Array.isArray(value) ? [[...new Set(value.map(equalKey))]] : [];
    case "contains":
      return text === undefined ? [] : piecesOf(text, "~", MAX_PIECES).map((piece) => [equalKey(value), piece]);
    case "starts_with":
    case "ends_with":
      return text === undefined ? [] : piecesOf(text, "~", MAX_PIECES).map((piece) => [piece]);
    case "icontains":
      return text === undefined ? [] : piecesOf(foldCase(text), "^", MAX_PIECES).map((piece) => [piece]);
    default:
      return [];
  }
};

/** `variables` are the workflow's, not the event's. */
const isOfEvent = (field: string): boolean => !/^variables(\.|$)/.test(field);

const waysIn = (condition: Condition): Need[][] =>
  isOfEvent(condition.field)
    ? waysOf(condition).map((keys) => keys.map((key) => ({ field: condition.field, key })))
    : [];

/** All that the comparisons of a tree could be looked up by; to be counted, before one way is chosen. */
export const everyNeed = (tree: ConditionTree): Need[] => {
  if (isGroup(tree)) return tree.operator === "not" ? [] : tree.conditions.flatMap(everyNeed);
  return waysIn(tree).flat();
};

type Way = { needs: Need[]; cost: number };

/**
 * An event that matches the tree has one of these; null when nothing can be said.
 * @param costOf how many others are looked up by the same: of what must hold together, the rarest is chosen
 */
export const needsOf = (tree: ConditionTree, costOf: (need: Need) => number): Need[] | null => {
  const wayOf = (needs: Need[]): Way => ({ needs, cost: needs.reduce((sum, need) => sum + costOf(need), 0) });
  const cheapest = (ways: Way[]): Way | null =>
    ways.length === 0 ? null : ways.reduce((best, way) => (way.cost < best.cost ? way : best));
  const choose = (node: ConditionTree): Way | null => {
    if (!isGroup(node)) return cheapest(waysIn(node).map(wayOf));
    if (node.operator === "not") return null;
    const ways = node.conditions.map(choose);
    if (node.operator === "and") return cheapest(ways.filter((way) => way !== null));
    // A group without conditions always matches.
    if (ways.length === 0 || ways.includes(null)) return null;
    return wayOf(ways.flatMap((way) => way!.needs));
  };
  const needs = choose(tree)?.needs;
  return needs && needs.length <= MAX_NEEDS ? needs : null;
};

/** Keys of a field's value, of those that `wanted` names; null when it may have any piece of text. */
export const keysOf = (value: Json | undefined, wanted: { pieces: boolean; folded: boolean }): string[] | null => {
  if (value === undefined) return [];
  const parts = Array.isArray(value) ? value : [value];
  const keys = Array.isArray(value) ? [equalKey(value), ...value.map(equalKey)] : [equalKey(value)];
  if (!wanted.pieces && !wanted.folded) return keys;
  let length = 0;
  for (const part of parts) {
    const text = textOf(part);
    if (text === undefined) continue;
    length += text.length;
    if (length > MAX_TEXT) return null;
    if (wanted.pieces) keys.push(...piecesOf(text, "~", MAX_TEXT));
    if (wanted.folded) keys.push(...piecesOf(foldCase(text), "^", 20 * MAX_TEXT));
  }
  return keys;
};
