// Facts of contacts whose attributes somebody wrote alone (a workflow's step, mostly): a trigger has left a mark on them, and whoever asks the index
// next makes the facts first. So the index tells the truth whenever it is read, whoever writes.
import { selectUnsettled, settle, type Unsettled } from "../../db/queries/facts.ts";
import { DomainError } from "../errors.ts";
import type { Database } from "../ports.ts";
import { factsText } from "./facts.ts";

/** Contacts a statement. */
const BATCH = 500;
/** Two statements each; a request may make a thousand. */
const ROUNDS = 150;

/** Two statements for each 500 contacts with a mark, one when there is none. Throws `unavailable` when there are too many for one request. */
export const settleFacts = async (db: Database, organizationId: string): Promise<void> => {
  for (let round = 0; round < ROUNDS; round++) {
    const { results } = await selectUnsettled(db, organizationId, BATCH).all<Unsettled>();
    if (results.length === 0) return;
    const settled = results.map(({ id, attributes }) => ({ id, attributes, facts: factsText(JSON.parse(attributes)) }));
    await settle(db, organizationId, settled).run();
    // A mark that comes back at once, because somebody keeps writing, holds nobody up: what they write now is not yet asked for.
    if (results.length < BATCH) return;
  }
  throw new DomainError("unavailable", "Contacts are being prepared for segments; try again", { retryAfterSeconds: 1 });
};
