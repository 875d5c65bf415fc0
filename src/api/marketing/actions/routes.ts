// …/actions: a route an operation. A handler is parse, convert, verb, convert.
import { createAction } from "../../../domain/marketing/create-action.ts";
import { marketingOperations } from "../operations.ts";
import { resource } from "../resource.ts";
import * as convert from "./convert.ts";
import * as schema from "./schema.ts";

const { routes, operation } = marketingOperations();

export { routes };

resource(operation, {
  kind: "action",
  path: "actions",
  name: "an action",
  tag: "Actions",
  created: schema.newAction,
  full: schema.fullAction,
  some: schema.someAction,
  filter: schema.actionFilter,
  row: schema.action,
  create: (context, { workflow, is_required = true, condition_id = null, ...body }) =>
    createAction(
      context,
      convert.fromAction(body),
      workflow ? { workflowId: workflow, isRequired: is_required, conditionId: condition_id } : null,
    ),
  fromChange: convert.fromActionChange,
  fromFilter: convert.fromActionFilter,
  to: convert.toAction,
});
