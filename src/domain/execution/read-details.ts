// One run with all that is known of it: from its journal, as long as it is kept; from the index from then on.
import type { Input, NodeDefinition, StartInput } from "../../engine/contract.ts";
import type { Token } from "../../engine/state.ts";
import type { Json, JsonObject } from "../../lib/json.ts";
import type { Context } from "../context.ts";
import { notFound } from "../errors.ts";
import type { ExecutionView, NodeVisitView } from "../ports.ts";
import type { RunListing } from "./list-runs.ts";
import { type KeptRun, readHistory } from "./read-history.ts";
import type { Redact } from "./redact.ts";
import { type TimelineEntry, timelineOfSteps, timelineOfTrace } from "./timeline.ts";
import { type TraceEntry, traceJournal } from "./trace.ts";

export type StepDetail = NodeVisitView & {
  name: string | null;
  /** Of its time, in ms: waiting for what it asked of the outside, and for time, events or its next attempt. Null: not known any more. */
  effectMs: number | null;
  waitMs: number | null;
};

export type LogLine = {
  at: number;
  /** `warning`: of an attempt that failed. */
  level: "info" | "warning" | "error";
  message: string;
  /** Null: the run's own. */
  step: { n: number; nodeId: string } | null;
};

export type DebugInfo = {
  versionId: string;
  seq: number;
  commits: number;
  flags: number;
  stuck: string | null;
  dueAt: number | null;
  waiting: {
    nodeId: string;
    phase: Token["phase"];
    since: number;
    attempt: number;
    wakeAt: number | null;
    deadline: number | null;
    eventType: string | null;
  }[];
  variables: JsonObject;
  eventDepth: number;
  /** Why the story of its journal ends early; null when it does not. */
  cut: string | null;
};

export type RunDetails = {
  listing: RunListing;
  error: ExecutionView["error"];
  /** What it was started with; null when that is not known any more. */
  given: { variables: JsonObject; data: JsonObject; metadata: JsonObject } | null;
  output: Json;
  steps: StepDetail[];
  timeline: TimelineEntry[];
  logs: LogLine[];
  /** `queuedMs`: from when it was to start until it did, or until now. */
  metrics: ExecutionView["metrics"] & { queuedMs: number };
  debug: DebugInfo | null;
};

/** `workflowId`: whose run it must be. Throws `not_found`, `forbidden`. */
export const readDetails = async (context: Context, id: string, workflowId?: string): Promise<RunDetails> => {
  const run = await readHistory(context, id);
  if (workflowId !== undefined && run.view.workflowId !== workflowId) throw notFound("execution");
  const { view, version, kept, redact } = run;
  const nodes = version?.definition.nodes ?? {};
  const listing = listingOf(run);
  const steps = view.visits.map((visit) => stepOf(visit, nodes, run));
  const metrics = metricsOf(view, listing, context.ports.now());
  const about = { listing, error: shownError(view.error, redact), output: redact(view.output), metrics };
  if (!kept) return { ...about, given: null, steps, timeline: timelineOfSteps(listing, steps), logs: [], debug: null };
  const { entries, cut } = await traceJournal(kept.program, kept.history.journal, { now: context.ports.now });
  const start = kept.history.journal[0]!.input as StartInput;
  return {
    ...about,
    given: redact({ variables: start.variables, data: start.event.data, metadata: start.metadata }),
    steps,
    timeline: timelineOfTrace(entries, redact),
    logs: logsOf(entries, view, redact),
    debug: debugOf(run, cut),
  };
};

const metricsOf = (
  { metrics }: ExecutionView,
  { createdAt, scheduledAt, startedAt, endedAt }: RunListing,
  now: number,
): RunDetails["metrics"] => ({
  ...metrics,
  totalMs: startedAt === null ? 0 : metrics.totalMs,
  queuedMs: Math.max(0, (startedAt ?? endedAt ?? now) - Math.max(createdAt, scheduledAt ?? 0)),
});

const shownError = (error: ExecutionView["error"], redact: Redact): ExecutionView["error"] =>
  error && { ...error, message: redact(error.message) };

/** What the run itself knows is newer than its row, and there before it. */
const listingOf = ({ view, listing, version, kept, redact }: KeptRun): RunListing => {
  const event = kept?.state.run?.event;
  return {
    workflowName: null,
    eventId: event?.id ?? null,
    triggerType: event?.type ?? "",
    contactId: (event?.contact?.id as string | undefined) ?? null,
    externalId: null,
    conversationId: event?.conversationId ?? null,
    priority: kept?.history.priority ?? 5,
    parentId: kept?.history.parentId ?? null,
    scheduledAt: view.queued?.startAt ?? null,
    retryOf: view.retry?.of ?? null,
    retries: view.retry?.times ?? 0,
    createdAt: view.startedAt,
    updatedAt: view.endedAt ?? view.startedAt,
    ...listing,
    id: view.executionId,
    workflowId: view.workflowId,
    versionId: view.versionId,
    version: version?.number ?? null,
    status: view.status,
    dryRun: view.dryRun,
    startedAt: view.queued?.begun === false ? null : view.startedAt,
    endedAt: view.endedAt,
    errorCode: view.error?.code ?? listing?.errorCode ?? null,
    durationMs: view.endedAt === null || view.queued?.begun === false ? null : view.endedAt - view.startedAt,
    nodesExecuted: Math.max(view.visits.length, listing?.nodesExecuted ?? 0),
    error: view.error === null ? (listing?.error ?? null) : redact(view.error.message),
    errorNodeId: view.error?.nodeId ?? null,
  };
};

const stepOf = (visit: NodeVisitView, nodes: Record<string, NodeDefinition>, { kept, redact }: KeptRun): StepDetail => {
  const record = kept?.state.visits.get(visit.n);
  const node = Object.hasOwn(nodes, visit.nodeId) ? nodes[visit.nodeId] : undefined;
  return {
    ...visit,
    name: node?.label ?? null,
    input: redact(visit.input),
    output: redact(visit.output),
    logs: redact(visit.logs),
    error: visit.error && { ...visit.error, message: redact(visit.error.message) },
    effectMs: record?.effectMs ?? null,
    waitMs: record?.waitMs ?? null,
  };
};

const logsOf = (entries: readonly TraceEntry[], view: ExecutionView, redact: Redact): LogLine[] => {
  const lines = entries.flatMap(({ at, input, logs, ended }): LogLine[] => [
    ...logs.map(({ n, nodeId, line }) => ({
      at,
      level: hasFailed(input, `${nodeId}:${n}`) ? ("warning" as const) : ("info" as const),
      message: redact(line),
      step: { n, nodeId },
    })),
    ...ended.flatMap(({ n, nodeId, error }) =>
      error
        ? [{ at, level: "error" as const, message: redact(`${error.code}: ${error.message}`), step: { n, nodeId } }]
        : [],
    ),
  ]);
  const isTold = view.error === null || view.error.nodeId !== null || view.endedAt === null;
  if (isTold) return lines;
  const message = redact(`${view.error!.code}: ${view.error!.message}`);
  return [...lines, { at: view.endedAt!, level: "error", message, step: null }];
};

/** Whether the input is that what the step asked of the outside came to nothing. */
const hasFailed = (input: Input, key: string): boolean =>
  input.type === "result" &&
  input.key === key &&
  (input.result.outcome === "failed" || input.result.outcome === "unknown");

const debugOf = ({ view, kept, redact }: KeptRun, cut: string | null): DebugInfo => {
  const { history, state } = kept!;
  return {
    versionId: view.versionId,
    seq: history.seq,
    commits: history.commits,
    stuck: history.stuck,
    eventDepth: history.eventDepth,
    flags: state.run!.flags,
    dueAt: history.wakeAt,
    waiting: [...state.tokens.values()].map((token) => ({
      nodeId: token.node,
      phase: token.phase,
      since: token.since,
      attempt: token.attempt,
      wakeAt: token.wakeAt ?? null,
      deadline: token.deadline ?? null,
      eventType: token.wait?.eventType ?? null,
    })),
    variables: redact(view.variables),
    cut,
  };
};
