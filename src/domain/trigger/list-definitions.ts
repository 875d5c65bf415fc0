// What a workflow may be triggered by: the catalogue's types with their schemas, the events that this product makes, and the organisation's own.
import type { JsonObject } from "../../lib/json.ts";
import { jsonSchemaOf } from "../../lib/json-schema.ts";
import { triggerTypes } from "../../triggers/index.ts";
import type { Context } from "../context.ts";
import { builtInEventTypes } from "../marketing/built-in-event-types.ts";
import type { EventType } from "../marketing/part.ts";
import { listParts } from "../marketing/parts.ts";
import { authorizeRole } from "../permission.ts";

export const TRIGGER_CATEGORIES = {
  messaging: "What people write, tap and answer",
  events: "What happens in the organization or is told by an API",
  schedule: "Times",
  webhook: "Calls from outside",
  manual: "People, the API and other workflows",
} as const;
export type TriggerCategory = keyof typeof TRIGGER_CATEGORIES;

export type TriggerDefinition = {
  type: string;
  title: string;
  description: string;
  category: TriggerCategory;
  startedBy: string;
  /** JSON Schema of its config. */
  configSchema: JsonObject;
};

const CATEGORY: Record<string, TriggerCategory> = { schedule: "schedule", webhook: "webhook", hand: "manual" };

let made: TriggerDefinition[] | undefined;

/** Made once an isolate. */
const triggerDefinitions = (): TriggerDefinition[] => {
  made ??= [...triggerTypes.values()].map(({ type, title, description, startedBy, schema }) => ({
    type,
    title,
    description,
    category: CATEGORY[startedBy] ?? (type === "trigger_event" ? "events" : "messaging"),
    startedBy,
    configSchema: jsonSchemaOf(schema),
  }));
  return made;
};

/** Of an organisation's own event types so many are listed. */
const MAX_OWN = 1_000;

export const listTriggerDefinitions = async (
  context: Context,
): Promise<{ definitions: TriggerDefinition[]; builtIn: EventType[]; own: EventType[] }> => {
  authorizeRole(context.principal, "viewer", "read");
  const { rows } = await listParts(context, "event_type", {}, { limit: MAX_OWN, offset: 0 });
  return {
    definitions: triggerDefinitions(),
    builtIn: builtInEventTypes(context.principal.organizationId),
    own: rows.filter(({ isActive }) => isActive),
  };
};
