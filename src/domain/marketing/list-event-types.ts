// The events that an organisation's triggers may wait for: those that the product makes, then its own, newest first.
import type { Context } from "../context.ts";
import { authorizeRole } from "../permission.ts";
import { builtInEventTypes } from "./built-in-event-types.ts";
import type { EventType } from "./part.ts";
import { listParts } from "./parts.ts";

export const listEventTypes = async (
  context: Context,
  { category, search = "" }: { category?: string; search?: string },
  { limit, offset }: { limit: number; offset: number },
): Promise<{ rows: EventType[]; total: number }> => {
  authorizeRole(context.principal, "viewer", "read");
  const wanted = search.toLowerCase();
  const builtIn = builtInEventTypes(context.principal.organizationId).filter(
    ({ name, description, type, body }) =>
      (category === undefined || body.category === category) &&
      [name, description, type].some((text) => text.toLowerCase().includes(wanted)),
  );
  const first = builtIn.slice(offset, offset + limit);
  const page = { limit: limit - first.length, offset: Math.max(0, offset - builtIn.length) };
  const filter = { search, ...(category !== undefined && { category }) };
  const { rows, total } = await listParts(context, "event_type", filter, page);
  return { rows: [...first, ...rows], total: builtIn.length + total };
};
