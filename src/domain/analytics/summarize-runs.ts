// What became of executions that were made in a time, in a few figures: for lists that say what they are about.
import { daysOfResult, errorDaysOfResult, selectDays, selectErrorDays } from "../../db/queries/analytics.ts";
import { DAY_MS } from "../../lib/durations.ts";
import type { Context } from "../context.ts";
import { openWorkflowHead } from "../workflow/access.ts";
import { daysOf, toQuarters } from "./calendar.ts";
import { type FailureReason, failureReasons } from "./errors.ts";
import { figuresOf, tallyOf } from "./tally.ts";
import { wantedDays } from "./wanted-days.ts";

export type RunSummary = {
  totalExecutions: number;
  successful: number;
  failed: number;
  cancelled: number;
  timedOut: number;
  /** In percent of those that ended by themselves; null of none. */
  successRate: number | null;
  /** In ms; null of none. */
  avgExecutionTime: number | null;
  failureReasons: FailureReason[];
};

/** As far back as it looks where no beginning is named. */
const USUAL_DAYS = 400;

/**
 * Of executions of the workflow made from `from` to `to` (epoch ms, `to` left out), to the quarter of an hour. A row a day. Throws `not_found`,
 * `forbidden`.
 */
export const summarizeRuns = async (
  context: Context,
  wanted: { workflowId: string; from?: number | undefined; to?: number | undefined },
): Promise<RunSummary> => {
  const { db, now } = context.ports;
  const { organizationId } = context.principal;
  const { workflowId } = wanted;
  await openWorkflowHead(context, workflowId, "view");
  const to = Math.min(wanted.to ?? Number.POSITIVE_INFINITY, now() + DAY_MS);
  const span = toQuarters({ from: Math.max(wanted.from ?? 0, to - USUAL_DAYS * DAY_MS), to });
  const [rollups, errors] = await db.batch([
    selectDays(
      db,
      organizationId,
      workflowId,
      wantedDays([span], () => false),
    ),
    selectErrorDays(db, organizationId, workflowId, daysOf(span)),
  ]);
  const tally = tallyOf(daysOfResult(rollups!), span);
  return {
    ...figuresOf(tally),
    failureReasons: failureReasons(errorDaysOfResult(errors!), span),
  };
};
