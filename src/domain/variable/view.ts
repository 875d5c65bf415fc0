// Variables as they are shown. The value of a secret never is. Pure.
import type { GlobalVariableRow } from "../../db/queries/variables.ts";
import type { Json } from "../../lib/json.ts";
import { isJsonObject } from "../../lib/json.ts";
import { wireOf } from "../workflow/enhanced/workflow-data.ts";
import type { Workflow } from "../workflow/workflow.ts";
import type { ValidationRule, Variable, VariableRow, VariableType } from "./variable.ts";

export const variableOf = ({ secretId, defaultValue, ...row }: VariableRow): Variable => ({
  ...row,
  defaultValue: secretId === undefined ? (defaultValue ?? null) : null,
  hasValue: secretId !== undefined || defaultValue !== undefined,
  isSecret: secretId !== undefined,
  source: "declared",
});

export const globalVariableOf = ({ name, dataType, value, secretId, ...row }: GlobalVariableRow): Variable => ({
  name,
  dataType: dataType as VariableType,
  defaultValue: secretId === null ? value : null,
  hasValue: value !== null,
  description: row.description,
  scope: "global",
  isSecret: secretId !== null,
  validationRules: row.validationRules as ValidationRule[],
  source: "declared",
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
});

const typeOf = (value: Json): Variable["dataType"] => {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return isJsonObject(value) ? "object" : (typeof value as "string" | "number" | "boolean");
};

/** Declared ones first, then those that stand in the drawing alone. */
export const variablesOf = (workflow: Pick<Workflow, "authoring" | "wire" | "definition">): Variable[] => {
  const rows = workflow.authoring === "enhanced" ? (wireOf(workflow).variables ?? []) : [];
  const { variables, settings = {} } = workflow.definition;
  const undeclared = Object.entries(variables).filter(([name]) => !rows.some((row) => row.name === name));
  return [
    ...rows.map(variableOf),
    ...undeclared.map(([name, value]): Variable => {
      const isSecret = settings.secrets?.includes(name) === true;
      return {
        name,
        dataType: typeOf(value),
        defaultValue: isSecret ? null : value,
        hasValue: value !== null,
        description: "",
        scope: "workflow",
        isSecret,
        validationRules: [],
        source: "drawing",
        createdAt: null,
        updatedAt: null,
      };
    }),
  ];
};
