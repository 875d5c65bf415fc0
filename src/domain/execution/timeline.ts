// What happened in a run, one line after the other, from its journal or, where that is gone, from what the index keeps of its steps. Pure.
import { isFinal } from "../../engine/contract.ts";
import type { RunListing } from "./list-runs.ts";
import type { Redact } from "./redact.ts";
import type { TraceEntry, VisitRef } from "./trace.ts";

export type TimelineEntry = {
  at: number;
  /** Of the journal; null where it is gone. */
  seq: number | null;
  type:
    | "execution_queued"
    | "execution_started"
    | "step_started"
    | "step_waiting"
    | "event_received"
    | "step_completed"
    | "step_failed"
    | "step_cancelled"
    | "execution_completed"
    | "execution_failed"
    | "execution_cancelled"
    | "execution_timed_out";
  step: VisitRef | null;
  message: string;
};

type Ended = { status: string; port?: string | null; error?: { code: string; message: string } | null };

const endOf = ({ status, port, error }: Ended): Pick<TimelineEntry, "type" | "message"> => {
  if (status === "failed") {
    const what = error ? `${error.code}: ${error.message}` : "failed";
    return { type: "step_failed", message: port ? `${what}; goes on by ${port}` : what };
  }
  if (status === "cancelled") return { type: "step_cancelled", message: "cancelled" };
  return { type: "step_completed", message: port && port !== "output" ? `completed by ${port}` : "completed" };
};

export const timelineOfTrace = (entries: readonly TraceEntry[], redact: Redact): TimelineEntry[] =>
  entries
    .filter(({ ignored }) => !ignored)
    .flatMap(({ at, seq, input, begun, waiting, ended, effects }): TimelineEntry[] => {
      const line = (type: TimelineEntry["type"], step: VisitRef | null, message: string): TimelineEntry => ({
        at,
        seq,
        type,
        step: step && { n: step.n, nodeId: step.nodeId, visit: step.visit },
        message: redact(message),
      });
      const finished = effects.find((effect) => effect.type === "finished");
      return [
        ...(input.type === "start"
          ? input.queued
            ? [line("execution_queued", null, `queued by ${input.event.type}`)]
            : [line("execution_started", null, `started by ${input.event.type}`)]
          : []),
        ...(input.type === "begin" ? [line("execution_started", null, "it was its turn")] : []),
        ...(input.type === "event" ? [line("event_received", null, `${input.event.type} came`)] : []),
        ...[
          ...begun.map((step) => line("step_started", step, "started")),
          ...waiting.map((step) => line("step_waiting", step, "waits")),
          ...ended.map((step) => {
            const { type, message } = endOf(step);
            return line(type, step, message);
          }),
        ].sort((a, b) => a.step!.n - b.step!.n),
        ...(finished ? [line(`execution_${finished.status}`, null, finished.status.replace("_", " "))] : []),
      ];
    });

type Step = VisitRef & {
  status: string;
  startedAt: number;
  completedAt: number | null;
  port: string | null;
  error: { code: string; message: string } | null;
};

export const timelineOfSteps = (
  { startedAt, createdAt, endedAt, status, triggerType }: RunListing,
  steps: readonly Step[],
): TimelineEntry[] => {
  const lines = steps.flatMap((step): TimelineEntry[] => {
    const ref = { n: step.n, nodeId: step.nodeId, visit: step.visit };
    const start: TimelineEntry = { at: step.startedAt, seq: null, type: "step_started", step: ref, message: "started" };
    return step.completedAt === null
      ? [start]
      : [start, { at: step.completedAt, seq: null, step: ref, ...endOf(step) }];
  });
  // Stable: what happened at the same time stays in the order of the steps.
  lines.sort((a, b) => a.at - b.at);
  return [
    {
      at: startedAt ?? createdAt,
      seq: null,
      type: "execution_started",
      step: null,
      message: triggerType === "" ? "started" : `started by ${triggerType}`,
    },
    ...lines,
    ...(isFinal(status) && endedAt !== null
      ? [
          {
            at: endedAt,
            seq: null,
            type: `execution_${status}` as const,
            step: null,
            message: status.replace("_", " "),
          },
        ]
      : []),
  ];
};
