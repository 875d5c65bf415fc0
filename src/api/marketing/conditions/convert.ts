// The only place where the wire names of conditions meet ours.
import type { z } from "zod";
import type { Condition, PartInput } from "../../../domain/marketing/part.ts";
import type { PartChange, PartFilter } from "../../../domain/marketing/parts.ts";
import { instant } from "../convert.ts";
import type { conditionFilter, fullCondition, someCondition } from "./schema.ts";

export const fromCondition = (body: z.output<typeof fullCondition>): PartInput<"condition"> => ({
  name: body.name,
  description: body.description ?? "",
  type: "",
  isActive: true,
  body: {
    operator: body.operator ?? "and",
    conditions: body.conditions ?? [],
    useCustomCode: body.use_custom_code ?? false,
    customCode: body.custom_code ?? "",
    language: body.language ?? "python",
  },
});

export const fromConditionChange = (body: z.output<typeof someCondition>): PartChange<"condition"> => ({
  ...(body.name !== undefined && { name: body.name }),
  ...(body.description !== undefined && { description: body.description }),
  body: {
    ...(body.operator !== undefined && { operator: body.operator }),
    ...(body.conditions !== undefined && { conditions: body.conditions }),
    ...(body.use_custom_code !== undefined && { useCustomCode: body.use_custom_code }),
    ...(body.custom_code !== undefined && { customCode: body.custom_code ?? "" }),
    ...(body.language !== undefined && { language: body.language }),
  },
});

export const fromConditionFilter = (query: z.output<typeof conditionFilter>): PartFilter => ({
  ...(query.search !== undefined && { search: query.search }),
});

export const toCondition = ({ id, name, description, body, createdAt, updatedAt }: Condition) => ({
  id,
  name,
  description,
  operator: body.operator,
  conditions: body.conditions,
  use_custom_code: body.useCustomCode,
  custom_code: body.customCode,
  language: body.language,
  created_at: instant(createdAt),
  updated_at: instant(updatedAt),
});
