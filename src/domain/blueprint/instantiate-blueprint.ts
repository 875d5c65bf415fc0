// A workflow made from a blueprint: its places filled, what is wanted otherwise done, and saved as a draft that says what it still needs.
import { findEventTypes } from "../../db/queries/marketing-parts.ts";
import { listGlobals } from "../../db/queries/variables.ts";
import type { Finding } from "../../engine/contract.ts";
import { newId } from "../../lib/ids.ts";
import type { Json, JsonObject } from "../../lib/json.ts";
import type { Context } from "../context.ts";
import { DomainError } from "../errors.ts";
import { isBuiltIn } from "../marketing/built-in-event-types.ts";
import { authorizeRole } from "../permission.ts";
import { createEnhancedWorkflow } from "../workflow/enhanced/create-workflow.ts";
import type { WorkflowRecord } from "../workflow/enhanced/record.ts";
import { type BlueprintContent, BUILT_IN, isOwn } from "./blueprint.ts";
import { type Applied, type Customization, customize } from "./customize.ts";
import { fillContent } from "./fill.ts";
import { triggersAt } from "./judge-blueprint.ts";
import { openBlueprint } from "./read-blueprint.ts";
import { readValues } from "./variables.ts";
import { warningsOfAuthor } from "./warn-of-author.ts";

export type Instantiation = {
  name: string;
  /** Absent: the blueprint's. */
  description?: string;
  variableValues?: JsonObject;
  customizations?: readonly Customization[];
};

export type Instantiated = { workflow: WorkflowRecord; applied: Applied[]; warnings: string[] };

/** Throws `not_found`, and `invalid_input` naming `variableValues.<name>`. */
export const instantiateBlueprint = async (
  context: Context,
  id: string,
  { name, description, variableValues = {}, customizations = [] }: Instantiation,
): Promise<Instantiated> => {
  authorizeRole(context.principal, "editor", "write");
  const blueprint = await openBlueprint(context, id);
  const { values, problems, warnings } = readValues(blueprint.variables, variableValues);
  if (problems.length > 0) {
    const [first] = problems;
    throw new DomainError("invalid_input", `${first!.field}: ${first!.message}`, { problems });
  }
  const customized = customize(fillContent(blueprint.content, values), customizations);
  const { workflowData, triggerType, triggerConfig, settings } = customized.content;
  const at = context.ports.now();
  const triggers = triggersAt(customized.content, at, () => newId(at));
  const { workflow, findings } = await createEnhancedWorkflow(context, {
    name,
    description: description ?? blueprint.description,
    category: blueprint.category,
    tags: blueprint.tags,
    workflowData,
    triggerType,
    triggerConfig,
    settings,
    templateId: id,
    ...(triggers.length > 0 && { triggers }),
  });
  return {
    workflow,
    applied: customized.applied,
    warnings: [
      ...warnings,
      ...customized.warnings,
      ...findings.map(toWarning),
      ...neededFor(customized.content),
      ...(await untold(context, customized.content)),
      ...(isOwn(context, blueprint) || blueprint.organizationId === BUILT_IN
        ? []
        : warningsOfAuthor({
            content: customized.content,
            given: [variableValues, customizations as unknown as Json],
            secrets: await secretNamesOf(context),
          })),
    ],
  };
};

const secretNamesOf = async ({ ports, principal }: Context): Promise<string[]> =>
  (await listGlobals(ports.db, principal.organizationId)).flatMap(({ name, secretId }) =>
    secretId === null ? [] : [name],
  );

const toWarning = ({ severity, message, path }: Finding): string =>
  severity === "error" ? `${path}: ${message} (to be mended before it is published)` : `${path}: ${message}`;

/** What a workflow needs beside itself. */
const neededFor = ({ workflowData, triggerType, triggers, secrets = [] }: BlueprintContent): string[] => {
  const types = [
    triggerType ?? "",
    ...workflowData.nodes.map(({ type }) => type),
    ...triggers.map((one) => one.triggerType),
  ];
  const isCalled = types.some((type) => /^(?:trigger_)?webhook$/.test(type));
  return [
    ...(isCalled ? ["A webhook starts this workflow: make one with POST /api/v2/webhooks and its workflowId."] : []),
    ...secrets.map(
      (name) => `It reads the secret variable '${name}': make it with POST /api/v2/workflows/{id}/variables.`,
    ),
  ];
};

/** Its events that nobody can send yet: neither the product makes them, nor has the organisation such an event type. */
const untold = async (
  { ports, principal }: Context,
  { workflowData, triggerConfig, triggers }: BlueprintContent,
): Promise<string[]> => {
  const configs = [
    triggerConfig,
    ...workflowData.nodes.map(({ data }) => data?.config),
    ...triggers.map((one) => one.config),
  ];
  const heard = configs.map((config) => config?.event_type).filter((type) => typeof type === "string");
  const types = [...new Set(heard)].filter((type) => !isBuiltIn(type));
  if (types.length === 0) return [];
  const own = new Set((await findEventTypes(ports.db, principal.organizationId, types)).map(({ type }) => type));
  return types
    .filter((type) => !own.has(type))
    .map(
      (type) =>
        `It starts on '${type}', which is not an event type yet: create it with POST /api/v1/workflow/api/event-types, then send each event with POST /api/v1/workflow/api/triggers/process_event.`,
    );
};
