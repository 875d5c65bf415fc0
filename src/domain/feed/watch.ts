// What a Feed tells the database of the watch on its workflow, and reads there: the workflow as it is, and runs that it has not heard of.
import {
  countListeners,
  endWatch as endWatchStatement,
  selectOpenRuns,
  selectRunsSince,
  selectWatchedWorkflow,
  setWatch as setWatchStatement,
  type WatchedWorkflow,
} from "../../db/queries/watches.ts";
import { earliestId } from "../../lib/ids.ts";
import type { Database } from "../ports.ts";

export type { WatchedWorkflow } from "../../db/queries/watches.ts";

export type WatchKey = { organizationId: string; workflowId: string };
/** `until`: epoch ms; `listeners`: open streams. */
export type Watch = { until: number; listeners: number };

export const setWatch = async (db: Database, key: WatchKey, watch: Watch): Promise<void> => {
  await setWatchStatement(db, key, watch).run();
};

/** Unless somebody watches again. */
export const endWatch = async (db: Database, key: WatchKey, now: number): Promise<void> => {
  await endWatchStatement(db, key, now).run();
};

/** In one batch with `setWatch`: the open streams of the organisation, and the workflow. */
export const beginWatch = async (
  db: Database,
  key: WatchKey,
  watch: Watch,
  now: number,
): Promise<{ ofOrganization: number; workflow: WatchedWorkflow | undefined }> => {
  const [, count, found] = await db.batch<{ n: number } & WatchedWorkflow>([
    setWatchStatement(db, key, watch),
    countListeners(db, key.organizationId, now),
    selectWatchedWorkflow(db, key),
  ]);
  return { ofOrganization: count!.results[0]!.n, workflow: found!.results[0] };
};

export const readWatched = async (db: Database, key: WatchKey): Promise<WatchedWorkflow | undefined> =>
  (await selectWatchedWorkflow(db, key).first<WatchedWorkflow>()) ?? undefined;

const idsOf = async (statement: D1PreparedStatement): Promise<string[]> =>
  (await statement.all<{ id: string }>()).results.map(({ id }) => id);

/** Runs under way, the latest first. */
export const openRuns = (db: Database, key: WatchKey, limit: number): Promise<string[]> =>
  idsOf(selectOpenRuns(db, key, limit));

/** A run's row may be written so much later than its id says, in ms. */
export const LATE_MS = 60_000;

/** The id from which on runs are looked for that have begun at `time` (epoch ms) or later. */
export const idsFrom = (time: number): string => earliestId(time - LATE_MS);

export const runsSince = (db: Database, key: WatchKey, from: string, limit: number): Promise<string[]> =>
  idsOf(selectRunsSince(db, key, from, limit));
