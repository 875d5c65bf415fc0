// One workflow of any API, as it is now, and with all that is known of it.
import { DAY_MS } from "../../../lib/durations.ts";
import { type NodeTimes, nodeTimesOf, runTimesOf } from "../../analytics/node-times.ts";
import { type RunSummary, summarizeRuns } from "../../analytics/summarize-runs.ts";
import type { Context } from "../../context.ts";
import { listWorkflowRuns, type RunListing } from "../../execution/list-runs.ts";
import { triggersOfOpened, type WorkflowTriggers } from "../../trigger/read-triggers.ts";
import { openWorkflow } from "../access.ts";
import { recordOf, type WorkflowRecord } from "./record.ts";

const readEnhancedWorkflow = async (context: Context, id: string): Promise<WorkflowRecord> =>
  recordOf(context.ports.db, await openWorkflow(context, id, "view"));

const SUMMARY_DAYS = 30;
/** Executions that the detail shows. */
const RECENT = 10;

export type WorkflowDetail = {
  workflow: WorkflowRecord;
  /** Of the last SUMMARY_DAYS. */
  summary: RunSummary;
  /** Whole runs that ended then; null when none did. */
  times: Awaited<ReturnType<typeof runTimesOf>>;
  /** By node type, of this workflow then. */
  nodeTimes: ReadonlyMap<string, NodeTimes>;
  recent: RunListing[];
  triggers: WorkflowTriggers;
};

export const readWorkflowDetail = async (context: Context, id: string): Promise<WorkflowDetail> => {
  const workflow = await readEnhancedWorkflow(context, id);
  const from = context.ports.now() - SUMMARY_DAYS * DAY_MS;
  const [triggers, summary, times, nodeTimes, { rows: recent }] = await Promise.all([
    triggersOfOpened(context, workflow),
    summarizeRuns(context, { workflowId: id, from }),
    runTimesOf(context, id),
    nodeTimesOf(context, { workflowId: id }),
    listWorkflowRuns(context, id, {}, { limit: RECENT, offset: 0 }),
  ]);
  return { workflow, triggers, summary, times, nodeTimes, recent };
};
