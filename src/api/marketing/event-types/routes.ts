// …/event-types: a route an operation. A handler is parse, convert, verb, convert.
import { listEventTypes } from "../../../domain/marketing/list-event-types.ts";
import { createPart } from "../../../domain/marketing/parts.ts";
import { marketingOperations } from "../operations.ts";
import { resource } from "../resource.ts";
import * as convert from "./convert.ts";
import * as schema from "./schema.ts";

const { routes, operation } = marketingOperations();

export { routes };

resource(operation, {
  kind: "event_type",
  path: "event-types",
  name: "an event type",
  tag: "Event types",
  created: schema.newEventType,
  full: schema.fullEventType,
  some: schema.someEventType,
  filter: schema.eventTypeFilter,
  row: schema.eventType,
  create: (context, body) => createPart(context, "event_type", convert.fromEventType(body)),
  fromChange: convert.fromEventTypeChange,
  list: (context, query, page) => {
    const { category, search } = query;
    const filter = { ...(category !== undefined && { category }), ...(search !== undefined && { search }) };
    return listEventTypes(context, filter, page);
  },
  to: convert.toEventType,
});
