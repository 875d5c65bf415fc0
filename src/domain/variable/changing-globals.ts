// Changes of an organisation's variables, which rest on how all of them were read: who was slower looks again.
import { areGlobalsChangedMeanwhile, findVariablesAt, refuseChangedGlobals } from "../../db/queries/variables.ts";
import type { Context } from "../context.ts";
import { changedMeanwhile, changing } from "../workflow/changing.ts";

/** `attempt` reads them and writes with the batch that it is given. */
export const changingGlobals = <T>(
  { ports: { db }, principal: { organizationId } }: Context,
  attempt: (write: (statements: D1PreparedStatement[]) => Promise<void>) => Promise<T>,
): Promise<T> =>
  changing(async () => {
    const at = await findVariablesAt(db, organizationId);
    return attempt(async (statements) => {
      await db.batch([refuseChangedGlobals(db, organizationId, at), ...statements]).catch((error: unknown) => {
        throw areGlobalsChangedMeanwhile(error) ? changedMeanwhile("variable") : error;
      });
    });
  });
