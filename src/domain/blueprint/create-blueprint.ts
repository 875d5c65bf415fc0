// A new blueprint, made from a workflow or from a drawing.
import { insertBlueprint } from "../../db/queries/blueprints.ts";
import type { Finding } from "../../engine/contract.ts";
import { defined } from "../../lib/defined.ts";
import { newId } from "../../lib/ids.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { invalid } from "../errors.ts";
import { openWorkflow } from "../workflow/access.ts";
import { type Blueprint, type BlueprintContent, searchTextOf } from "./blueprint.ts";
import { contentOfWorkflow, secretNamesOf } from "./content-of.ts";
import { authorizeAuthor, makeBlueprint } from "./make-blueprint.ts";
import type { BlueprintVariable } from "./variables.ts";

export type NewBlueprint = Pick<Blueprint, "name" | "description" | "category"> & {
  /** Its drawing, triggers and settings; what is named beside it replaces them. */
  workflowId?: string;
  tags?: string[];
  previewImage?: string | null;
  isPublic?: boolean;
  variables?: BlueprintVariable[];
} & Partial<Omit<BlueprintContent, "triggers">>;

const EMPTY: Omit<BlueprintContent, "workflowData"> = {
  triggerType: null,
  triggerConfig: {},
  settings: {},
  triggers: [],
};

/** Takes the role editor; for a public one admin. The workflow is one that the caller may see. */
export const createBlueprint = async (
  context: Context,
  input: NewBlueprint,
): Promise<{ blueprint: Blueprint; findings: Finding[] }> => {
  authorizeAuthor(context, input);
  const { workflowId, workflowData, triggerType, triggerConfig, settings } = input;
  const workflow = workflowId === undefined ? undefined : await openWorkflow(context, workflowId, "view");
  const base = workflow ? contentOfWorkflow(workflow) : { ...EMPTY, workflowData };
  const content = {
    ...base,
    ...defined({ workflowData, triggerType, triggerConfig, settings }),
  };
  if (!content.workflowData) throw invalid("workflowData", "Either this or workflowId is required.");
  const words = {
    name: input.name,
    description: input.description,
    category: input.category,
    tags: input.tags ?? [],
    previewImage: input.previewImage ?? null,
  };
  const { findings, ...made } = makeBlueprint(context, {
    content: content as BlueprintContent,
    variables: input.variables ?? [],
    words,
    isPublic: input.isPublic ?? false,
    ...(workflow && { secretNames: secretNamesOf(workflow) }),
  });
  const { principal, ports } = context;
  const at = ports.now();
  const blueprint: Blueprint = {
    organizationId: principal.organizationId,
    id: newId(at),
    ...words,
    isPublic: input.isPublic ?? false,
    workflowId: workflowId ?? null,
    createdBy: principal.userId,
    createdAt: at,
    updatedAt: at,
    ...made,
  };
  await ports.db.batch([
    insertBlueprint(ports.db, { ...blueprint, ...storedOf(made), searchText: searchTextOf(words) }),
    auditStatement(context, {
      action: "workflow_template.created",
      targetType: "workflow_template",
      targetId: blueprint.id,
      details: { name: words.name, isPublic: blueprint.isPublic },
    }),
  ]);
  return { blueprint, findings };
};

export const storedOf = ({ content, variables }: Pick<Blueprint, "content" | "variables">) => ({
  content: content,
  variables: variables,
});
