// …/config: what an editor offers to choose from. A handler is verb and convert.
import { readActionOptions } from "../../../domain/configuration/read-action-options.ts";
import { readTriggerOptions } from "../../../domain/configuration/read-trigger-options.ts";
import { ALWAYS, BASE, enhancedOperations } from "../operations.ts";
import * as convert from "./convert.ts";
import * as schema from "./schema.ts";

const tag = "Configuration";

const { routes, operation } = enhancedOperations();

export { routes };

operation(
  {
    method: "get",
    path: `${BASE}/config/triggers`,
    summary: "List what triggers and conditions may refer to: lead sources, forms, tags and attributes that were seen",
    tag,
    answers: { 200: schema.triggerConfig },
    errors: ALWAYS,
  },
  async (c) => c.json(convert.toTriggerConfig(await readTriggerOptions(c.var.context))),
);

operation(
  {
    method: "get",
    path: `${BASE}/config/actions`,
    summary: "List what actions may refer to: templates, integrations, the organization's own actions",
    tag,
    answers: { 200: schema.actionConfig },
    errors: ALWAYS,
  },
  async (c) => c.json(convert.toActionConfig(await readActionOptions(c.var.context))),
);
