// The only place where the wire names of event types meet ours.
import type { z } from "zod";
import type { EventType, PartInput } from "../../../domain/marketing/part.ts";
import type { PartChange } from "../../../domain/marketing/parts.ts";
import { instant } from "../convert.ts";
import type { newEventType, someEventType } from "./schema.ts";

export const fromEventType = (body: z.output<typeof newEventType>): PartInput<"event_type"> => ({
  name: body.name,
  description: body.description ?? "",
  type: body.code,
  isActive: body.is_active ?? true,
  body: { category: body.category ?? "custom", availableFields: body.available_fields ?? {} },
});

export const fromEventTypeChange = (body: z.output<typeof someEventType>): PartChange<"event_type"> => ({
  ...(body.name !== undefined && { name: body.name }),
  ...(body.description !== undefined && { description: body.description }),
  ...(body.code !== undefined && { type: body.code }),
  ...(body.is_active !== undefined && { isActive: body.is_active }),
  body: {
    ...(body.category !== undefined && { category: body.category }),
    ...(body.available_fields !== undefined && { availableFields: body.available_fields }),
  },
});

/** Built-in ones were never made. */
const moment = (epochMs: number): string | null => (epochMs === 0 ? null : instant(epochMs));

export const toEventType = ({ id, name, type, description, isActive, body, createdAt, updatedAt }: EventType) => ({
  id,
  name,
  code: type,
  category: body.category,
  description,
  available_fields: body.availableFields,
  is_active: isActive,
  is_built_in: createdAt === 0,
  created_at: moment(createdAt),
  updated_at: moment(updatedAt),
});
