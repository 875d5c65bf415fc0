// What a schedule does when it wakes: the event of the latest time that has come, and the time after it. Pure but for hashing.
import { derivedId } from "../../lib/ids.ts";
import { type CronTerms, nextRun } from "../../triggers/cron.ts";
import type { StreamEvent } from "../event.ts";

/** Counting what was missed ends here; the rest is skipped at once. */
const MAX_MISSED = 1_000;

export type ScheduleTimes = {
  scheduleId: string;
  organizationId: string;
  workflowId: string;
  nodeId: string;
  cron: string;
  timezone: string;
  /** Epoch ms; null when it will never run again. */
  nextAt: number | null;
};

export type Planned = { event: StreamEvent; nextAt: number | null };

/** The first time later than `after`, both epoch ms; null when there is none. */
export const nextTime = (terms: CronTerms, after: number): number | null => nextRun(terms, after);

const isoOf = (epochMs: number): string => new Date(epochMs).toISOString();

/** Null while nothing is due. Of several times that have passed, the latest runs, and `data.missed` says how many did not. */
export const planRun = async (schedule: ScheduleTimes, now: number): Promise<Planned | null> => {
  if (schedule.nextAt === null || schedule.nextAt > now) return null;
  let planned = schedule.nextAt;
  let following = nextTime(schedule, planned);
  let missed = 0;
  while (following !== null && following <= now && missed < MAX_MISSED) {
    planned = following;
    following = nextTime(schedule, planned);
    missed++;
  }
  // Beyond the count the rest is skipped at once.
  const nextAt = following !== null && following <= now ? nextTime(schedule, now) : following;
  const { scheduleId, organizationId, workflowId, nodeId } = schedule;
  const event: StreamEvent = {
    id: await derivedId(planned, "schedule", scheduleId, String(planned)),
    organizationId,
    type: "SCHEDULED",
    source: `schedule:${scheduleId}`,
    data: { scheduled_for: isoOf(planned), missed, next_at: nextAt === null ? null : isoOf(nextAt) },
    occurredAt: now,
    depth: 0,
    target: { workflowId, nodeIds: [nodeId] },
  };
  return { event, nextAt };
};
