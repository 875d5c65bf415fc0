// What one step of a run is to those who listen to its workflow. Pure: the same step says the same whenever it is folded again.
import { messageSend } from "../../actions/message-send.ts";
import { type Redact, redactorOf } from "../../domain/execution/redact.ts";
import type { LiveEvent, OutputSummary } from "../../domain/feed/live-event.ts";
import { type Input, isFinal } from "../../engine/contract.ts";
import type { Program } from "../../engine/program.ts";
import type { Delta, RunRecord, RunState, VisitRecord } from "../../engine/state.ts";
import { isJsonObject, type Json, type JsonObject, own } from "../../lib/json.ts";
import type { Meta } from "./store.ts";

const MAX_FIELDS = 20;
const MAX_NAME_CHARS = 100;
const MAX_MESSAGE_CHARS = 500;

/** `before`: the state that `delta` is about to change. */
export const liveEventsOf = (
  before: RunState,
  input: Input,
  delta: Delta,
  program: Program,
  meta: Pick<Meta, "parent" | "priority">,
): LiveEvent[] => {
  const run = delta.run ?? before.run;
  if (!run) return [];
  // What a run takes over from an earlier one ended before it began.
  const since = input.type === "start" ? input.at : Number.NEGATIVE_INFINITY;
  const ended = [...delta.visits.values()].filter(
    (visit) =>
      visit?.completedAt != null && visit.completedAt >= since && before.visits.get(visit.n)?.completedAt == null,
  ) as VisitRecord[];
  const secrets = program.settings.secrets ?? [];
  const redact = redactorOf(secrets, secrets.length > 0 ? [valuesOf(before.variables), valuesOf(delta.variables)] : []);
  return [
    ...(hasBegun(run) && !hasBegun(before.run) ? [startedOf(run, meta)] : []),
    ...messagesOf(before, input, run),
    ...ended
      .sort((a, b) => a.completedAt! - b.completedAt! || a.n - b.n)
      .map((visit) => stepOf(visit, run, program.nodes.get(visit.node)?.type.type ?? "", redact)),
    ...(isFinal(run.status) && !isFinal(before.run?.status ?? "")
      ? [endOf(run, visitsAfter(before, delta), redact)]
      : []),
  ];
};

const valuesOf = (variables: ReadonlyMap<string, Json | undefined>): JsonObject =>
  Object.fromEntries([...variables].flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

const hasBegun = (run: RunRecord | null): boolean => run !== null && run.status !== "queued";

const visitsAfter = (before: RunState, delta: Delta): number =>
  before.visits.size + [...delta.visits.keys()].filter((n) => !before.visits.has(n)).length;

const timeOf = (ms: number): string => new Date(ms).toISOString();

/** A clock that went back is shown as no time that passed. */
const span = (from: number, to: number) => ({
  startedAt: timeOf(from),
  completedAt: timeOf(Math.max(from, to)),
  timestamp: timeOf(Math.max(from, to)),
  durationMs: Math.max(0, to - from),
});

const startedOf = (run: RunRecord, { parent, priority }: Pick<Meta, "parent" | "priority">): LiveEvent => ({
  name: "execution_started",
  data: {
    workflowId: run.workflowId,
    executionId: run.executionId,
    versionId: run.versionId,
    status: "running",
    triggerType: run.event.type,
    testMode: run.dryRun,
    parentExecutionId: parent?.executionId ?? null,
    priority,
    startedAt: timeOf(run.startedAt),
    timestamp: timeOf(run.startedAt),
  },
});

const stepOf = (visit: VisitRecord, run: RunRecord, nodeType: string, redact: Redact): LiveEvent => ({
  name: "step_completed",
  data: {
    workflowId: run.workflowId,
    executionId: run.executionId,
    step: visit.n,
    nodeId: visit.node,
    nodeType,
    visit: visit.ordinal,
    status: visit.status === "failed" || visit.status === "cancelled" ? visit.status : "completed",
    port: visit.port,
    attempts: visit.attempts,
    ...span(visit.startedAt, visit.completedAt!),
    output: summaryOf(visit.output),
    error: visit.error && { code: visit.error.code, message: redact(visit.error.message).slice(0, MAX_MESSAGE_CHARS) },
  },
});

/** What a channel has taken, from the answer to the step that sent it. */
const messagesOf = (before: RunState, input: Input, run: RunRecord): LiveEvent[] => {
  if (input.type !== "result" || input.result.outcome !== "ok") return [];
  const token = [...before.tokens.values()].find((one) => `${one.node}:${one.visit}` === input.key);
  if (token?.perform?.action !== messageSend.name) return [];
  const output = input.result.output as Json;
  const messageId = own(output, "message_id");
  if (typeof messageId !== "string") return [];
  const channel = own(output, "channel");
  return [
    {
      name: "message_sent",
      data: {
        workflowId: run.workflowId,
        executionId: run.executionId,
        nodeId: token.node,
        messageId,
        channel: typeof channel === "string" ? channel : null,
        status: String(own(output, "status") ?? "accepted"),
        at: timeOf(input.at),
        timestamp: timeOf(input.at),
      },
    },
  ];
};

const endOf = (run: RunRecord, nodesExecuted: number, redact: Redact): LiveEvent => {
  const common = {
    workflowId: run.workflowId,
    executionId: run.executionId,
    versionId: run.versionId,
    testMode: run.dryRun,
    ...span(run.startedAt, run.endedAt ?? run.startedAt),
    nodesExecuted,
  };
  if (run.status === "completed")
    return { name: "execution_completed", data: { ...common, status: "completed", output: summaryOf(run.output) } };
  const { error } = run;
  return {
    name: "execution_failed",
    data: {
      ...common,
      status: run.status as "failed" | "timed_out" | "cancelled",
      error: error && {
        code: error.code,
        message: redact(error.message).slice(0, MAX_MESSAGE_CHARS),
        nodeId: error.nodeId,
      },
    },
  };
};

const typeOf = (value: Json): OutputSummary["type"] => {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value as Exclude<OutputSummary["type"], "null" | "array">;
};

/** What kind of thing it is, and no value of it. */
const summaryOf = (output: Json): OutputSummary => ({
  type: typeOf(output),
  ...(Array.isArray(output) && { length: output.length }),
  ...(isJsonObject(output) && {
    fields: Object.entries(output)
      .slice(0, MAX_FIELDS)
      .map(([name, value]) => ({ name: name.slice(0, MAX_NAME_CHARS), type: typeOf(value) })),
  }),
});
