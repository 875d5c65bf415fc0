// How many of the executions that are listed were created within a time.
import { countRunIds, findFirstRunId, selectCreated } from "../../db/queries/run-counts.ts";
import { MAX_COUNTED, type RunStatus } from "../../db/queries/run-lists.ts";
import { DAY_MS } from "../../lib/durations.ts";
import { earliestId, timeOfId } from "../../lib/ids.ts";
import { QUARTER_MS } from "../analytics/calendar.ts";
import { type Tally, tallyOf } from "../analytics/tally.ts";
import { wantedDays } from "../analytics/wanted-days.ts";
import type { Database } from "../ports.ts";

type Wanted = {
  workflowId?: string;
  visibleTo?: string;
  statuses?: readonly RunStatus[];
  /** Epoch ms; `to` is left out. */
  from: number;
  to: number;
};

const TALLIED: { [status in RunStatus]?: keyof Tally } = {
  completed: "completed",
  failed: "failed",
  cancelled: "cancelled",
  timed_out: "timedOut",
};

/**
 * Exact, for runs that have ended and for all together: whole quarters of an hour come from rollups, the rest is counted. Those that go on are
 * counted as far as anybody pages.
 */
export const countCreated = async (
  db: Database,
  organizationId: string,
  wanted: Wanted,
  now: number,
): Promise<number> => {
  const { statuses, ...of } = wanted;
  // Ids hold times from 1970 on, with 48 bits.
  const from = Math.max(wanted.from, 0);
  const to = Math.min(wanted.to, 2 ** 48 - 1);
  const count = (first: number, last: number): Promise<number> =>
    first >= last
      ? Promise.resolve(0)
      : countRunIds(db, organizationId, {
          ...of,
          statuses,
          fromId: earliestId(first),
          toId: earliestId(last),
          limit: MAX_COUNTED,
        });
  const tallied = statuses?.map((status) => TALLIED[status]) ?? ["started" as const];
  if (tallied.includes(undefined)) return count(from, to);
  // Rollups outlive what retention has taken off the lists.
  const firstId = await findFirstRunId(db, organizationId, of);
  if (firstId === null) return 0;
  const begin = Math.max(from, timeOfId(firstId) ?? 0);
  const end = Math.min(to, now + DAY_MS);
  if (begin >= end) return 0;
  const span = {
    from: Math.ceil(begin / QUARTER_MS) * QUARTER_MS,
    to: Math.floor(end / QUARTER_MS) * QUARTER_MS,
  };
  if (span.from >= span.to) return count(begin, end);
  const [rows, before, after] = await Promise.all([
    selectCreated(
      db,
      organizationId,
      of,
      wantedDays([span], () => false),
    ),
    count(begin, span.from),
    count(span.to, end),
  ]);
  const tally = tallyOf(rows, span);
  return before + after + tallied.reduce((sum, name) => sum + tally[name!], 0);
};
