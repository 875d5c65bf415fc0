// The only place where the wire names of triggers meet ours.
import type { z } from "zod";
import type { PartInput, Trigger } from "../../../domain/marketing/part.ts";
import type { PartChange, PartFilter } from "../../../domain/marketing/parts.ts";
import type { WorkflowOfTrigger } from "../../../domain/marketing/workflows-of-trigger.ts";
import type { Json } from "../../../lib/json.ts";
import { instant } from "../convert.ts";
import type { fullTrigger, someTrigger, triggerFilter } from "./schema.ts";

/** Null says that there are none. */
const filtersOf = (filters: Json | undefined): Json => filters ?? {};

export const fromTrigger = (body: z.output<typeof fullTrigger>): PartInput<"trigger"> => ({
  name: body.name,
  description: body.description ?? "",
  type: body.trigger_type,
  isActive: body.is_active ?? true,
  body: { filters: filtersOf(body.filters), schedule: body.schedule ?? null },
});

export const fromTriggerChange = (body: z.output<typeof someTrigger>): PartChange<"trigger"> => ({
  ...(body.name !== undefined && { name: body.name }),
  ...(body.description !== undefined && { description: body.description }),
  ...(body.trigger_type !== undefined && { type: body.trigger_type }),
  ...(body.is_active !== undefined && { isActive: body.is_active }),
  body: {
    ...(body.filters !== undefined && { filters: filtersOf(body.filters) }),
    ...(body.schedule !== undefined && { schedule: body.schedule }),
  },
});

export const fromTriggerFilter = (query: z.output<typeof triggerFilter>): PartFilter => ({
  ...(query.trigger_type !== undefined && { type: query.trigger_type }),
  ...(query.is_active !== undefined && { isActive: query.is_active }),
  ...(query.search !== undefined && { search: query.search }),
});

export const toTrigger = ({ id, name, description, type, isActive, body, createdAt, updatedAt }: Trigger) => ({
  id,
  name,
  description,
  trigger_type: type,
  filters: body.filters,
  schedule: body.schedule ?? null,
  is_active: isActive,
  created_at: instant(createdAt),
  updated_at: instant(updatedAt),
});

export const toWorkflowOfTrigger = ({ id, name, status, priority, specificConditions }: WorkflowOfTrigger) => ({
  id,
  name,
  status: status.toUpperCase(),
  priority,
  specific_conditions: specificConditions,
});
