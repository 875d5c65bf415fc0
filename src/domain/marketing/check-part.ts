// What is wrong with a part as it is sent: every finding by its place, before anything is kept. The judgement is that of the node which it will be.
import { findEventTypes } from "../../db/queries/marketing-parts.ts";
import { checkCondition } from "../../engine/expression/condition.ts";
import { isJsonObject, type Json, type JsonObject } from "../../lib/json.ts";
import { FILTER_ROOTS } from "../../triggers/filter-fields.ts";
import { fieldProblems } from "../contact/change-fields.ts";
import type { Context } from "../context.ts";
import { DomainError, type FieldProblem } from "../errors.ts";
import { findingsOf } from "../workflow/definition.ts";
import { type ActionType, actionTypeOf, nodeOf, parameterPath } from "./action-types.ts";
import { builtInEventTypes, isBuiltIn } from "./built-in-event-types.ts";
import { isTree, triggerNodeOf } from "./compile-workflow.ts";
import type { Bodies, PartInput, PartKind } from "./part.ts";

/** What does not keep it from being saved and is worth knowing: `line` of its code, from 1. */
export type Warning = { field: string; message: string; line?: number };

/** A trigger's filters and a workflow's own conditions for it become one tree, which has the engine's usual limits. */
const TREE = { roots: FILTER_ROOTS, maxDepth: 9, maxConditions: 99 };

const REQUIRED = "This field is required.";
const REFUSED = "Select a valid choice.";

const at = (place: string, path: string): string => [place, path].filter((part) => part !== "").join(".");

/** Of conditions that a trigger or a workflow has; `place` is their field, "" when they are all there is. */
export const treeProblems = (tree: Json, place: string): FieldProblem[] => {
  const checked = checkCondition(tree, TREE);
  if (!checked.ok)
    return checked.error.map(({ path, message, code }) => ({ field: at(place, path) || "body", message, code }));
  return nodeProblems(triggerNodeOf({ type: "ANY", filters: tree }), (path) =>
    at(place, path.replace(/^filters\.?/, "")),
  );
};

/** Of one node, with its places as `placeOf` says; `path` is the node's own (`filters.conditions.0`). */
const nodeProblems = (
  node: { type: string; config: JsonObject },
  placeOf: (path: string) => string,
  context?: Context,
): FieldProblem[] =>
  findingsOf({ nodes: { n: node }, edges: [], variables: {} }, context?.ports.egress)
    .filter(({ severity }) => severity === "error")
    .map(({ path, message, code }) => ({ field: placeOf(path.replace(/^nodes\.n(\.config)?\.?/, "")), message, code }));

const choice = (field: string): FieldProblem => ({ field, message: REFUSED, code: "invalid_choice" });
const needed = (field: string): FieldProblem => ({ field, message: REQUIRED, code: "required" });

type Judged = { problems: FieldProblem[]; warnings: Warning[] };

const checkCode = (
  { ports }: Context,
  language: Bodies["condition"]["language"],
  code: string,
  field: string,
): Judged => {
  const judged: Judged = { problems: [], warnings: [] };
  for (const { severity, message, line } of ports.checkCode(language, code)) {
    if (severity === "warning") judged.warnings.push({ field, message, ...(line !== undefined && { line }) });
    else judged.problems.push({ field, message: line === undefined ? message : `${message} (line ${line})` });
  }
  return judged;
};

/** Of the type alone, whatever else is or is not there. */
export const typeProblems = async (
  { principal, ports }: Context,
  kind: "trigger" | "action",
  type: string,
): Promise<FieldProblem[]> => {
  if (kind === "action") return actionTypeOf(type) ? [] : [choice("action_type")];
  const isKnown = isBuiltIn(type) || (await findEventTypes(ports.db, principal.organizationId, [type])).length > 0;
  return isKnown ? [] : [choice("trigger_type")];
};

const checkTrigger = async (context: Context, { type, body }: PartInput<"trigger">): Promise<Judged> => ({
  problems: [
    ...(await typeProblems(context, "trigger", type)),
    ...treeProblems(body.filters, "filters"),
    ...scheduleProblems(type, body),
  ],
  warnings: [],
});

/** Nobody says anything at its own times: there is nothing to filter. */
const scheduleProblems = (type: string, { filters, schedule = null }: Bodies["trigger"]): FieldProblem[] => {
  if (schedule === null) return [];
  if (type !== "SCHEDULED")
    return [{ field: "schedule", message: "Only a trigger on SCHEDULED has times of its own." }];
  return [
    ...(isTree(filters) ? [{ field: "filters", message: "A trigger with times of its own has no filters." }] : []),
    ...nodeProblems(triggerNodeOf({ type, filters: null, schedule }), (path) => at("schedule", path)),
  ];
};

/** Of an action's configuration, by its own names. */
export const configurationProblems = (
  type: ActionType,
  configuration: JsonObject,
  context: Context,
): FieldProblem[] => [
  ...Object.keys(configuration)
    .filter((name) => !type.parameters.some((one) => one.name === name))
    .map((name) => ({ field: `configuration.${name}`, message: "Unknown field.", code: "unknown_field" })),
  ...(isJsonObject(configuration.updates) ? fieldProblems(configuration.updates) : []).map((problem) => ({
    ...problem,
    field: `configuration.updates.${problem.field}`,
  })),
  ...nodeProblems(nodeOf(type, configuration), (path) => at("configuration", parameterPath(type, path)), context),
];

const checkAction = async (context: Context, { type, body }: PartInput<"action">): Promise<Judged> => {
  const found = actionTypeOf(type);
  if (!found) return { problems: [choice("action_type")], warnings: [] };
  const { configuration } = body;
  const problems = configurationProblems(found, configuration, context);
  const { code, language = "python" } = configuration;
  if (type !== "custom_code" || problems.length > 0 || typeof code !== "string") return { problems, warnings: [] };
  return checkCode(context, language as "python", code, "configuration.code");
};

const checkConditionPart = async (context: Context, { body }: PartInput<"condition">): Promise<Judged> => {
  const { operator, conditions, useCustomCode, customCode, language } = body;
  const problems = treeProblems({ operator, conditions }, "");
  if (!useCustomCode || problems.length > 0) return { problems, warnings: [] };
  if (customCode.trim() === "") return { problems: [needed("custom_code")], warnings: [] };
  return checkCode(context, language, customCode, "custom_code");
};

const FIELD_NAME = /^[A-Za-z_][\w-]{0,99}$/;

const checkEventType = async (context: Context, { type, body }: PartInput<"event_type">): Promise<Judged> => {
  const problems: FieldProblem[] = [];
  if (builtInEventTypes(context.principal.organizationId).some((one) => one.type.toLowerCase() === type.toLowerCase()))
    problems.push({ field: "code", message: "This code is that of a built-in event type." });
  for (const [name, kind] of Object.entries(body.availableFields)) {
    const field = `available_fields.${name}`;
    if (!FIELD_NAME.test(name)) problems.push({ field, message: "Use letters, digits, _ and - with a letter first." });
    if (!(FIELD_TYPES as readonly string[]).includes(kind)) problems.push(choice(field));
  }
  return { problems, warnings: [] };
};

/** What a field of an event's data may be said to hold. */
const FIELD_TYPES = ["string", "number", "integer", "boolean", "datetime", "date", "object", "array", "any"] as const;

const CHECKS: { [K in PartKind]: (context: Context, input: PartInput<K>) => Promise<Judged> } = {
  trigger: checkTrigger,
  action: checkAction,
  condition: checkConditionPart,
  event_type: checkEventType,
};

/** Its warnings. Throws `invalid_input` with every problem. */
export const checkPart = async <K extends PartKind>(
  context: Context,
  kind: K,
  input: PartInput<K>,
): Promise<Warning[]> => {
  const { problems, warnings } = await CHECKS[kind](context, input);
  refuse(problems);
  return warnings;
};

export const refuse = (problems: FieldProblem[]): void => {
  const [first] = problems;
  if (first) throw new DomainError("invalid_input", `${first.field}: ${first.message}`, { problems });
};
