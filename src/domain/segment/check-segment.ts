// What a segment may ask: the one evaluator's conditions, as far as the index answers them. Pure.
import { type ConditionTree, checkCondition } from "../../engine/expression/condition.ts";
import { childPath, isGroup, pathIn } from "../../engine/expression/condition-tree.ts";
import type { Json } from "../../lib/json.ts";
import { err, type Result } from "../../lib/result.ts";
import { COLUMNS, isSegmentOperator } from "./plan-segment.ts";

/** `path` as in the engine's findings: `conditions.1.value`. */
export type SegmentFinding = { path: string; message: string };

const MAX_DEPTH = 10;
const MAX_CONDITIONS = 200;
/** Each looks into the texts of everybody, and all organisations share the database that does it. */
const MAX_SCANS = 20;
const SCANS: ReadonlySet<string> = new Set(["contains", "not_contains", "ends_with"]);
const CONSENT_STATES = ["OPT_IN", "OPT_OUT", "STOP"];

/** The normal form, or every finding. */
export const checkSegment = (tree: unknown): Result<ConditionTree, SegmentFinding[]> => {
  const checked = checkCondition(tree, {
    roots: ["attributes", ...COLUMNS],
    negation: true,
    maxDepth: MAX_DEPTH,
    maxConditions: MAX_CONDITIONS,
  });
  if (!checked.ok) return checked;
  const tooMany = scansOf(checked.value, "").at(MAX_SCANS);
  const findings = [
    ...findingsOf(checked.value, ""),
    ...(tooMany === undefined
      ? []
      : [{ path: tooMany, message: `More than ${MAX_SCANS} conditions look into texts.` }]),
  ];
  return findings.length > 0 ? err(findings) : checked;
};

/** Paths of the operators that do. Tags are looked up. */
const scansOf = (tree: ConditionTree, path: string): string[] => {
  if (isGroup(tree)) return tree.conditions.flatMap((child, index) => scansOf(child, childPath(path, index)));
  return tree.field !== "tags" && SCANS.has(tree.operator) ? [pathIn(path, "operator")] : [];
};

const findingsOf = (tree: ConditionTree, path: string): SegmentFinding[] => {
  if (isGroup(tree)) return tree.conditions.flatMap((child, index) => findingsOf(child, childPath(path, index)));
  const { field, operator, value = null } = tree;
  if (!isSegmentOperator(operator)) {
    return [{ path: pathIn(path, "operator"), message: `${operator} has no place in a segment.` }];
  }
  if (field === "consent_state") return consentFindings(operator, value, path);
  return [];
};

/** Anything else nobody has: a slip that would quietly select nobody, or everybody. */
const consentFindings = (operator: string, value: Json, path: string): SegmentFinding[] => {
  const wanted = /^(not_)?(equals|in)$/.test(operator) ? [value].flat() : [];
  const isKnown = wanted.every((one) => typeof one === "string" && CONSENT_STATES.includes(one));
  return isKnown ? [] : [{ path: pathIn(path, "value"), message: `Must be one of: ${CONSENT_STATES.join(", ")}.` }];
};
