// Wire shapes of templates: drawings with variables, from which workflows are made.
import { z } from "@hono/zod-openapi";
import { VARIABLE_TYPES } from "../../../domain/blueprint/variables.ts";
import { anyJson } from "../../shared/any-json.ts";
import { label, prose } from "../../shared/text.ts";
import { instant, pageQuery, pagination, truth } from "../schema.ts";
import { validationResult, workflow, workflowData, workflowSettings } from "../workflows/workflow-schema.ts";

const config = z.record(z.string().max(128), anyJson);

const isPicture = (url: string): boolean => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);

const templateVariable = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z_]\w{0,63}$/, "Use letters, digits and underscores, starting with a letter.")
      .refine((name) => !["__proto__", "constructor", "prototype"].includes(name), "This name is not allowed."),
    type: z.enum(VARIABLE_TYPES),
    /** With a default it may be left out all the same. */
    required: z.boolean(),
    defaultValue: anyJson.optional(),
    description: prose(500).optional(),
  })
  .openapi("TemplateVariable");

const fields = {
  name: label(200),
  description: prose(5_000),
  category: label(100),
  workflowData,
  triggerType: label(100).nullable(),
  triggerConfig: config,
  settings: workflowSettings,
  previewImage: z.string().max(2_048).refine(isPicture, "Must be an http or https URL.").nullable(),
  isPublic: z.boolean(),
  tags: z
    .array(label(50))
    .max(50, "Must have at most 50 tags.")
    .transform((all) => [...new Set(all)]),
  requiredVariables: z.array(templateVariable).max(100, "Must have at most 100 variables."),
};

export const createTemplateBody = z.strictObject({
  workflowId: z.string().min(1).max(128).nullish(),
  name: fields.name,
  description: fields.description,
  category: fields.category,
  workflowData: fields.workflowData.nullish(),
  triggerType: fields.triggerType.optional(),
  triggerConfig: fields.triggerConfig.optional(),
  settings: fields.settings.optional(),
  previewImage: fields.previewImage.optional(),
  isPublic: fields.isPublic.optional(),
  tags: fields.tags.optional(),
  requiredVariables: fields.requiredVariables.optional(),
});

export const updateTemplateBody = z.strictObject({
  name: fields.name.optional(),
  description: fields.description.optional(),
  category: fields.category.optional(),
  workflowData: fields.workflowData.optional(),
  triggerType: fields.triggerType.optional(),
  triggerConfig: fields.triggerConfig.optional(),
  settings: fields.settings.optional(),
  previewImage: fields.previewImage.optional(),
  isPublic: fields.isPublic.optional(),
  tags: fields.tags.optional(),
  requiredVariables: fields.requiredVariables.optional(),
});

/** `tags`: comma-separated, and may be repeated, as `tags` or `tags[]`; a template has all of them. */
export const templateQuery = z.object({
  category: z.string().max(100).optional(),
  isPublic: truth.optional(),
  featured: truth.optional(),
  search: z.string().max(200).optional(),
  tags: z.string().max(3_000).optional(),
  "tags[]": z.string().max(3_000).optional(),
  sortBy: z.enum(["name", "usage_count", "rating", "created_at"]).optional(),
  sortOrder: z.enum(["asc", "desc"]).optional(),
  ...pageQuery,
});

const nodeId = z.string().min(1).max(128);

/** `null` takes a setting away. */
const settingsChange = z.strictObject({
  timeoutSeconds: workflowSettings.shape.timeoutSeconds.nullable(),
  maxConcurrency: workflowSettings.shape.maxConcurrency.nullable(),
  retry: workflowSettings.shape.retry.nullable(),
  errorWorkflowId: workflowSettings.shape.errorWorkflowId.nullable(),
  quietHours: workflowSettings.shape.quietHours.nullable(),
});

const customization = z
  .discriminatedUnion("type", [
    z
      .strictObject({
        type: z.literal("set_config").optional().openapi({ description: "What is meant where no type is said" }),
        nodeId,
        path: z.string().min(1).max(500).optional().openapi({ description: "Dotted, into the node's config" }),
        value: anyJson.optional(),
        config: config.optional().openapi({ description: "In place of path and value: fields to set, each whole" }),
      })
      .refine(({ path, config }) => (path === undefined) !== (config === undefined), {
        path: ["path"],
        message: "Either this, with its value, or config is required.",
      })
      .refine(({ path, value }) => path === undefined || value !== undefined, {
        path: ["value"],
        message: "This field is required.",
      }),
    z.strictObject({ type: z.literal("rename_node"), nodeId, label: label(1_000) }),
    z.strictObject({ type: z.literal("remove_node"), nodeId }),
    z.strictObject({ type: z.literal("set_settings"), settings: settingsChange }),
  ])
  .openapi("TemplateCustomization");

export const instantiateBody = z.strictObject({
  name: label(200),
  description: prose(5_000).nullish(),
  variableValues: z.record(z.string().max(128), anyJson).nullish(),
  customizations: z.array(customization).max(200, "Must have at most 200 customizations.").nullish(),
});

export const rateBody = z.strictObject({
  rating: z.int("Must be a whole number from 1 to 5.").min(1, "Must be from 1 to 5.").max(5, "Must be from 1 to 5."),
});

const head = {
  id: z.string(),
  name: z.string(),
  description: z.string(),
  category: z.string(),
  tags: z.array(z.string()),
  previewImage: z.string().nullable(),
  isPublic: z.boolean(),
  /** It comes with the product. */
  isBuiltIn: z.boolean(),
  /** It is the caller's organization's. */
  isOwn: z.boolean(),
  nodeCount: z.int(),
  /** Workflows that were made from it. */
  usageCount: z.int(),
  /** Mean of all ratings, 1 to 5; null while there is none. */
  rating: z.number().nullable(),
  ratingCount: z.int(),
  createdAt: instant,
  updatedAt: instant,
  /** These three are told to its own organization only. */
  createdBy: z.string().nullable(),
  organizationId: z.string().nullable(),
  workflowId: z.string().nullable(),
};

const held = z.object({
  requiredVariables: z.array(templateVariable),
  workflowData,
  triggerType: z.string().nullable(),
  triggerConfig: z.record(z.string(), anyJson),
  settings: workflowSettings,
  /** Triggers beside the graph. */
  triggers: z.array(
    z.object({
      triggerType: z.string(),
      name: z.string(),
      config: z.record(z.string(), anyJson),
      scheduleType: z.string().optional(),
      enabled: z.boolean(),
    }),
  ),
});

const { requiredVariables, triggerType, triggerConfig, settings, triggers } = held.shape;

const listedTemplate = z
  .object({
    ...head,
    /** Among the first six public ones by use and rating. */
    isFeatured: z.boolean(),
    requiredVariables: requiredVariables
      .nullable()
      .openapi({ description: "This and what follows is null where a page with it would have more than 4 MB" }),
    workflowData: workflowData.nullable(),
    triggerType,
    triggerConfig: triggerConfig.nullable(),
    settings: settings.nullable(),
    triggers: triggers.nullable(),
  })
  .openapi("ListedWorkflowTemplate");

const template = z
  .object({
    ...head,
    /** What the caller gave it. */
    yourRating: z.int().nullable(),
    ...held.shape,
  })
  .openapi("WorkflowTemplate");

export const templateList = z.object({
  templates: z.array(listedTemplate),
  /** Of all that the caller may see. */
  categories: z.array(z.object({ id: z.string(), name: z.string(), count: z.int() }).openapi("TemplateCategory")),
  featuredTemplates: z.array(listedTemplate),
  pagination,
});

export const oneTemplate = z.object({ template });
export const madeTemplate = z.object({ template, validationResults: z.array(validationResult) });
export const deletedTemplate = z.object({
  success: z.boolean(),
  template: z.object({ id: z.string(), name: z.string() }),
});

export const instantiated = z.object({
  workflow,
  appliedCustomizations: z.array(
    z
      .object({
        type: z.string(),
        nodeId: z.string().nullable(),
        applied: z.boolean(),
        /** What it did, or why it did nothing. */
        message: z.string(),
      })
      .openapi("AppliedCustomization"),
  ),
  warnings: z.array(z.string()),
});
