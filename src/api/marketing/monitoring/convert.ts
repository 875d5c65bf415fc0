// Where the wire names of executions and of what their actions did meet ours.
import type { z } from "zod";
import type { ExecuteRequest, StartedExecution } from "../../../domain/execution/execute-workflow.ts";
import type { ActionLog, ActionStep, RunListing, RunsWanted, readRun } from "../../../domain/execution/list-runs.ts";
import type { NodeVisitView } from "../../../domain/ports.ts";
import { defined } from "../../../lib/defined.ts";
import { instant, instantOrNull } from "../convert.ts";
import type { executeBody, logQuery, runQuery, stepQuery } from "./schema.ts";

type Status = NonNullable<RunsWanted["statuses"]>[number];

const upper = (status: string): string => status.toUpperCase();

export const fromRunQuery = (query: Partial<z.output<typeof runQuery>>): RunsWanted =>
  defined({
    statuses: query.status === undefined ? undefined : [query.status.toLowerCase() as Status],
    workflowId: query.workflow,
    user: query.user,
    createdFrom: query.created_at__gte,
    createdTo: query.created_at__lte,
  });

export const fromStepQuery = ({ status, execution, workflow, action }: z.output<typeof stepQuery>) =>
  defined({
    statuses: status === undefined ? undefined : [status.toLowerCase()],
    executionId: execution,
    workflowId: workflow,
    actionId: action,
  });

export const fromLogQuery = ({ success, execution, workflow, action }: z.output<typeof logQuery>) =>
  defined({ success, executionId: execution, workflowId: workflow, actionId: action });

export const fromExecute = ({ context }: z.output<typeof executeBody>): Omit<ExecuteRequest, "contactId"> => {
  const { event, variables } = context ?? {};
  return {
    variables: variables ?? {},
    metadata: {},
    data: event?.data ?? {},
    ...(event?.type == null ? {} : { eventType: event.type }),
  };
};

/** One that goes through without a wait may have ended by now: it was started all the same. */
export const toStarted = ({ executionId, workflowId, status, startedAt }: StartedExecution) => ({
  success: true,
  execution_id: executionId,
  workflow_id: workflowId,
  status: status === "queued" ? "QUEUED" : "RUNNING",
  message: status === "queued" ? "Workflow execution queued" : "Workflow execution started",
  started_at: instant(startedAt),
});

const userOf = ({ externalId, contactId }: Pick<RunListing, "externalId" | "contactId">) => externalId ?? contactId;

const durationOf = (startedAt: number | null, endedAt: number | null): number | null =>
  startedAt === null || endedAt === null ? null : Math.max(0, endedAt - startedAt);

type Run = Omit<
  RunListing,
  | "versionId"
  | "version"
  | "priority"
  | "dryRun"
  | "parentId"
  | "nodesExecuted"
  | "errorNodeId"
  | "errorCode"
  | "scheduledAt"
  | "retryOf"
  | "retries"
>;

export const toRun = (row: Run) => ({
  id: row.id,
  workflow: row.workflowId,
  workflow_name: row.workflowName,
  user: userOf(row),
  conversation_id: row.conversationId,
  status: upper(row.status),
  trigger_type: row.triggerType,
  event_log: row.eventId,
  started_at: instantOrNull(row.startedAt),
  completed_at: instantOrNull(row.endedAt),
  duration_ms: row.durationMs ?? durationOf(row.startedAt, row.endedAt),
  error_message: row.error,
  created_at: instant(row.createdAt),
  // A report is dated by the batch that brought it, which may have begun before the run ended.
  updated_at: instant(Math.max(row.updatedAt, row.endedAt ?? 0)),
});

type Step = Omit<ActionStep, "workflowName" | "externalId" | "contactId"> &
  Partial<Pick<ActionStep, "workflowName" | "externalId" | "contactId">>;

export const toStep = (row: Step) => ({
  id: `${row.executionId}-${row.n}`,
  workflow_execution: row.executionId,
  workflow: row.workflowId,
  workflow_name: row.workflowName ?? null,
  user: row.externalId ?? row.contactId ?? null,
  action: row.actionId,
  action_name: row.actionName,
  action_type: row.actionType ?? row.nodeType,
  node_id: row.nodeId,
  status: upper(row.status),
  attempts: row.attempts,
  error_message: row.error,
  started_at: instant(row.startedAt),
  completed_at: instantOrNull(row.endedAt),
  duration_ms: durationOf(row.startedAt, row.endedAt),
});

export const toActionLog = (row: ActionLog) => ({
  ...toStep(row),
  success: row.status === "completed",
  result: row.output,
  output: row.logs,
  executed_at: instant(row.endedAt ?? row.startedAt),
});

/** What the run itself knows is newer than its row. */
export const toRunDetail = ({ view, listing }: Awaited<ReturnType<typeof readRun>>, steps: readonly ActionStep[]) => ({
  ...toRun({
    workflowName: null,
    eventId: null,
    triggerType: "",
    contactId: null,
    externalId: null,
    conversationId: null,
    createdAt: view.startedAt,
    updatedAt: view.endedAt ?? view.startedAt,
    ...listing,
    id: view.executionId,
    workflowId: view.workflowId,
    status: view.status,
    startedAt: view.startedAt,
    endedAt: view.endedAt,
    durationMs: null,
    error: view.error?.message ?? null,
  }),
  action_executions: steps.map(toStep),
  actions: view.visits.map(toVisit),
  variables: view.variables,
  result: view.output,
});

const toVisit = (visit: NodeVisitView) => ({
  node_id: visit.nodeId,
  node_type: visit.nodeType,
  status: upper(visit.status),
  started_at: instant(visit.startedAt),
  completed_at: instantOrNull(visit.completedAt),
  attempts: visit.attempts,
  input: visit.input,
  result: visit.output,
  output: visit.logs,
  error_message: visit.error?.message ?? null,
});
