// Wire shapes of …/workflows/{id}/variables.
import { z } from "@hono/zod-openapi";
import { RULE_TYPES, SCOPES_OF_VARIABLES, VARIABLE_TYPES } from "../../../domain/variable/variable.ts";
import { anyJson } from "../../shared/any-json.ts";
import { prose } from "../../shared/text.ts";
import { instant } from "../schema.ts";

const dataType = z.enum(VARIABLE_TYPES).openapi("DataType");
const scope = z.enum(SCOPES_OF_VARIABLES);

/** `regex` is another word for `pattern`. */
const ruleType = z
  .preprocess((said) => (said === "regex" ? "pattern" : said), z.enum(RULE_TYPES))
  .openapi({ type: "string", enum: [...RULE_TYPES] });

const validationRule = z
  .strictObject({
    type: ruleType,
    value: anyJson.optional(),
    message: z.string().min(1).max(300).optional(),
  })
  .openapi("ValidationRule");

export const createVariableBody = z
  .strictObject({
    name: z.string(),
    dataType,
    defaultValue: anyJson.optional(),
    description: prose(2_000).optional(),
    scope,
    isSecret: z.boolean().optional(),
    validationRules: z.array(validationRule).max(20).optional(),
  })
  .openapi("CreateVariableRequest");

export const deleteQuery = z.object({
  scope: scope.optional().openapi({ description: "global: the organization's; else the workflow's own" }),
});

const shape = {
  id: z.string().openapi({ description: "Its name" }),
  name: z.string(),
  dataType: z.enum([...VARIABLE_TYPES, "null"]),
  defaultValue: anyJson.openapi({ description: "Null of a secret" }),
  hasValue: z.boolean(),
  description: z.string(),
  isSecret: z.boolean(),
  validationRules: z.array(validationRule),
  createdAt: instant.nullable(),
  updatedAt: instant.nullable(),
};

export const workflowVariable = z
  .object({
    ...shape,
    scope,
    source: z.enum(["declared", "drawing"]).openapi({ description: "drawing: of workflowData.variables" }),
  })
  .openapi("WorkflowVariable");

export const workflowVariables = z.object({
  variables: z.array(workflowVariable),
  globalVariables: z.array(z.object({ ...shape, scope: z.literal("global") }).openapi("GlobalVariable")),
  systemVariables: z.array(
    z.object({ name: z.string(), dataType: z.string(), description: z.string() }).openapi("SystemVariable"),
  ),
  availableDataSources: z.array(
    z
      .object({
        id: z.string(),
        type: z.enum(["event", "contact", "node"]),
        name: z.string(),
        path: z.string(),
        fields: z.array(z.object({ name: z.string(), dataType: z.string() })),
      })
      .openapi("DataSource"),
  ),
});

export const savedVariable = z.object({
  variable: workflowVariable,
  conflicts: z.array(
    z
      .object({
        type: z.enum(["overrides", "shadowed", "in_drawing", "set_by_node", "type_mismatch", "secret_not_readable"]),
        message: z.string(),
        scope: scope.nullable(),
        nodeId: z.string().nullable(),
        path: z.string().nullable(),
      })
      .openapi("VariableConflict"),
  ),
});

export const deletedVariable = z.object({ success: z.literal(true), variable: workflowVariable });
