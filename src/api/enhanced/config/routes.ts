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
    summary: "What triggers and conditions may name: lead sources, forms, tags and attributes that were seen",
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
    summary: "What actions may name: templates, outside systems, actions of the organization's own",
    tag,
    answers: { 200: schema.actionConfig },
    errors: ALWAYS,
  },
  async (c) => c.json(convert.toActionConfig(await readActionOptions(c.var.context))),
);
