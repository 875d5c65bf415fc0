// Puts a decision into a flow under construction: as few condition nodes as can say it.
import { MAX_CONDITIONS } from "../flow/limits.ts";
import type { Comparison, Test } from "./compare.ts";
import type { Place, Position } from "./document.ts";
import type { Draft } from "./draft.ts";
import type { Part } from "./report.ts";

/** The same test with decided parts gone and lists in lists of one kind flattened. */
const simplify = (test: Test): Test => {
  if (typeof test === "boolean" || !("all" in test || "any" in test)) return test;
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

/** Puts what decides `test` at `place`: a condition node, or several in a row where one cannot say it. */
export const putCondition = (
  draft: Draft,
  place: Place,
  written: Test,
  to: { yes: Place; no: Place },
  position: Position,
  part: Part,
): void => {
  const test = simplify(written);
  if (typeof test === "boolean") {
    draft.pass(place, test ? to.yes : to.no);
    return;
  }
  const list = "all" in test ? test.all : "any" in test ? test.any : [test];
  const kind = "all" in test ? "all" : "any";
  const comparisons = list.filter(
    (item): item is Comparison => typeof item === "object" && "flowConditionType" in item,
  );
  if (comparisons.length === list.length && list.length > MAX_CONDITIONS) {
    const parts: Test[] = [];
    for (let at = 0; at < list.length; at += MAX_CONDITIONS) {
      const some = list.slice(at, at + MAX_CONDITIONS);
      parts.push(kind === "all" ? { all: some } : { any: some });
    }
    putRow(draft, place, kind, parts, to, position, part);
    return;
  }
  if (comparisons.length === list.length) {
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
        conditionOperator: comparisons.length === 1 ? "None" : "all" in test ? "And" : "Or",
      },
      position,
      part,
    );
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
  to: { yes: Place; no: Place },
  position: Position,
  part: Part,
): void => {
  let here = place;
  for (const [index, test] of tests.entries()) {
    const after = index === tests.length - 1 ? undefined : draft.newPlace();
    const at = { x: position.x + index * 40, y: position.y + index * 40 };
    const ways = kind === "all" ? { yes: after ?? to.yes, no: to.no } : { yes: to.yes, no: after ?? to.no };
    putCondition(draft, here, test, ways, at, part);
    here = after ?? here;
  }
};
