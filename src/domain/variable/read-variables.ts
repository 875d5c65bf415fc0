// What the templates of a workflow may read: its variables, the organisation's, the engine's own, and where data comes from.
import { type SeenAttribute, selectAttributes } from "../../db/queries/seen.ts";
import { listGlobals } from "../../db/queries/variables.ts";
import { isJsonObject } from "../../lib/json.ts";
import { triggerTypes } from "../../triggers/index.ts";
import { OUTPUT_SCHEMAS } from "../action/output-schemas.ts";
import { attributeTypes, onlyType } from "../configuration/attribute-types.ts";
import type { Context } from "../context.ts";
import { builtInEventTypes } from "../marketing/built-in-event-types.ts";
import { openWorkflow } from "../workflow/access.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { SYSTEM_VARIABLES, type SystemVariable, type Variable } from "./variable.ts";
import { globalVariableOf, variablesOf } from "./view.ts";

export type DataSource = {
  id: string;
  type: "event" | "contact" | "node";
  name: string;
  /** What templates put before a field. */
  path: string;
  /** Known fields with their types; there may be more. */
  fields: { name: string; dataType: string }[];
};

export type WorkflowVariables = {
  variables: Variable[];
  globalVariables: Variable[];
  systemVariables: readonly SystemVariable[];
  dataSources: DataSource[];
};

const CONTACT_FIELDS = [
  ["id", "string"],
  ["external_id", "string"],
  ["phone", "phone"],
  ["email", "email"],
  ["tags", "array"],
] as const;

const typeOfSchema = (schema: unknown): string => {
  const type = isJsonObject(schema) ? schema.type : undefined;
  return typeof type === "string" ? type : Array.isArray(type) ? String(type[0]) : "any";
};

const nodeSources = ({ definition }: Workflow): DataSource[] =>
  Object.entries(definition.nodes)
    .filter(([, { type }]) => !triggerTypes.has(type))
    .map(([id, { type, label }]) => {
      const { properties } = OUTPUT_SCHEMAS[type] ?? {};
      const fields = isJsonObject(properties) ? Object.entries(properties) : [];
      return {
        id: `node:${id}`,
        type: "node",
        name: label ?? id,
        path: /^[A-Za-z_][\w-]*$/.test(id) ? `nodes.${id}.output` : `nodes["${id}"].output`,
        fields: fields.map(([name, schema]) => ({ name, dataType: typeOfSchema(schema) })),
      };
    });

/** Of the events that the workflow starts on, as far as their types are known. */
const eventSource = ({ definition, organizationId }: Workflow): DataSource => {
  const types = new Set(
    Object.values(definition.nodes).flatMap(({ type, config }) => {
      const parsed = triggerTypes.get(type)?.schema.safeParse(config);
      return parsed?.success
        ? triggerTypes
            .get(type)!
            .subscriptions(parsed.data)
            .map((one) => one.eventType)
        : [];
    }),
  );
  const fields = builtInEventTypes(organizationId)
    .filter(({ type }) => types.has(type))
    .flatMap(({ body }) => Object.entries(body.availableFields));
  return {
    id: "event",
    type: "event",
    name: [...types].sort().join(", ") || "The event that started it",
    path: "event.data",
    fields: [...new Map(fields)].map(([name, dataType]) => ({ name, dataType })),
  };
};

export const readVariables = async (context: Context, workflowId: string): Promise<WorkflowVariables> => {
  const workflow = await openWorkflow(context, workflowId, "view");
  const { db } = context.ports;
  const [globals, attributes] = await Promise.all([
    listGlobals(db, workflow.organizationId),
    selectAttributes(db, workflow.organizationId).all<SeenAttribute>(),
  ]);
  const seen = attributes.results.map((one) => ({
    name: `attributes.${one.name}`,
    dataType: onlyType(attributeTypes(one)),
  }));
  const ofContact = CONTACT_FIELDS.map(([name, dataType]) => ({ name, dataType }));
  return {
    variables: variablesOf(workflow),
    globalVariables: globals.map(globalVariableOf),
    systemVariables: SYSTEM_VARIABLES,
    dataSources: [
      eventSource(workflow),
      { id: "contact", type: "contact", name: "Contact", path: "contact", fields: [...ofContact, ...seen] },
      ...nodeSources(workflow),
    ],
  };
};
