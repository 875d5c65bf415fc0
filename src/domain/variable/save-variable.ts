// A variable is declared, or changed: one of a workflow with its next version, a global one for all runs that start from now on.

import {
  deleteSecret,
  findGlobal,
  type GlobalVariableRow,
  listGlobals,
  touchGlobals,
  upsertGlobal,
} from "../../db/queries/variables.ts";
import { isForbiddenKey, type Json } from "../../lib/json.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { DomainError, type FieldProblem, invalid } from "../errors.ts";
import { authorizeRole } from "../permission.ts";
import { openWorkflow, requireAuthoring, requireNotArchived } from "../workflow/access.ts";
import { changing } from "../workflow/changing.ts";
import { saveEnhanced } from "../workflow/enhanced/save-workflow.ts";
import { wireOf } from "../workflow/enhanced/workflow-data.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { changingGlobals } from "./changing-globals.ts";
import { conflictsOf, type VariableConflict } from "./conflicts.ts";
import { checkRules, valueProblem } from "./judge-value.ts";
import { newSecretId, secretNameOf } from "./secret-name.ts";
import { sealValue } from "./secret-values.ts";
import {
  MAX_GLOBAL_CHARS,
  MAX_VARIABLES,
  SYSTEM_NAMES,
  type ValidationRule,
  type Variable,
  type VariableRow,
  type VariableScope,
  type VariableType,
} from "./variable.ts";
import { globalVariableOf, variableOf } from "./view.ts";

export type VariableInput = {
  name: string;
  dataType: VariableType;
  /** Absent keeps a secret's; null is none. */
  defaultValue?: Json;
  description?: string;
  scope: VariableScope;
  isSecret?: boolean;
  validationRules?: ValidationRule[];
};

export type SavedVariable = { variable: Variable; conflicts: VariableConflict[]; created: boolean };

const NAME = /^[A-Za-z_]\w{0,63}$/;
/** A shorter one would be found in everything, and could not be kept out of what comes back. */
const SHORTEST_SECRET = 6;
const LONGEST_SECRET = 10_000;

/** Throws `invalid_input` with everything that is wrong. `problem.provided` is never told: it may be a secret. */
const checkInput = (input: VariableInput, isKept: boolean): void => {
  const { name, dataType, defaultValue, scope, isSecret = false, validationRules = [] } = input;
  const problems: FieldProblem[] = [];
  if (!NAME.test(name) || isForbiddenKey(name))
    problems.push({
      field: "name",
      message: "Use letters, digits and underscores, at most 64, no digit first.",
      code: "invalid_name",
    });
  else if (SYSTEM_NAMES.has(name))
    problems.push({ field: "name", message: `'${name}' is a system variable.`, code: "system_variable" });
  problems.push(...checkRules(dataType, validationRules));
  if (isSecret && dataType !== "string")
    problems.push({ field: "dataType", message: "A secret is a string.", code: "invalid_secret" });
  if (isSecret && scope === "execution")
    problems.push({
      field: "isSecret",
      message: "What an execution is given is kept with it, and cannot be secret.",
      code: "invalid_secret",
    });
  if (
    isSecret &&
    (defaultValue === undefined
      ? !isKept
      : typeof defaultValue !== "string" ||
        defaultValue.length < SHORTEST_SECRET ||
        defaultValue.length > LONGEST_SECRET)
  )
    problems.push({
      field: "defaultValue",
      message: `A secret needs a text of ${SHORTEST_SECRET} to ${LONGEST_SECRET} characters.`,
      code: "invalid_secret",
    });
  if (problems.length === 0 && defaultValue !== undefined && defaultValue !== null) {
    const problem = valueProblem({ dataType, validationRules }, defaultValue);
    if (problem) problems.push({ field: "defaultValue", ...problem });
  }
  const [first] = problems;
  if (first) throw new DomainError("invalid_input", `${first.field}: ${first.message}`, { problems });
};

type Secret = { secretId: string | null; statements: D1PreparedStatement[] };

/** The value goes where secrets are kept; one that is no secret any more is gone. */
const secretOf = async (
  { ports, principal: { organizationId } }: Context,
  { isSecret = false, defaultValue }: VariableInput,
  before: string | null,
  { workflowId, at }: { workflowId: string | null; at: number },
): Promise<Secret> => {
  if (!isSecret)
    return { secretId: null, statements: before === null ? [] : [deleteSecret(ports.db, organizationId, before)] };
  const secretId = before ?? newSecretId();
  if (typeof defaultValue !== "string") return { secretId, statements: [] };
  const secret = { id: secretId, workflowId, value: defaultValue, at };
  return { secretId, statements: [await sealValue(ports, organizationId, secret)] };
};

const inDrawing = (workflow: Workflow, name: string): boolean =>
  workflow.authoring === "enhanced"
    ? Object.hasOwn(wireOf(workflow).workflowData.variables ?? {}, name)
    : Object.hasOwn(workflow.definition.variables, name);

/**
 * Throws `not_found`, `forbidden`; `conflict` where a workflow of another API is to have variables of its own; `invalid_input` with what is wrong.
 * A global one takes the role editor as well.
 */
export const saveVariable = (context: Context, workflowId: string, input: VariableInput): Promise<SavedVariable> =>
  input.scope === "global" ? saveGlobal(context, workflowId, input) : saveOwn(context, workflowId, input);

const saveOwn = (context: Context, workflowId: string, input: VariableInput): Promise<SavedVariable> =>
  changing(async () => {
    const workflow = await openWorkflow(context, workflowId, "edit");
    requireAuthoring(workflow, "enhanced");
    requireNotArchived(workflow);
    const wire = wireOf(workflow);
    const rows = wire.variables ?? [];
    const { name, dataType, description, scope, isSecret = false, validationRules } = input;
    const before = rows.find((row) => row.name === name);
    checkInput(input, before?.secretId !== undefined);
    if (!before && rows.length >= MAX_VARIABLES)
      throw invalid("name", `A workflow may have at most ${MAX_VARIABLES} variables.`);
    const at = context.ports.now();
    const { secretId, statements } = await secretOf(context, input, before?.secretId ?? null, { workflowId, at });
    const isKept =
      input.defaultValue === undefined && before?.defaultValue !== undefined && before.dataType === dataType;
    const value = input.defaultValue === undefined ? (isKept ? before.defaultValue : undefined) : input.defaultValue;
    const row: VariableRow = {
      name,
      dataType,
      ...(!isSecret && value !== undefined && value !== null && { defaultValue: value }),
      description: description ?? before?.description ?? "",
      scope: scope as VariableRow["scope"],
      ...(secretId !== null && { secretId }),
      validationRules: validationRules ?? before?.validationRules ?? [],
      createdAt: before?.createdAt ?? at,
      updatedAt: at,
    };
    const others = rows.filter((one) => one.name !== name);
    const { definition } = await saveEnhanced(context, workflow, {
      wire: { ...wire, variables: [...others, row].sort((a, b) => (a.name < b.name ? -1 : 1)) },
      statements,
      details: { fields: ["variables"], variable: name, scope, isSecret },
    });
    const global = await findGlobal(context.ports.db, workflow.organizationId, name);
    const also = [
      ...(global ? [{ scope: "global" as const, isDrawing: false }] : []),
      ...(inDrawing(workflow, name) ? [{ scope: "workflow" as const, isDrawing: true }] : []),
    ];
    const conflicts = conflictsOf({ name, dataType, value: row.defaultValue, scope, isSecret, definition, also });
    return { variable: variableOf(row), conflicts, created: !before };
  });

const saveGlobal = async (context: Context, workflowId: string, input: VariableInput): Promise<SavedVariable> => {
  const workflow = await openWorkflow(context, workflowId, "view");
  authorizeRole(context.principal, "editor", "write");
  const { row, created } = await changingGlobals(context, (write) => writeGlobal(context, input, write));
  const { name, dataType, isSecret = false } = input;
  const { definition } = workflow;
  const isOwn = workflow.authoring === "enhanced" && wireOf(workflow).variables?.some((one) => one.name === name);
  const also = isOwn || inDrawing(workflow, name) ? [{ scope: "workflow" as const, isDrawing: false }] : [];
  const conflicts = conflictsOf({
    name,
    dataType,
    value: row.secretId === null ? (row.value ?? undefined) : undefined,
    scope: "global",
    isSecret,
    definition,
    also,
  });
  return { variable: globalVariableOf(row), conflicts, created };
};

const writeGlobal = async (
  context: Context,
  input: VariableInput,
  write: (statements: D1PreparedStatement[]) => Promise<void>,
): Promise<{ row: GlobalVariableRow; created: boolean }> => {
  const { ports, principal } = context;
  const { organizationId } = principal;
  const { name, dataType, isSecret = false } = input;
  const all = await listGlobals(ports.db, organizationId);
  const before = all.find((row) => row.name === name);
  checkInput(input, before?.secretId != null);
  if (!before && all.length >= MAX_VARIABLES)
    throw invalid("name", `An organization may have at most ${MAX_VARIABLES} global variables.`);
  const at = ports.now();
  const { secretId, statements } = await secretOf(context, input, before?.secretId ?? null, {
    workflowId: null,
    at,
  });
  const isKept = input.defaultValue === undefined && before?.secretId === null && before.dataType === dataType;
  const value = input.defaultValue === undefined ? (isKept ? before.value : null) : input.defaultValue;
  const row: GlobalVariableRow = {
    organizationId,
    name,
    dataType,
    value: secretId === null ? value : secretNameOf(secretId),
    description: input.description ?? before?.description ?? "",
    secretId,
    validationRules: input.validationRules ?? (before?.validationRules as ValidationRule[] | undefined) ?? [],
    createdBy: before?.createdBy ?? principal.userId,
    createdAt: before?.createdAt ?? at,
    updatedAt: at,
  };
  const size = JSON.stringify([...all.filter((one) => one.name !== name), row].map((one) => one.value)).length;
  if (size > MAX_GLOBAL_CHARS)
    throw invalid("defaultValue", `All global variables together may have at most ${MAX_GLOBAL_CHARS} characters.`);
  const details = { name, isSecret };
  await write([
    upsertGlobal(ports.db, row),
    ...statements,
    touchGlobals(ports.db, organizationId, at),
    auditStatement(context, { action: "variable.saved", targetType: "variable", targetId: name, details }),
  ]);
  return { row, created: !before };
};
