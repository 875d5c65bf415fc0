// Runs, schedules, campaigns and outgoing webhooks that should have woken by themselves and did not, for the sweeper.
import { failUnstarted, findUnprocessedStart } from "../../db/queries/executions.ts";
import { deleteSchedules, type ToldSchedule } from "../../db/queries/listening.ts";
import {
  anythingPending,
  findOverdueCampaigns,
  findOverdueDeliveries,
  findOverdueExecutions,
  findOverdueSchedules,
  noteNextRuns,
  type OverdueCampaign,
  type OverdueDelivery,
  type OverdueExecution,
  postponeExecutions,
} from "../../db/queries/sweep.ts";
import { DAY_MS } from "../../lib/durations.ts";
import type { Database, Ports } from "../ports.ts";
import { eventByHand } from "./manual-event.ts";

export type OverdueSchedule = ToldSchedule;
export type Overdue = OverdueExecution;

/** Looked after in one wake. */
const MAX_EXECUTIONS = 500;
const MAX_SCHEDULES = 200;
const MAX_CAMPAIGNS = 200;
/** A campaign says when it wakes, and is awake a little later. */
const CAMPAIGN_GRACE_MS = 30_000;
/** A schedule's event may still be on its way. */
const SCHEDULE_GRACE_MS = 60_000;
const MAX_DELIVERIES = 200;
/** Its object is at the attempt, or tells of it. One that a day of pokes did not move is left to its alarm, and keeps no other from being poked. */
const DELIVERY_GRACE_MS = 120_000;
/** A run that was poked is looked at again after this time, unless it says another. */
const AGAIN_MS = 300_000;

/** `more`: there may be others. */
export const findOverdue = async (
  db: Database,
  now: number,
): Promise<{
  executions: OverdueExecution[];
  schedules: OverdueSchedule[];
  campaigns: OverdueCampaign[];
  deliveries: OverdueDelivery[];
  more: boolean;
}> => {
  const executions = await findOverdueExecutions(db, now, MAX_EXECUTIONS);
  const schedules = await findOverdueSchedules(db, now - SCHEDULE_GRACE_MS, MAX_SCHEDULES);
  const campaigns = await findOverdueCampaigns(db, now - CAMPAIGN_GRACE_MS, MAX_CAMPAIGNS);
  const attempts = { since: now - DAY_MS, until: now - DELIVERY_GRACE_MS };
  const deliveries = await findOverdueDeliveries(db, attempts, MAX_DELIVERIES);
  return { executions, schedules, campaigns, deliveries, more: executions.length === MAX_EXECUTIONS };
};

export const postpone = async (db: Database, executions: readonly OverdueExecution[], now: number): Promise<void> => {
  if (executions.length > 0) await postponeExecutions(db, executions, now + AGAIN_MS);
};

export const isAnythingPending = (db: Database): Promise<boolean> => anythingPending(db);

/**
 * A run that its object knows nothing of: who executed it by hand may have died before the stream had its event, which is told now. Does nothing
 * to a run that has told its own state.
 */
export const endUnstarted = async (
  { db, inbox, now }: Pick<Ports, "db" | "inbox" | "now">,
  organizationId: string,
  id: string,
): Promise<void> => {
  const start = await findUnprocessedStart(db, organizationId, id);
  // Before the row is settled: who cannot be told now is found again.
  if (start) await inbox.accept(eventByHand(organizationId, start.event, start.workflowId));
  await failUnstarted(db, { organizationId, id }, "The run was accepted and never started", now()).run();
};

/** The row of a schedule whose object is still. One that is wanted again stays, overdue, and is told by the next round. */
export const forgetSchedule = async (db: Database, organizationId: string, id: string): Promise<void> => {
  await deleteSchedules(db, organizationId, [id]).run();
};

/** What schedules' objects said when they were woken. */
export const noteTimes = async (
  db: Database,
  times: readonly { organizationId: string; id: string; nextAt: number | null }[],
): Promise<void> => {
  if (times.length > 0) await noteNextRuns(db, times).run();
};
