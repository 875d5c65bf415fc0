// The only place where the wire names of actions meet ours.
import type { z } from "zod";
import type { ActionType } from "../../../domain/marketing/action-types.ts";
import type { Action, PartInput } from "../../../domain/marketing/part.ts";
import type { PartChange, PartFilter } from "../../../domain/marketing/parts.ts";
import type { TriedAction } from "../../../domain/marketing/try-action.ts";
import { instant } from "../convert.ts";
import type { actionFilter, fullAction, someAction } from "./schema.ts";

export const fromAction = (body: z.output<typeof fullAction>): PartInput<"action"> => ({
  name: body.name,
  description: body.description ?? "",
  type: body.action_type,
  isActive: body.is_active ?? true,
  body: { configuration: body.configuration, order: body.order ?? 0, delaySeconds: body.delay ?? 0 },
});

export const fromActionChange = (body: z.output<typeof someAction>): PartChange<"action"> => ({
  ...(body.name !== undefined && { name: body.name }),
  ...(body.description !== undefined && { description: body.description }),
  ...(body.action_type !== undefined && { type: body.action_type }),
  ...(body.is_active !== undefined && { isActive: body.is_active }),
  body: {
    ...(body.configuration !== undefined && { configuration: body.configuration }),
    ...(body.order !== undefined && { order: body.order }),
    ...(body.delay !== undefined && { delaySeconds: body.delay }),
  },
});

export const fromActionFilter = (query: z.output<typeof actionFilter>): PartFilter => ({
  ...(query.action_type !== undefined && { type: query.action_type }),
  ...(query.is_active !== undefined && { isActive: query.is_active }),
  ...(query.search !== undefined && { search: query.search }),
});

export const toAction = ({ id, name, description, type, isActive, body, createdAt, updatedAt }: Action) => ({
  id,
  name,
  description,
  action_type: type,
  configuration: body.configuration,
  order: body.order,
  delay: body.delaySeconds,
  is_active: isActive,
  created_at: instant(createdAt),
  updated_at: instant(updatedAt),
});

export const toParameterTemplate = ({ value, label, description, parameters }: ActionType) => ({
  action_type: value,
  label,
  description,
  parameters: parameters.map((one) => ({
    name: one.name,
    label: one.label,
    type: one.type,
    required: one.required,
    description: one.description,
    default: one.default ?? null,
    choices: one.choices ? [...one.choices] : null,
    supports_templates: one.templates,
    example: one.example,
  })),
  example: Object.fromEntries(
    parameters.filter(({ required }) => required).map(({ name, example }) => [name, example]),
  ),
});

/** What was rendered also stands at the top, by its name: a message, a recipient, a payload. */
export const toTried = ({ action, rendered, problems, ...more }: TriedAction) => ({
  ...rendered,
  action_id: action.id,
  action_type: action.type,
  success: problems.length === 0,
  rendered,
  ...more,
  errors: Object.fromEntries(problems.map(({ field, message }) => [field, [message]])),
});
