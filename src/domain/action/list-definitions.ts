// What workflows of an organisation may do: the catalogue, actions of its own, and the outside systems that they reach.
import type { Context } from "../context.ts";
import type { Action } from "../marketing/part.ts";
import { listParts } from "../marketing/parts.ts";
import { authorizeRole } from "../permission.ts";
import { type ActionDefinition, actionDefinitions } from "./definitions.ts";
import { type Integration, readIntegrations } from "./integrations.ts";

export type ActionDefinitions = {
  definitions: readonly ActionDefinition[];
  /** Code and requests that the organisation has made actions of. */
  own: Action[];
  integrations: Integration[];
};

/** Of each kind of an organisation's own actions so many are listed. */
const MAX_OWN = 500;

export const listActionDefinitions = async (context: Context): Promise<ActionDefinitions> => {
  authorizeRole(context.principal, "viewer", "read");
  const page = { limit: MAX_OWN, offset: 0 };
  const [code, requests, integrations] = await Promise.all([
    listParts(context, "action", { type: "custom_code", isActive: true }, page),
    listParts(context, "action", { type: "webhook", isActive: true }, page),
    readIntegrations(context),
  ]);
  return { definitions: actionDefinitions(), own: [...code.rows, ...requests.rows], integrations };
};
