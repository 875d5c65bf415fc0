// What runs of an organisation start with beside what their workflow and their caller say. Who gives a run's variables, gives them over the
// workflow's; the workflow's own go before the organisation's.
import { listGlobals } from "../../db/queries/variables.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { Database } from "../ports.ts";

/** Whether there are any is read along with what is started: null as a rule. */
export const globalsAtOf = ({ variablesAt }: { variablesAt?: number | null }): { globalsAt?: number } =>
  variablesAt ? { globalsAt: variablesAt } : {};

type Read = { organizationId: string; variablesAt?: number | null };

/** By organisation, of those of a batch that have some. */
export const globalsAtOfAll = ({
  candidates,
  targets,
}: Record<"candidates" | "targets", readonly Read[]>): ReadonlyMap<string, number> =>
  new Map(
    [...candidates, ...targets].flatMap(({ organizationId, variablesAt }) =>
      variablesAt ? [[organizationId, variablesAt] as const] : [],
    ),
  );

export const readGlobals = async (db: Database, organizationId: string): Promise<JsonObject> => {
  const rows = await listGlobals(db, organizationId);
  return Object.fromEntries(rows.flatMap(({ name, value }) => (value === null ? [] : [[name, value]])));
};

/** `own`: what the workflow's version starts with. */
export const withGlobals = (globals: JsonObject, own: JsonObject, given: JsonObject): JsonObject => ({
  ...Object.fromEntries(Object.entries(globals).filter(([name]) => !Object.hasOwn(own, name))),
  ...given,
});
