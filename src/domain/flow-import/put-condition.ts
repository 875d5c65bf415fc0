// Puts a decision into a flow under construction: as few condition nodes as can say it, the flow's own where they can.
import type { ConditionTree } from "../../engine/expression/condition.ts";
import type { Json } from "../../lib/json.ts";
import { OPERATORS } from "../flow/compile-flow.ts";
import { conditionOn } from "../flow/interpolate.ts";
import { MAX_CONDITIONS } from "../flow/limits.ts";
import type { Comparison, Judgement, Test } from "./compare.ts";
import { type Place, type Position, portTo } from "./document.ts";
import type { Draft } from "./draft.ts";
import type { Part } from "./report.ts";

type Group = { all: Test[] } | { any: Test[] };
const isGroup = (test: Test): test is Group => typeof test === "object" && ("all" in test || "any" in test);
const isOwn = (test: Test): test is Comparison => typeof test === "object" && "flowConditionType" in test;
const isJudgement = (test: Test): test is Judgement => typeof test === "object" && "tree" in test;

/** The same test with decided parts gone and lists in lists of one kind flattened. */
const simplify = (test: Test): Test => {
  if (!isGroup(test)) return test;
  const kind = "all" in test ? "all" : "any";
  const parts: Test[] = [];
  for (const part of "all" in test ? test.all : test.any) {
    const simple = simplify(part);
    if (simple === (kind === "any")) return simple;
    if (typeof simple === "boolean") continue;
    if (kind === "all" && "all" in simple) parts.push(...simple.all);
    else if (kind === "any" && "any" in simple) parts.push(...simple.any);
    else parts.push(simple);
  }
  if (parts.length === 1) return parts[0]!;
  if (!parts.length) return kind === "all";
  return kind === "all" ? { all: parts } : { any: parts };
};

type Ways = { yes: Place; no: Place };
type Put = (draft: Draft, place: Place, test: Test, to: Ways, position: Position, part: Part) => void;

const putOwn = (
  draft: Draft,
  place: Place,
  comparisons: readonly Comparison[],
  kind: "all" | "any",
  to: Ways,
  position: Position,
  part: Part,
): void => {
  draft.put(
    place,
    {
      type: "condition",
      flowNodeType: "Condition",
      flowNodeConditions: comparisons.map((comparison, index) => ({ id: `condition-${index + 1}`, ...comparison })),
      conditionResult: [
        { id: "result-true", expectedInput: "true", isDefault: false, nodeResultId: to.yes },
        { id: "result-false", expectedInput: "false", isDefault: true, nodeResultId: to.no },
      ],
      conditionOperator: comparisons.length === 1 ? "None" : kind === "all" ? "And" : "Or",
    },
    position,
    part,
  );
};

/** Comparisons of a condition node of the catalogue. */
const MOST_JUDGED = 100;

/** The test as one tree; undefined when it is too large for one, or means an opposite. */
const treeOf = (test: Test): { tree: ConditionTree; size: number } | undefined => {
  if (typeof test === "boolean") return undefined;
  if (isOwn(test)) {
    const operator = OPERATORS[test.flowConditionType.toLowerCase()]!;
    return { tree: conditionOn(test.variable.slice(1), { operator, value: test.value }), size: 12 };
  }
  if (isJudgement(test)) return test.holds ? { tree: test.tree, size: 1 } : undefined;
  const trees = ("all" in test ? test.all : test.any).map(treeOf);
  const size = trees.reduce((sum, one) => sum + (one?.size ?? MOST_JUDGED), 1);
  if (trees.includes(undefined) || size > MOST_JUDGED) return undefined;
  return { tree: { operator: "all" in test ? "and" : "or", conditions: trees.map((one) => one!.tree) }, size };
};

/** Puts what decides `test` at `place`: a condition node, or several in a row where one cannot say it. */
export const putCondition: Put = (draft, place, written, to, position, part) => {
  const test = simplify(written);
  if (typeof test === "boolean") {
    draft.pass(place, test ? to.yes : to.no);
    return;
  }
  if (isJudgement(test) && !test.holds) {
    putCondition(draft, place, { ...test, holds: true }, { yes: to.no, no: to.yes }, position, part);
    return;
  }
  const list = isGroup(test) ? ("all" in test ? test.all : test.any) : [test];
  const kind = isGroup(test) && "any" in test ? "any" : "all";
  if (list.every(isOwn) && list.length <= MAX_CONDITIONS) {
    putOwn(draft, place, list, kind, to, position, part);
    return;
  }
  const judged = treeOf(test);
  if (judged) {
    draft.put(
      place,
      {
        type: "condition_if",
        flowNodeType: "Condition",
        config: { conditions: judged.tree as Json },
        nodeResult: [portTo("true", to.yes), portTo("false", to.no)],
      },
      position,
      part,
    );
    return;
  }
  if (list.every(isOwn)) {
    const parts: Test[] = [];
    for (let at = 0; at < list.length; at += MAX_CONDITIONS) {
      const some = list.slice(at, at + MAX_CONDITIONS);
      parts.push(kind === "all" ? { all: some } : { any: some });
    }
    putRow(draft, place, kind, parts, to, position, part);
    return;
  }
  putRow(draft, place, kind, list, to, position, part);
};

/** Tests one behind the other: of `all` each that holds leads to the next, of `any` each that does not. */
const putRow = (
  draft: Draft,
  place: Place,
  kind: "all" | "any",
  tests: readonly Test[],
  to: Ways,
  position: Position,
  part: Part,
): void => {
  let here = place;
  for (const [index, test] of tests.entries()) {
    const after = index === tests.length - 1 ? undefined : draft.newPlace(place.startsWith(":") ? place : "");
    const at = { x: position.x + index * 40, y: position.y + index * 40 };
    const ways = kind === "all" ? { yes: after ?? to.yes, no: to.no } : { yes: to.yes, no: after ?? to.no };
    putCondition(draft, here, test, ways, at, part);
    here = after ?? here;
  }
};
