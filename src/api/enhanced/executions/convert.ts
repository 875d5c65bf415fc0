// Where the wire names of executions meet ours.
import type { z } from "zod";
import type { RunListing, RunsWanted } from "../../../domain/execution/list-runs.ts";
import { timeOf } from "../convert.ts";
import type { historyQuery } from "./schema.ts";

export const timeOrNull = (ms: number | null): string | null => (ms === null ? null : timeOf(ms));

export const fromHistoryQuery = ({ status, startDate, endDate }: z.output<typeof historyQuery>): RunsWanted => ({
  ...(status === undefined ? {} : { statuses: [status] }),
  ...(startDate === undefined ? {} : { createdFrom: startDate }),
  ...(endDate === undefined ? {} : { createdTo: endDate }),
});

/** Where the index does not say the code. */
const CODES: { [status: string]: string } = { timed_out: "EXECUTION_TIMEOUT", cancelled: "CANCELLED" };

/** WorkflowExecution of the document, from a row of the index. */
export const toExecution = (row: RunListing) => ({
  id: row.id,
  workflowId: row.workflowId,
  workflowName: row.workflowName,
  version: row.version,
  status: row.status,
  triggerType: row.triggerType,
  priority: row.priority,
  testMode: row.dryRun,
  createdAt: timeOf(row.createdAt),
  startedAt: timeOrNull(row.startedAt),
  completedAt: timeOrNull(row.endedAt),
  durationMs: row.durationMs,
  nodesExecuted: row.nodesExecuted,
  error:
    row.error === null
      ? null
      : { code: CODES[row.status] ?? "EXECUTION_FAILED", message: row.error, nodeId: row.errorNodeId },
  parentExecutionId: row.parentId,
  contactId: row.contactId,
});
