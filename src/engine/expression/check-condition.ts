// Judges a condition as its author wrote it, and gives its normal form. What it means is in condition.ts and operators.ts.
import type { Json } from "../../lib/json.ts";
import { isForbiddenKey, isJsonObject } from "../../lib/json.ts";
import type { Result } from "../../lib/result.ts";
import { err, ok } from "../../lib/result.ts";
import type { Condition, ConditionTree } from "./condition-tree.ts";
import { childPath, pathIn } from "./condition-tree.ts";
import type { OperatorName } from "./operators.ts";
import { isOperatorName, OPERATOR_NAMES, operators } from "./operators.ts";

export type ConditionFinding = {
  /** Place in the input: `conditions.1.conditions.0.operator`; "" for the whole, `0.operator` in a bare list. */
  path: string;
  message: string;
  code:
    | "invalid_type"
    | "required"
    | "unknown_key"
    | "unknown_operator"
    | "unknown_field"
    | "invalid_field"
    | "invalid_value"
    | "too_deep"
    | "too_many";
};

export type ConditionOptions = {
  /** First segments that a field may have (`event`, `user`, `variables`). Empty: any. */
  roots: readonly string[];
  /** Groups inside groups, the outermost being 1. Default 10. */
  maxDepth?: number;
  /** Comparisons and groups in all. Default 200. */
  maxConditions?: number;
  /** Groups may be `not`, of one condition. */
  negation?: boolean;
  /** Fields and values, or values alone, may be templates, rendered before evaluation; what they will hold is then not judged. */
  templates?: boolean | "values";
};

const MAX_FIELD_LENGTH = 500;
const MAX_FINDINGS = 100;
const isTemplate = (value: unknown) => typeof value === "string" && value.includes("{{");

/**
 * The normal form of a tree: operators in lower case, a bare list (or `{}`) as a group that means and, a value only where one is used.
 * A normal form checked again is itself.
 * @returns every finding up to 100, not only the first; what lies past `maxDepth` or `maxConditions` is not looked at
 */
export const checkCondition = (
  input: unknown,
  options: ConditionOptions,
): Result<ConditionTree, ConditionFinding[]> => {
  const { roots, maxDepth = 10, maxConditions = 200, negation = false, templates = false } = options;
  const findings: ConditionFinding[] = [];
  let seen = 0;

  const find = (path: string, code: ConditionFinding["code"], message: string) => {
    if (findings.length < MAX_FINDINGS) findings.push({ path, code, message });
    return undefined;
  };

  const checkKeys = (node: object, known: readonly string[], path: string) => {
    for (const key of Object.keys(node)) {
      if (!known.includes(key)) find(pathIn(path, key), "unknown_key", `Unknown key; use ${known.join(", ")}.`);
    }
  };

  const checkField = (field: unknown, path: string): string | undefined => {
    if (field === undefined) return find(path, "required", "This field is required.");
    if (typeof field !== "string") return find(path, "invalid_type", "A text is needed.");
    if (templates === true && isTemplate(field)) return field;
    if (templates === "values" && isTemplate(field))
      return find(path, "unknown_field", "A path such as event.data.content is needed here, no template.");
    if (field.length > MAX_FIELD_LENGTH) return find(path, "invalid_field", `At most ${MAX_FIELD_LENGTH} characters.`);
    const segments = field.split(".");
    if (segments.some((segment) => segment.trim() === "" || isForbiddenKey(segment))) {
      return find(path, "invalid_field", "A dotted path such as event.data.content is needed.");
    }
    if (roots.length > 0 && !roots.includes(segments[0]!)) {
      return find(path, "unknown_field", `Unknown field; it starts with ${roots.join(", ")}.`);
    }
    return field;
  };

  const checkOperator = (operator: unknown, path: string): OperatorName | undefined => {
    if (operator === undefined) return find(path, "required", "This field is required.");
    if (typeof operator !== "string") return find(path, "invalid_type", "A text is needed.");
    const name = operator.toLowerCase();
    return isOperatorName(name)
      ? name
      : find(path, "unknown_operator", `Unknown operator; use ${OPERATOR_NAMES.join(", ")}.`);
  };

  const checkValue = (name: OperatorName, value: unknown, path: string): Pick<Condition, "value"> => {
    const operator = operators[name];
    if (!operator.needsValue) {
      const isIdle = value === undefined || value === null || value === "" || value === true;
      if (!isIdle) find(path, "invalid_value", `${name} takes no value.`);
      return {};
    }
    if (value === undefined) find(path, "required", "This field is required.");
    else if (!(templates !== false && isTemplate(value))) {
      const fault = operator.checkValue(value as Json);
      if (fault !== undefined) find(path, "invalid_value", fault);
    }
    return { value: value as Json };
  };

  const checkComparison = (node: Record<string, unknown>, path: string): ConditionTree | undefined => {
    checkKeys(node, ["field", "operator", "value"], path);
    const field = checkField(node.field, pathIn(path, "field"));
    const operator = checkOperator(node.operator, pathIn(path, "operator"));
    const value = operator && checkValue(operator, node.value, pathIn(path, "value"));
    return field !== undefined && operator && value ? { field, operator, ...value } : undefined;
  };

  const checkList = (list: unknown[], depth: number, pathOfItem: (index: number) => string): ConditionTree[] =>
    list.flatMap((item, index) => checkNode(item, pathOfItem(index), depth + 1) ?? []);

  const checkGroup = (node: Record<string, unknown>, path: string, depth: number): ConditionTree | undefined => {
    checkKeys(node, ["operator", "conditions"], path);
    const operator = typeof node.operator === "string" ? node.operator.toLowerCase() : node.operator;
    const at = pathIn(path, "operator");
    if (operator === undefined) find(at, "required", "This field is required.");
    else if (operator !== "and" && operator !== "or" && !(negation && operator === "not")) {
      find(at, "unknown_operator", `A group's operator is ${negation ? "and, or or not" : "and or or"}.`);
    }
    if (!Array.isArray(node.conditions)) return find(pathIn(path, "conditions"), "invalid_type", "A list is needed.");
    const conditions = checkList(node.conditions, depth, (index) => childPath(path, index));
    if (operator !== "not") return { operator: operator === "or" ? "or" : "and", conditions };
    if (node.conditions.length !== 1) find(pathIn(path, "conditions"), "invalid_value", "not takes one condition.");
    return { operator, conditions };
  };

  const checkNode = (node: unknown, path: string, depth: number): ConditionTree | undefined => {
    seen++;
    if (seen === maxConditions + 1) find(path, "too_many", `More than ${maxConditions} conditions.`);
    if (seen > maxConditions) return undefined;
    if (!isJsonObject(node)) return find(path, "invalid_type", "A condition is an object.");
    if (!Object.hasOwn(node, "conditions")) return checkComparison(node, path);
    return depth > maxDepth
      ? find(path, "too_deep", `Groups nest deeper than ${maxDepth}.`)
      : checkGroup(node, path, depth);
  };

  const isBareList = Array.isArray(input);
  const isNothing = isJsonObject(input) && Object.keys(input).length === 0;
  const tree: ConditionTree | undefined = isNothing
    ? { operator: "and", conditions: [] }
    : isBareList
      ? { operator: "and", conditions: checkList(input, 1, String) }
      : checkNode(input, "", 1);
  return tree && findings.length === 0 ? ok(tree) : err(findings);
};
