// Where the wire names of executions meet ours.
import type { z } from "zod";
import type { RunSummary } from "../../../domain/analytics/summarize-runs.ts";
import { failureCode } from "../../../domain/execution/failure-code.ts";
import type { RunListing, RunsWanted } from "../../../domain/execution/list-runs.ts";
import type { RunDetails, StepDetail } from "../../../domain/execution/read-details.ts";
import type { JournalPage } from "../../../domain/execution/read-journal.ts";
import type { replayExecution } from "../../../domain/execution/replay-execution.ts";
import { defined } from "../../../lib/defined.ts";
import type { Json } from "../../../lib/json.ts";
import { percentOf } from "../../../lib/round.ts";
import { timeOf, timeOrNull } from "../convert.ts";
import type { historyQuery } from "./schema.ts";

export const fromHistoryQuery = ({
  status,
  startDate,
  endDate,
  testMode,
}: Pick<z.output<typeof historyQuery>, "status" | "startDate" | "endDate" | "testMode">): RunsWanted =>
  defined({ statuses: status && [status], createdFrom: startDate, createdTo: endDate, tests: testMode });

type Dated = { startDate?: number | undefined; endDate?: number | undefined };
export const fromSummaryQuery = (workflowId: string, { startDate, endDate }: Dated) => ({
  workflowId,
  from: startDate,
  to: endDate === undefined ? undefined : endDate + 1,
});

export const toFailureReason = (reason: RunSummary["failureReasons"][number]) => ({
  ...reason,
  reason: reason.message,
  firstSeenAt: timeOf(reason.firstSeenAt),
  lastSeenAt: timeOf(reason.lastSeenAt),
});

export const toAnalytics = ({ totalExecutions, successRate, avgExecutionTime, failureReasons }: RunSummary) => ({
  totalExecutions,
  // The document says that these are numbers.
  successRate: successRate ?? 0,
  avgExecutionTime: avgExecutionTime ?? 0,
  failureReasons: failureReasons.map(toFailureReason),
});

/** Why it did not complete, from a row of the index; null: nothing is wrong with it. */
export const toFailure = (row: Pick<RunListing, "status" | "error" | "errorCode" | "errorNodeId">) =>
  row.error === null
    ? null
    : { code: failureCode(row.errorCode, row.status), message: row.error, nodeId: row.errorNodeId };

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
  error: toFailure(row),
  parentExecutionId: row.parentId,
  retryOf: row.retryOf,
  scheduledAt: timeOrNull(row.scheduledAt),
  contactId: row.contactId,
});

const stepId = (executionId: string, { nodeId, n }: { nodeId: string; n: number }): string =>
  `${executionId}:${nodeId}:${n}`;

const durationOf = ({ startedAt, completedAt }: Pick<StepDetail, "startedAt" | "completedAt">): number | null =>
  completedAt === null ? null : Math.max(0, completedAt - startedAt);

const toStep = (executionId: string, step: StepDetail) => ({
  id: stepId(executionId, step),
  stepNumber: step.n,
  nodeId: step.nodeId,
  nodeType: step.nodeType,
  name: step.name,
  visit: step.visit,
  status: step.status,
  startedAt: timeOf(step.startedAt),
  completedAt: timeOrNull(step.completedAt),
  durationMs: durationOf(step),
  activeMs: step.effectMs,
  waitMs: step.waitMs,
  attempts: step.attempts,
  input: step.input,
  output: step.output,
  port: step.port,
  error: step.error,
  logs: step.logs,
});

const SLOWEST = 5;

const toPerformance = ({ listing, steps, metrics }: RunDetails) => ({
  totalMs: metrics.totalMs,
  queuedMs: metrics.queuedMs,
  activeMs: metrics.effectMs,
  waitMs: metrics.waitMs,
  stepsExecuted: metrics.steps,
  attempts: metrics.attempts,
  retries: steps.reduce((sum, { attempts }) => sum + Math.max(0, attempts - 1), 0),
  commits: metrics.commits,
  slowestSteps: steps
    .flatMap((step) => {
      const durationMs = durationOf(step);
      return durationMs === null || durationMs === 0 ? [] : [{ step, durationMs }];
    })
    .sort((a, b) => b.durationMs - a.durationMs)
    .slice(0, SLOWEST)
    .map(({ step, durationMs }) => ({
      stepId: stepId(listing.id, step),
      nodeId: step.nodeId,
      nodeType: step.nodeType,
      durationMs,
      share: percentOf(durationMs, metrics.totalMs),
    })),
});

/** ExecutionDetailsResponse of the document. */
export const toDetails = (details: RunDetails) => {
  const { listing, error, given, output, steps, timeline, logs, debug } = details;
  const of = (step: { n: number; nodeId: string } | null) => (step ? stepId(listing.id, step) : null);
  const begun = timeline[0]?.at ?? listing.createdAt;
  return {
    execution: {
      ...toExecution(listing),
      ...(error && { error }),
      ...(given && { inputData: given.variables, triggerData: given.data, context: given.metadata }),
      output,
    },
    steps: steps.map((step) => toStep(listing.id, step)),
    timeline: timeline.map(({ at, seq, type, step, message }) => ({
      timestamp: timeOf(at),
      offsetMs: Math.max(0, at - begun),
      seq,
      type,
      stepId: of(step),
      nodeId: step?.nodeId ?? null,
      message,
    })),
    performance: toPerformance(details),
    logs: logs.map(({ at, level, message, step }) => ({
      timestamp: timeOf(at),
      level,
      message,
      stepId: of(step),
      nodeId: step?.nodeId ?? null,
    })),
    ...(debug && {
      debugInfo: {
        ...debug,
        dueAt: timeOrNull(debug.dueAt),
        waiting: debug.waiting.map((one) => ({
          ...one,
          since: timeOf(one.since),
          wakeAt: timeOrNull(one.wakeAt),
          deadline: timeOrNull(one.deadline),
        })),
      },
    }),
  };
};

/** Times of ours as everywhere in this API; what came from outside stays as it is. The time of the input itself is the entry's. */
const toInput = ({ at: _, ...input }: JournalPage["entries"][number]["input"]) => {
  const { queued, seed, event, result, ...rest } = input as unknown as Record<string, never> & Partial<Timed>;
  return {
    ...(rest as unknown as { type: string }),
    ...(queued && { queued: { startAt: timeOrNull(queued.startAt) } }),
    // The state that it took over is shown as its steps.
    ...(seed && { takenOver: { steps: seed.visits.length } }),
    ...(event && { event: { ...event, occurredAt: timeOf(event.occurredAt) } }),
    ...(result && { result: result.until === undefined ? result : { ...result, until: timeOf(result.until) } }),
  };
};
type Timed = {
  queued: { startAt: number | null };
  seed: { visits: unknown[] };
  event: { occurredAt: number };
  result: { until?: number };
};

const toEffect = ({ since, ...details }: { [name: string]: Json }) => ({
  ...details,
  ...(typeof since === "number" && { since: timeOf(since) }),
});

export const toJournalEntry = (executionId: string, entry: JournalPage["entries"][number]) => {
  const refOf = (one: { n: number; nodeId: string; visit: number }) => ({
    stepId: stepId(executionId, one),
    nodeId: one.nodeId,
    visit: one.visit,
  });
  const { seq, at, input, ignored, begun, waiting, ended, variables, effects, logs, status } = entry;
  return {
    seq,
    at: timeOf(at),
    type: input.type,
    input: toInput(input),
    ignored,
    did: {
      begun: begun.map(refOf),
      waiting: waiting.map(refOf),
      ended: ended.map((one) => ({ ...refOf(one), status: one.status, port: one.port, error: one.error })),
      variables,
      effects: effects.map((effect) => {
        const { type, ...rest } = effect;
        const { key, ...details } = rest as { key?: string; [name: string]: unknown };
        return {
          type,
          stepId: key === undefined ? null : `${executionId}:${key}`,
          details: toEffect(details as { [name: string]: Json }),
        };
      }),
      logs: logs.length,
    },
    status,
  };
};

export const toReplay = (replayed: Awaited<ReturnType<typeof replayExecution>>) => ({
  equal: replayed.equal,
  journal: replayed.kept ? ("kept" as const) : ("deleted" as const),
  reason: replayed.reason,
  seq: replayed.seq,
  differences: replayed.differences.map(({ key, stored, folded }) => ({ record: key, stored, replayed: folded })),
  steps: replayed.steps,
  durationMs: replayed.durationMs,
});
