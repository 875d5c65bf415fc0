// The event type of a code: a built-in one, or one of the organisation's own.
import { findEventTypes } from "../../db/queries/marketing-parts.ts";
import type { Database } from "../ports.ts";
import { builtInEventTypes } from "./built-in-event-types.ts";
import { type EventType, partOf } from "./part.ts";

/** Undefined for a code that is nobody's, or that was switched off. */
export const knownEventType = async (
  db: Database,
  organizationId: string,
  code: string,
): Promise<EventType | undefined> => {
  const builtIn = builtInEventTypes(organizationId).find(({ type }) => type === code);
  if (builtIn) return builtIn;
  const [row] = await findEventTypes(db, organizationId, [code]);
  return row?.isActive ? partOf<"event_type">(row) : undefined;
};
