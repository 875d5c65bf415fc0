// What actions may name in an organisation: the catalogue, its templates by the channels that can carry them, the outside systems, actions of its
// own.
import { countSegments } from "../../channels/index.ts";
import { type ActionDefinitions, listActionDefinitions } from "../action/list-definitions.ts";
import type { Context } from "../context.ts";
import { listTemplates } from "../template/read-template.ts";
import type { Template } from "../template/template.ts";

const MAX_TEMPLATES = 500;

export type ActionOptions = ActionDefinitions & {
  /**
   * Newest first, the active ones. A text goes by any channel; one that a provider has approved (`contentSid`) is WhatsApp's. `segments`: as an
   * SMS, before variables.
   */
  templates: (Template & { segments: number })[];
};

export const readActionOptions = async (context: Context): Promise<ActionOptions> => {
  const [definitions, { rows }] = await Promise.all([
    listActionDefinitions(context),
    listTemplates(context, { limit: MAX_TEMPLATES, offset: 0 }),
  ]);
  const active = rows.filter(({ isActive }) => isActive);
  const templates = active.map((row) => ({ ...row, segments: countSegments(row.content).segments }));
  return { ...definitions, templates };
};
