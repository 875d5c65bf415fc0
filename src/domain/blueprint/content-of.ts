// What a workflow is to a blueprint: its drawing, whichever API made it, what starts it, and its settings. Nothing of it is cleansed yet.
import type { Json } from "../../lib/json.ts";
import { DomainError } from "../errors.ts";
import { type EnhancedWire, wireOf } from "../workflow/enhanced/workflow-data.ts";
import { workflowDataOf } from "../workflow/enhanced/workflow-data-of.ts";
import type { Workflow } from "../workflow/workflow.ts";
import type { BlueprintContent } from "./blueprint.ts";

/** Another API's settings that an enhanced workflow has no words for. */
const FOREIGN = ["counted", "perContact", "window", "priorities"] as const;

/** A variable that was declared beside the drawing. */
type Declared = { name: string; defaultValue?: Json; secretId?: string };

/** Its drawing with the defaults of what was declared beside it, and the names of those that are secret, which a blueprint never holds. */
const withDeclared = (workflow: Workflow) => {
  const { workflowData, variables: declared = [] } = wireOf(workflow) as EnhancedWire & {
    variables?: readonly Declared[];
  };
  const open = declared.filter((one) => one.secretId === undefined && one.defaultValue !== undefined);
  const variables = {
    ...Object.fromEntries(open.map((one) => [one.name, one.defaultValue!])),
    ...workflowData.variables,
  };
  const secrets = declared.filter((one) => one.secretId !== undefined).map(({ name }) => name);
  return {
    workflowData: open.length > 0 ? { ...workflowData, variables } : workflowData,
    ...(secrets.length > 0 && { secrets }),
  };
};

/** Throws `impossible` for a workflow that would mean something else as an enhanced one. */
export const contentOfWorkflow = (workflow: Workflow): BlueprintContent => {
  if (workflow.authoring === "enhanced") {
    const { triggerType, triggerConfig, settings, triggers = [] } = wireOf(workflow);
    return {
      ...withDeclared(workflow),
      triggerType,
      triggerConfig,
      settings,
      triggers: triggers.map(({ id: _, createdAt: __, updatedAt: ___, ...trigger }) => trigger),
    };
  }
  const { settings = {} } = workflow.definition;
  const foreign = FOREIGN.filter((name) => settings[name] !== undefined);
  if (workflow.authoring === "flow" || foreign.includes("perContact") || foreign.includes("window")) {
    throw new DomainError(
      "impossible",
      `A workflow of the ${workflow.authoring} API has rules that a template cannot keep (${foreign.join(", ") || "its conversations"}); draw it anew`,
      { subject: "workflow", details: { authoring: workflow.authoring } },
    );
  }
  return {
    workflowData: workflowDataOf(workflow),
    triggerType: null,
    triggerConfig: {},
    settings: settings.timeoutSeconds === undefined ? {} : { timeoutSeconds: settings.timeoutSeconds },
    triggers: [],
  };
};

/** Names of its variables whose values are shown to nobody. */
export const secretNamesOf = ({ definition }: Workflow): readonly string[] => definition.settings?.secrets ?? [];
