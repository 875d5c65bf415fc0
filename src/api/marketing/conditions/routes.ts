// …/conditions: a route an operation. A handler is parse, convert, verb, convert.
import { createPart, listParts } from "../../../domain/marketing/parts.ts";
import { marketingOperations } from "../operations.ts";
import { resource } from "../resource.ts";
import * as convert from "./convert.ts";
import * as schema from "./schema.ts";

const { routes, operation } = marketingOperations();

export { routes };

resource(operation, {
  kind: "condition",
  path: "conditions",
  name: "a condition",
  tag: "Conditions",
  created: schema.fullCondition,
  full: schema.fullCondition,
  some: schema.someCondition,
  filter: schema.conditionFilter,
  row: schema.condition,
  create: (context, body) => createPart(context, "condition", convert.fromCondition(body)),
  fromChange: convert.fromConditionChange,
  list: (context, query, page) => listParts(context, "condition", convert.fromConditionFilter(query), page),
  to: convert.toCondition,
});
