// …/triggers: a route an operation. A handler is parse, convert, verb, convert.
import { createPart } from "../../../domain/marketing/parts.ts";
import { marketingOperations } from "../operations.ts";
import { resource } from "../resource.ts";
import * as convert from "./convert.ts";
import * as schema from "./schema.ts";

const { routes, operation } = marketingOperations();

export { routes };

resource(operation, {
  kind: "trigger",
  path: "triggers",
  name: "a trigger",
  tag: "Triggers",
  created: schema.fullTrigger,
  full: schema.fullTrigger,
  some: schema.someTrigger,
  filter: schema.triggerFilter,
  row: schema.trigger,
  create: (context, body) => createPart(context, "trigger", convert.fromTrigger(body)),
  fromChange: convert.fromTriggerChange,
  fromFilter: convert.fromTriggerFilter,
  to: convert.toTrigger,
});
