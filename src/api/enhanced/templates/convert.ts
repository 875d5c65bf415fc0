// Where the wire names of templates meet ours.
import type { z } from "zod";
import { BUILT_IN, type CountedBlueprint, meanRating } from "../../../domain/blueprint/blueprint.ts";
import type { NewBlueprint } from "../../../domain/blueprint/create-blueprint.ts";
import type { Customization } from "../../../domain/blueprint/customize.ts";
import type { Instantiated, Instantiation } from "../../../domain/blueprint/instantiate-blueprint.ts";
import type { BlueprintList } from "../../../domain/blueprint/read-blueprint.ts";
import type { BlueprintChange } from "../../../domain/blueprint/update-blueprint.ts";
import type { Finding } from "../../../domain/workflow/definition.ts";
import { defined } from "../../../lib/defined.ts";
import type { Json } from "../../../lib/json.ts";
import { timeOf } from "../convert.ts";
import { toWorkflow } from "../workflows/convert.ts";
import { toValidationResult } from "../workflows/review-convert.ts";
import type * as schema from "./schema.ts";

type Listed = BlueprintList["rows"][number];
type Head = Omit<Listed, "held" | "size">;
type Held = NonNullable<Listed["held"]>;
/** Of the caller. */
type OrganizationId = string;

export const fromCreate = ({
  workflowId,
  workflowData,
  requiredVariables: variables,
  ...body
}: z.output<typeof schema.createTemplateBody>): NewBlueprint =>
  defined({
    ...body,
    workflowId: workflowId ?? undefined,
    workflowData: workflowData ?? undefined,
    variables,
  });

export const fromUpdate = ({
  requiredVariables: variables,
  ...body
}: z.output<typeof schema.updateTemplateBody>): BlueprintChange => defined({ ...body, variables });

export const fromInstantiate = ({
  name,
  description,
  variableValues,
  customizations,
}: z.output<typeof schema.instantiateBody>): Instantiation => ({
  name,
  ...(description != null && { description }),
  ...(variableValues && { variableValues }),
  ...(customizations && { customizations: customizations.map(fromCustomization) }),
});

type Sent = NonNullable<z.output<typeof schema.instantiateBody>["customizations"]>[number];
type SetConfig = Extract<Sent, { type?: "set_config" | undefined }>;
const isSetConfig = (one: Sent): one is SetConfig => one.type === undefined || one.type === "set_config";

const fromCustomization = (one: Sent): Customization => {
  if (!isSetConfig(one)) return one;
  const { nodeId, path, value, config } = one;
  const changes = config ? Object.entries(config) : [[path!, value] as const];
  return {
    type: "set_config",
    nodeId,
    changes: changes.map(([at, to]) => ({ path: at.split("."), value: to as Json })),
  };
};

const SORTS = { name: "name", usage_count: "uses", rating: "rating", created_at: "createdAt" } as const;

/** `tags`: all that were sent, in whatever way. */
export const fromQuery = (
  { category, isPublic, featured, search, sortBy, sortOrder }: z.output<typeof schema.templateQuery>,
  tags: readonly string[],
) => ({
  ...defined({ category, isPublic, isFeatured: featured, search }),
  ...(tags.length > 0 && { tags }),
  sortBy: SORTS[sortBy ?? "created_at"],
  order: sortOrder ?? (sortBy === "name" ? ("asc" as const) : ("desc" as const)),
});

const toHead = (head: Head, caller: OrganizationId) => {
  const isOwn = head.organizationId === caller;
  return {
    id: head.id,
    name: head.name,
    description: head.description,
    category: head.category,
    tags: head.tags,
    previewImage: head.previewImage,
    isPublic: head.isPublic,
    isBuiltIn: head.organizationId === BUILT_IN,
    isOwn,
    nodeCount: head.nodeCount,
    usageCount: head.uses,
    rating: meanRating(head),
    ratingCount: head.ratings,
    createdAt: timeOf(head.createdAt),
    updatedAt: timeOf(head.updatedAt),
    createdBy: isOwn ? head.createdBy : null,
    organizationId: isOwn ? head.organizationId : null,
    workflowId: isOwn ? head.workflowId : null,
  };
};

const toHeld = ({ variables, content }: Held) => ({
  requiredVariables: variables,
  workflowData: content.workflowData,
  triggerType: content.triggerType,
  triggerConfig: content.triggerConfig,
  settings: content.settings,
  triggers: content.triggers,
});

const NOT_HELD = {
  requiredVariables: null,
  workflowData: null,
  triggerType: null,
  triggerConfig: null,
  settings: null,
  triggers: null,
};

export const toList = (
  { rows, categories, featured }: BlueprintList,
  caller: OrganizationId,
): Omit<z.input<typeof schema.templateList>, "pagination"> => {
  const isFeatured = new Set(featured.map(({ id }) => id));
  const toListed = ({ held, ...head }: Listed) => ({
    ...toHead(head, caller),
    isFeatured: isFeatured.has(head.id),
    ...(held ? toHeld(held) : NOT_HELD),
  });
  return {
    templates: rows.map(toListed),
    categories: categories.map(({ category, n }) => ({ id: category, name: category, count: n })),
    featuredTemplates: featured.map(toListed),
  };
};

export const toTemplate = (
  blueprint: CountedBlueprint,
  caller: OrganizationId,
): z.input<typeof schema.oneTemplate>["template"] => {
  return { ...toHead(blueprint, caller), yourRating: blueprint.rating, ...toHeld(blueprint) };
};

/** Errors first. */
export const toResults = (findings: readonly Finding[]) =>
  findings.toSorted((a, b) => Number(b.severity === "error") - Number(a.severity === "error")).map(toValidationResult);

export const toInstantiated = ({ workflow, applied, warnings }: Instantiated): z.input<typeof schema.instantiated> => ({
  workflow: toWorkflow(workflow),
  appliedCustomizations: applied,
  warnings,
});
