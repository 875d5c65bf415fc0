// A workflow with what is known of it beside its row: the number of its version, and how often and when it ran.
import { type Standing, selectStandings } from "../../../db/queries/workflow-list.ts";
import type { Database } from "../../ports.ts";
import type { Workflow, WorkflowSummary } from "../workflow.ts";

export type { Standing };

/** `version`: the number of the published one, 0 when there is none. Runs that retention has taken off the lists count on. */
export type WorkflowRecord = Workflow & Standing;

export const NEVER_RUN: Standing = { version: 0, usageCount: 0, lastRunAt: null, completed: 0, failed: 0, inFlight: 0 };

/** One read. Of any authoring API. */
export const standingsOf = async (
  db: Database,
  organizationId: string,
  ids: readonly string[],
): Promise<Map<string, Standing>> =>
  new Map((await selectStandings(db, organizationId, ids)).map(({ id, ...one }) => [id, one]));

/** One read. */
export const recordOf = async <W extends WorkflowSummary>(db: Database, workflow: W): Promise<W & Standing> => {
  const standings = await standingsOf(db, workflow.organizationId, [workflow.id]);
  return { ...workflow, ...(standings.get(workflow.id) ?? NEVER_RUN) };
};
