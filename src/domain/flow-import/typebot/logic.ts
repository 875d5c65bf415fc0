// Typebot's logic blocks: conditions and waits are nodes, jumps and tests are ways, the rest has no place in a flow and is told.

import type { ConditionTree } from "../../../engine/expression/condition.ts";
import type { JsonObject } from "../../../lib/json.ts";
import { compare, type Operator, type Test } from "../compare.ts";
import { portTo, textReply } from "../document.ts";
import { putCondition } from "../put-condition.ts";
import { putMessage } from "../put-message.ts";
import { putValues } from "../put-values.ts";
import { numberAt, objectAt, objectsAt, textAt } from "../reading.ts";
import type { Part } from "../report.ts";
import { waitOf } from "../wait.ts";
import { assignmentOf } from "./assignment.ts";
import type { TypebotMaking } from "./making.ts";
import type { Block } from "./typebot.ts";

const OPERATORS: Record<string, Operator> = {
  "Equal to": "equal",
  "Not equal": "not_equal",
  Contains: "contains",
  "Does not contain": "not_contains",
  "Greater than": "greater",
  "Greater or equal to": "greater_or_equal",
  "Less than": "less",
  "Less or equal to": "less_or_equal",
  "Is set": "set",
  "Is empty": "empty",
  "Starts with": "starts",
  "Ends with": "ends",
  "Matches regex": "regex",
  "Does not match regex": "not_regex",
};

/** Typebot's comparisons of parts take upper and lower case alike, the others do not. */
const ANY_CASE: ReadonlySet<Operator> = new Set(["contains", "not_contains", "starts", "ends"]);

type Put = (making: TypebotMaking, block: Block, next: string, part: Part) => void;

const isFinished = (comparison: JsonObject): boolean =>
  textAt(comparison, "variableId") !== "" && textAt(comparison, "comparisonOperator") !== "";

/** Whether an item of a condition is not finished in the source, so that nobody takes its way there. */
export const neverHolds = (item: JsonObject): boolean => {
  const content = objectAt(item, "content");
  const comparisons = objectsAt(content, "comparisons");
  if (!comparisons.length) return false;
  const finished = comparisons.filter(({ item: comparison }) => isFinished(comparison));
  return textAt(content, "logicalOperator") === "OR" ? !finished.length : finished.length < comparisons.length;
};

const putConditions: Put = ({ draft, words, variables, ways }, block, next, part) => {
  const items = objectsAt(block.fields, "items");
  let here = block.place;
  for (const [row, { item, index }] of items.entries()) {
    const content = objectAt(item, "content");
    const tests = objectsAt(content, "comparisons").map(({ item: comparison, index: n }): Test | undefined => {
      const field = `items.${index}.content.comparisons.${n}`;
      const key = variables.key(textAt(comparison, "variableId"));
      const written = textAt(comparison, "comparisonOperator");
      const operator = Object.hasOwn(OPERATORS, written) ? OPERATORS[written] : undefined;
      if (key !== "" && operator)
        return compare(
          words,
          operator,
          [{ key }],
          variables.read(textAt(comparison, "value").trim()),
          part,
          field,
          ANY_CASE.has(operator),
        );
      if (key === "" || written === "") part.note("approximated", "is not finished in the source: never holds", field);
      else part.note("unsupported", `a flow has no comparison "${written}"`, field);
      return undefined;
    });
    const known = tests.filter((test) => test !== undefined);
    const any = textAt(content, "logicalOperator") === "OR";
    const test: Test =
      !known.length || (!any && known.length < tests.length) ? false : any ? { any: known } : { all: known };
    const after = row === items.length - 1 ? next : draft.newPlace();
    const to = ways.ofEdge(textAt(item, "outgoingEdgeId")) || next;
    putCondition(draft, here, test, { yes: to, no: after }, block.position, part);
    here = after;
  }
  if (!items.length) draft.pass(block.place, next);
};

const setVariable: Put = ({ draft, words, variables }, block, next, part) => {
  const { place, position, options } = block;
  const key = variables.key(textAt(options, "variableId"));
  if (key === "") {
    draft.pass(place, next);
    part.note("approximated", "names no variable: left out");
    return;
  }
  const assignment = assignmentOf({ words, variables }, options, key);
  if (assignment.note) part.note("approximated", assignment.note);
  if ("unsupported" in assignment) {
    draft.pass(place, next);
    part.note("unsupported", assignment.unsupported);
    return;
  }
  const name = words.name(key, key);
  if ("template" in assignment) {
    putValues(draft, place, [{ name, value: assignment.template }], position, part, next);
    return;
  }
  const after = draft.newPlace();
  const config = { language: "javascript", code: assignment.code, on_error: "continue" };
  const id = draft.put(
    place,
    { type: "action_code", flowNodeType: "Action", config, nodeResult: [portTo("output", after)] },
    position,
    part,
  );
  const value = `{{ nodes["${id}"].output.result | default: "", allow_false: true }}`;
  putValues(draft, after, [{ name, value }], { x: position.x + 40, y: position.y + 40 }, part, next);
};

/** Digits at the end of a conversation's id, two for each test: as good as drawn. */
const LOTS = 256;
const MOST_TESTS = 6;
const lot = (n: number): string => n.toString(16).padStart(2, "0");

const putTest: Put = ({ draft, ways, tests }, { place, fields, options, position }, next, part) => {
  const share = Math.max(0, Math.min(100, numberAt(options, "aPercent") ?? 50));
  const wayOf = (path: string): string => {
    const item = objectsAt(fields, "items").find(({ item }) => textAt(item, "path") === path)?.item;
    return ways.ofEdge(textAt(item, "outgoingEdgeId")) || next;
  };
  const [a, b] = [wayOf("a"), wayOf("b")];
  const won = Array.from({ length: Math.round((share / 100) * LOTS) }, (_, n) => lot(n));
  const from = 2 * (tests.count++ % MOST_TESTS) + 2;
  const tree: ConditionTree = { field: `{{ execution.id | slice: -${from}, 2 }}`, operator: "in", value: won };
  const test: Test = won.length === 0 ? false : won.length === LOTS ? true : { tree, holds: true };
  putCondition(draft, place, test, { yes: a, no: b }, position, part);
};

const LOGIC: Record<string, Put> = {
  Condition: (making, ...rest) => {
    making.later.push(() => putConditions(making, ...rest));
  },
  "Set variable": setVariable,

  Jump: ({ draft, ways }, { place, options }, _next, part) => {
    const to = ways.to(textAt(options, "groupId"), textAt(options, "blockId"));
    draft.pass(place, to);
    draft.ways(place, [to]);
    if (to === "") part.note("approximated", "jumps nowhere, so the conversation ends here");
  },

  "Typebot link": ({ draft, ways }, { place, options }, next, part) => {
    const here = textAt(options, "typebotId") === "current";
    const to = here ? ways.to(textAt(options, "groupId"), "") : "";
    draft.pass(place, to || next);
    draft.ways(place, [to]);
    if (to === "")
      part.note(
        "unsupported",
        "a flow cannot go on in another one: import that bot and join them, or give it its own keyword",
      );
  },

  Wait: ({ draft }, { place, options, position }, next, part) => {
    const seconds = numberAt(options, "secondsToWaitFor");
    const wait = waitOf(seconds ?? 0);
    if (!wait) {
      draft.pass(place, next);
      if (textAt(options, "secondsToWaitFor").includes("{{"))
        part.note("unsupported", "a time that is a variable: the wait is left out");
      else part.note("approximated", "waits for no time: left out");
      return;
    }
    if (seconds !== undefined && !Number.isInteger(seconds))
      part.note("approximated", "a flow waits for whole seconds");
    const delayResult = [{ id: "result-complete", expectedInput: "complete", isDefault: true, nodeResultId: next }];
    draft.put(
      place,
      { type: "delay", flowNodeType: "Delay", ...wait, waitForReply: false, delayInterrupt: false, delayResult },
      position,
      part,
    );
  },

  Redirect: ({ draft, words, variables }, { place, options, position }, next, part) => {
    const address = words.plain(variables.read(textAt(options, "url").trim()));
    if (!address) {
      draft.pass(place, next);
      part.note(
        address === undefined ? "unsupported" : "approximated",
        "an address that is not known cannot be sent: left out",
      );
      return;
    }
    part.note("approximated", "nobody can be sent to a page by a message: the link is sent");
    putMessage(draft, place, [textReply(address)], position, part, next);
  },

  "AB test": putTest,

  Return: ({ draft }, { place }, _next, part) => {
    draft.pass(place, "");
    part.note("unsupported", "a flow does not go back to where it jumped from: the conversation ends here");
  },
};

export const isLogic = (type: string): boolean => Object.hasOwn(LOGIC, type);

/** Puts the block when it is one of logic; whether it was. */
export const putLogic = (making: TypebotMaking, block: Block, next: string, part: Part): boolean => {
  if (!isLogic(block.type)) return false;
  LOGIC[block.type]!(making, block, next, part);
  return true;
};
