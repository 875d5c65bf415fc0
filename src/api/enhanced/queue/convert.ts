// Where the wire names of executing and of the queue meet ours.
import type { z } from "zod";
import type { ExecuteInContext } from "../../../domain/execution/execute-in-context.ts";
import type { StartedExecution } from "../../../domain/execution/execute-workflow.ts";
import type { RetryRequest } from "../../../domain/execution/retry-execution.ts";
import type { LineStatus } from "../../../domain/queue/dispatch.ts";
import { jobStatusOf, type QueueCounts, type QueuedRun, type QueueStatus } from "../../../domain/queue/read-queue.ts";
import { defined } from "../../../lib/defined.ts";
import type { JsonObject } from "../../../lib/json.ts";
import { percentOf, toHundredths } from "../../../lib/round.ts";
import { timeOf, timeOrNull } from "../convert.ts";
import { toFailure } from "../executions/convert.ts";
import type { executeBody, jobQuery, retryBody } from "./schema.ts";

export const fromExecute = ({
  inputData = {},
  triggerData,
  priority,
  scheduledAt,
  context = {},
  testMode = false,
}: z.output<typeof executeBody>): ExecuteInContext => {
  const { metadata, contactId, ...rest } = context;
  return {
    isTest: testMode,
    variables: inputData,
    metadata: { ...(rest as JsonObject), ...metadata },
    ...defined({ userId: rest.userId, contactId, data: triggerData, priority, startAt: scheduledAt }),
  };
};

const startedAs = ({ status }: StartedExecution) => (status === "queued" ? ("queued" as const) : ("started" as const));

export const toExecuted = (
  started: StartedExecution & { estimateMs: number },
  { scheduledAt, testMode = false }: z.output<typeof executeBody>,
) => ({
  executionId: started.executionId,
  status: startedAs(started),
  estimatedDuration: started.estimateMs,
  ...(started.place && { queuePosition: started.place.position, estimatedWait: started.place.waitMs }),
  ...(scheduledAt !== undefined && { scheduledAt: timeOf(scheduledAt) }),
  testMode,
});

const workerState = (slots: number | null, busy: number, waiting: number) => {
  if (waiting > 0 && slots !== null && busy >= slots) return "saturated" as const;
  return busy > 0 || waiting > 0 ? ("busy" as const) : ("idle" as const);
};

const rounded = (value: number | null): number | null => (value === null ? null : toHundredths(value));

const toSlots = (
  { workflowId, slots, busy, waiting, perMinute, meanHeldMs, lastActivityAt }: LineStatus,
  name: string | undefined,
) => ({
  id: workflowId,
  name: name ?? workflowId,
  type: "workflow_slots" as const,
  status: workerState(slots, busy, waiting),
  slots,
  busy,
  waiting,
  throughputPerMinute: rounded(perMinute),
  averageDurationMs: rounded(meanHeldMs),
  lagMs: null,
  lastActivityAt: timeOf(lastActivityAt),
});

/** How long slots are held, each line with the weight of what it did lately; null where nothing was given back lately. */
const meanOfLines = (lines: readonly LineStatus[]): number | null => {
  const recent = lines.filter(({ perMinute }) => perMinute > 0);
  const perMinute = recent.reduce((sum, line) => sum + line.perMinute, 0);
  return perMinute === 0
    ? null
    : recent.reduce((sum, line) => sum + line.perMinute * (line.meanHeldMs ?? 0), 0) / perMinute;
};

const toConsumer = (
  id: string,
  name: string,
  { lagMs, at, number, overMs }: { lagMs: number | null; at: number | null; number: number; overMs: number },
) => ({
  id,
  name,
  type: "consumer" as const,
  status: number > 0 ? ("busy" as const) : ("idle" as const),
  slots: null,
  busy: null,
  waiting: null,
  throughputPerMinute: rounded((number * 60_000) / overMs),
  averageDurationMs: null,
  lagMs: rounded(lagMs === null ? null : Math.max(0, lagMs)),
  lastActivityAt: timeOrNull(at),
});

export const toQueueStatus = ({ counts, dispatch, following, names, followedMs }: QueueStatus) => {
  const { limits, held, waiting, lines } = dispatch;
  const perMinute = lines.reduce((sum, line) => sum + line.perMinute, 0);
  const organization = {
    id: "organization",
    name: "Slots of the organization",
    type: "organization_slots" as const,
    status: workerState(limits.maxConcurrency, held, waiting),
    slots: limits.maxConcurrency,
    busy: held,
    waiting,
    throughputPerMinute: rounded(perMinute),
    averageDurationMs: rounded(meanOfLines(lines)),
    lagMs: null,
    lastActivityAt: lines.length === 0 ? null : timeOf(Math.max(...lines.map((line) => line.lastActivityAt))),
  };
  const { startLagMs, startedAt, started, reportLagMs, reportedAt, reported } = following;
  return {
    totalJobs: counts.total,
    processingJobs: counts.processing,
    queuedJobs: counts.queued,
    failedJobs: counts.failed,
    completedJobs: counts.completed,
    workers: [
      ...(limits.maxConcurrency === null ? [] : [organization]),
      // A workflow without a limit of its own has slots of the organisation's only.
      ...lines
        .filter(({ slots, busy, waiting }) => slots !== null || busy + waiting > 0)
        .map((line) => toSlots(line, names.get(line.workflowId))),
      toConsumer("events", "Starts from events", {
        lagMs: startLagMs,
        at: startedAt,
        number: started,
        overMs: followedMs,
      }),
      toConsumer("projections", "Reports to the index", {
        lagMs: reportLagMs,
        at: reportedAt,
        number: reported,
        overMs: followedMs,
      }),
    ],
    estimatedWaitTime: dispatch.waitMs ?? 0,
    limits,
  };
};

export const fromJobQuery = ({ status, priority, workflowId }: z.output<typeof jobQuery>) =>
  defined({ status, priority, workflowId });

const startTimeOf = ({ place, scheduledAt, startedAt, status }: QueuedRun, now: number): string | null => {
  if (status !== "queued") return timeOrNull(startedAt);
  if (place?.state === "queued") return place.waitMs === null ? null : timeOf(now + place.waitMs);
  return scheduledAt === null ? null : timeOf(Math.max(scheduledAt, now));
};

/** QueueJob of the document: an execution, in the words of a queue. */
export const toJob = (row: QueuedRun, now: number) => ({
  id: row.id,
  executionId: row.id,
  workflowId: row.workflowId,
  workflowName: row.workflowName,
  status: jobStatusOf(row.status),
  executionStatus: row.status,
  priority: row.priority,
  createdAt: timeOf(row.createdAt),
  queuedAt: timeOf(row.createdAt),
  startedAt: timeOrNull(row.startedAt),
  completedAt: timeOrNull(row.endedAt),
  retryCount: row.retries,
  attempts: row.retries + 1,
  retryOf: row.retryOf,
  scheduledAt: timeOrNull(row.scheduledAt),
  position: row.place?.state === "queued" ? row.place.position : null,
  estimatedStartTime: startTimeOf(row, now),
  triggerType: row.triggerType,
  error: toFailure(row),
});

export const toStatistics = (counts: QueueCounts, waitMs: number | null) => {
  const ended = counts.completed + counts.failed - counts.cancelled;
  return {
    ...counts,
    successRate: ended === 0 ? null : percentOf(counts.completed, ended),
    estimatedWaitTime: waitMs ?? 0,
  };
};

export const fromRetry = ({
  resetRetryCount,
  newPriority,
  fromStep,
  version,
}: z.output<typeof retryBody>): RetryRequest =>
  defined({ resetRetries: resetRetryCount, priority: newPriority, fromStep, version });

export const toRetried = (started: StartedExecution, now: number) => ({
  success: true,
  newJobId: started.executionId,
  estimatedStartTime: timeOf(started.status === "queued" ? now + (started.place?.waitMs ?? 0) : started.startedAt),
  status: startedAs(started),
});
