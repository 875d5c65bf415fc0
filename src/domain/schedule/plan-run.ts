// What a schedule does when it wakes: the event of the latest time that has come, and the time after it. Pure but for hashing.
import { derivedId } from "../../lib/ids.ts";
import { nextTime, type ScheduleTerms, sameTerms } from "../../triggers/schedule-terms.ts";
import type { StreamEvent } from "../event.ts";

/** Counting what was missed ends here; the rest is skipped at once. */
const MAX_MISSED = 1_000;

export type ScheduleTimes = ScheduleTerms & {
  scheduleId: string;
  organizationId: string;
  workflowId: string;
  nodeId: string;
  /** Epoch ms; null when it will never run again. */
  nextAt: number | null;
};

export type Planned = { event: StreamEvent; nextAt: number | null };

const isoOf = (epochMs: number): string => new Date(epochMs).toISOString();

/**
 * When a schedule that is set now runs next. Setting it again must not skip a time that is due, nor must a way to its object that took long:
 * `since` (epoch ms) is when it was wanted.
 */
export const timeWhenSet = (
  before: (ScheduleTerms & { nextAt: number | null }) | undefined,
  terms: ScheduleTerms & { since: number | null },
  now: number,
): number | null => (before && sameTerms(before, terms) ? before.nextAt : nextTime(terms, terms.since ?? now));

/** The latest planned time that has come, how many before it did not run, and the next one. */
const latest = (terms: ScheduleTerms, first: number, now: number) => {
  if (terms.everyMs !== null) {
    const missed = Math.floor((now - first) / terms.everyMs);
    const planned = first + missed * terms.everyMs;
    return { planned, missed, nextAt: planned + terms.everyMs };
  }
  let planned = first;
  let following = nextTime(terms, planned);
  let missed = 0;
  while (following !== null && following <= now && missed < MAX_MISSED) {
    planned = following;
    following = nextTime(terms, planned);
    missed++;
  }
  // Beyond the count the rest is skipped at once.
  return { planned, missed, nextAt: following !== null && following <= now ? nextTime(terms, now) : following };
};

/** Null while nothing is due. Of several times that have passed, the latest runs, and `data.missed` says how many did not. */
export const planRun = async (schedule: ScheduleTimes, now: number): Promise<Planned | null> => {
  if (schedule.nextAt === null || schedule.nextAt > now) return null;
  const { planned, missed, nextAt } = latest(schedule, schedule.nextAt, now);
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
