// filter_criteria, as this API writes conditions: `{attribute, operator, value}` and `{operator: AND|OR|NOT, conditions}`. Here they become the
// product's own trees, and what is wrong is told by its place in what was sent.
import { checkSegment } from "../../../domain/segment/check-segment.ts";
import { isJsonObject, type Json, own } from "../../../lib/json.ts";

type Checked = ReturnType<typeof checkSegment>;
/** `path` from filter_criteria on, `conditions.1.value`; "" for the whole. */
export type CriteriaFinding = { path: string; message: string };
type Find = (path: string, message: string) => undefined;

const OPERATORS = [
  ...["equals", "not_equals", "contains", "in", "greater_than", "less_than", "before", "after", "exists"],
] as const;
const GROUPS = ["AND", "OR", "NOT"];

const OWN_NAME: Readonly<Record<string, string>> = { greater_than: "greater", less_than: "less" };
/** Attributes that are columns of ours; any other is one of the contact's own. */
const COLUMNS: Readonly<Record<string, string>> = {
  consent_state: "consent_state",
  created_at: "created_at",
  tags: "tags",
  phone_e164: "phone",
};
/** Tags are a list: to equal one is to have it. */
const OF_TAGS: Readonly<Record<string, string>> = {
  equals: "contains",
  not_equals: "not_contains",
  contains: "contains",
  in: "in",
  exists: "exists",
};

const childOf = (path: string, key: string): string => (path === "" ? key : `${path}.${key}`);

export const checkCriteria = (criteria: unknown): Checked | { ok: false; error: CriteriaFinding[] } => {
  const findings: CriteriaFinding[] = [];
  const tree = treeOf(criteria, "", (path, message) => {
    findings.push({ path, message });
    return undefined;
  });
  if (findings.length > 0) return { ok: false, error: findings };
  const checked = checkSegment(tree);
  if (checked.ok) return checked;
  const error = checked.error.map(({ path, message }) => ({
    path: path.replace(/(^|\.)field$/, "$1attribute"),
    message,
  }));
  return { ok: false, error };
};

/** What has no shape at all goes on as it is: the check of trees says so. */
const treeOf = (node: unknown, path: string, find: Find): unknown => {
  if (!isJsonObject(node)) return find(path, "A condition is an object.");
  const name = own(node, "operator");
  if (Object.hasOwn(node, "conditions") || (typeof name === "string" && GROUPS.includes(name.toUpperCase()))) {
    return groupOf(node, path, find);
  }
  return conditionOf(node, path, find);
};

const checkKeys = (node: object, known: readonly string[], path: string, find: Find): void => {
  for (const key of Object.keys(node)) if (!known.includes(key)) find(childOf(path, key), "Unknown field.");
};

const groupOf = (node: { [key: string]: Json }, path: string, find: Find): unknown => {
  checkKeys(node, ["operator", "conditions"], path, find);
  const { operator, conditions } = node;
  const word = typeof operator === "string" ? operator.toUpperCase() : "";
  if (!GROUPS.includes(word)) find(childOf(path, "operator"), `Must be one of: ${GROUPS.join(", ")}.`);
  if (!Array.isArray(conditions)) return find(childOf(path, "conditions"), "A list of conditions is needed.");
  if (conditions.length === 0) find(childOf(path, "conditions"), "May not be empty.");
  if (word === "NOT" && conditions.length > 1) find(childOf(path, "conditions"), "NOT takes one condition.");
  const children = conditions.map((child, index) => treeOf(child, childOf(path, `conditions.${index}`), find));
  return { operator: word.toLowerCase(), conditions: children };
};

const conditionOf = (node: { [key: string]: Json }, path: string, find: Find): unknown => {
  checkKeys(node, ["attribute", "operator", "value"], path, find);
  const { attribute, operator, value } = node;
  if (attribute === undefined) return find(childOf(path, "attribute"), "This field is required.");
  if (typeof attribute !== "string") return find(childOf(path, "attribute"), "A text is needed.");
  if (operator === undefined) return find(childOf(path, "operator"), "This field is required.");
  const name = typeof operator === "string" ? operator.toLowerCase() : "";
  if (!(OPERATORS as readonly string[]).includes(name)) {
    return find(childOf(path, "operator"), `Must be one of: ${OPERATORS.join(", ")}.`);
  }
  const field = own(COLUMNS, attribute) as string | undefined;
  if (field === "tags" && !OF_TAGS[name]) return find(childOf(path, "operator"), `${name} has no meaning for tags.`);
  if (name === "exists") return existsOf(field ?? `attributes.${attribute}`, value, path, find);
  const ours = field === "tags" ? OF_TAGS[name]! : (OWN_NAME[name] ?? name);
  return {
    field: field ?? `attributes.${attribute}`,
    operator: ours,
    ...(value === undefined ? {} : { value: field === "tags" ? textsOf(value) : value }),
  };
};

const existsOf = (field: string, value: Json | undefined, path: string, find: Find): unknown => {
  if (value !== undefined && typeof value !== "boolean") return find(childOf(path, "value"), "Must be true or false.");
  return { field, operator: value === false ? "not_exists" : "exists" };
};

/** Tags are texts, whatever they look like. */
const textsOf = (value: Json): Json =>
  Array.isArray(value)
    ? value.map(textsOf)
    : typeof value === "number" || typeof value === "boolean"
      ? String(value)
      : value;
