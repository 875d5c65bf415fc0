// Global variables by organisation, as runs start with them: read once an isolate for each state that they were in.
import { databaseOf } from "../../domain/database.ts";
import { readGlobals } from "../../domain/variable/globals.ts";
import type { Env } from "../../env.ts";
import type { JsonObject } from "../../lib/json.ts";

/** Organisations whose variables an isolate keeps; each has some 100 kB at the most. */
const MAX_KEPT = 50;

const kept = new Map<string, { at: number; variables: Promise<JsonObject> }>();

/** `at`: as the start has seen it; a later state is as good. */
export const globalsOf = (env: Env, organizationId: string, at: number): Promise<JsonObject> => {
  const known = kept.get(organizationId);
  if (known && known.at >= at) return known.variables;
  const variables = readGlobals(databaseOf(env.DB), organizationId);
  variables.catch(() => kept.delete(organizationId));
  kept.delete(organizationId);
  kept.set(organizationId, { at, variables });
  for (const oldest of kept.keys()) {
    if (kept.size <= MAX_KEPT) break;
    kept.delete(oldest);
  }
  return variables;
};
