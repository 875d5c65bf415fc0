// What the index is told of a run. Pure; the shape is the queue's.
import { redactorOf } from "../../domain/execution/redact.ts";
import type { Program } from "../../engine/program.ts";
import { hasBegun, type RunState } from "../../engine/state.ts";
import type { ProjectionMessage } from "../../queue/catalogue.ts";
import type { Meta } from "./store.ts";

/** Steps that one message carries from the beginning and from the end of a long run. */
const STEPS_KEPT = 200;
/** A queue message is 128 KB; the rest of a report takes 10 KB at the most. */
const MAX_STEPS_BYTES = 110_000;
/** So many fit so many bytes, whatever they say. */
const SURELY_FIT = 40;
const SURE_BYTES = 60_000;
/** The sweeper pokes a run so long after the time at which it should have woken by itself, in ms. */
const GRACE_MS = 20_000;

/** `wakeAt`: epoch ms at which the run wakes by itself. */
export const projectionOf = (state: RunState, meta: Meta, program: Program, wakeAt: number): ProjectionMessage => {
  const run = state.run!;
  // What it took over was told of by the run that has made it.
  const visits = [...state.visits.values()].filter(({ takenOver }) => !takenOver).sort((a, b) => a.n - b.n);
  const clean = cleanerOf(state, program);
  const entries = entriesOf(state, program);
  const room = MAX_STEPS_BYTES - (entries ? Buffer.byteLength(JSON.stringify(entries)) : 0);
  const kept =
    visits.length <= 2 * STEPS_KEPT ? visits : [...visits.slice(0, STEPS_KEPT), ...visits.slice(-STEPS_KEPT)];
  return {
    executionId: run.executionId,
    organizationId: run.organizationId,
    workflowId: run.workflowId,
    versionId: run.versionId,
    seq: meta.seq,
    status: run.status,
    startedAt: run.startedAt,
    ...(run.queued && { scheduledAt: run.queued.startAt, begun: hasBegun(state) }),
    ...(meta.retry && { retryOf: meta.retry.of, retries: meta.retry.times }),
    endedAt: run.endedAt,
    nodesExecuted: visits.length,
    error: clean(run.error?.message ?? meta.stuck)?.slice(0, 1_000) ?? null,
    errorNodeId: run.error?.nodeId ?? null,
    errorCode: run.error?.code ?? null,
    nextWakeAt: run.endedAt === null ? wakeAt + GRACE_MS : null,
    dryRun: run.dryRun,
    eventId: run.event.id,
    triggerType: run.event.type,
    priority: meta.priority,
    parentId: meta.parent?.executionId ?? null,
    ...(entries && { entries }),
    steps: fitting(
      room,
      kept.map((visit) => ({
        n: visit.n,
        nodeId: visit.node,
        nodeType: program.nodes.get(visit.node)?.type.type ?? "",
        visit: visit.ordinal,
        status: visit.status,
        startedAt: visit.startedAt,
        completedAt: visit.completedAt,
        attempts: visit.attempts,
        error: clean(visit.error?.message)?.slice(0, 200) ?? null,
        ...(visit.waitMs > 0 && { waitMs: visit.waitMs }),
        ...(visit.service !== undefined && { service: visit.service }),
        ...(visit.port === "timeout" && { late: true }),
      })),
    ),
  };
};

/** Lists and reports show what errors say to whoever may see the run, and longer than the run is kept: what is secret is not in it. */
const cleanerOf = ({ variables }: RunState, { settings: { secrets = [] } }: Program) => {
  let redact: ReturnType<typeof redactorOf> | undefined;
  return (text: string | null | undefined): string | undefined => {
    if (text === null || text === undefined) return undefined;
    redact ??= redactorOf(secrets, secrets.length > 0 ? [Object.fromEntries(variables)] : []);
    return redact(text);
  };
};

/** How often the run's contact has entered each counted node, by its id; undefined where nobody counts, and for a run about nobody. */
const entriesOf = ({ run, visits }: RunState, { settings }: Program): ProjectionMessage["entries"] => {
  const counted = settings.counted;
  if (counted === undefined || run!.contact === null) return undefined;
  const own = [...visits.values()].filter(({ takenOver }) => !takenOver);
  return Object.fromEntries(
    counted.flatMap((id) => {
      const entered = own.filter((visit) => visit.node === id).length;
      return entered > 0 ? [[id, entered]] : [];
    }),
  );
};

type Steps = ProjectionMessage["steps"];

/** As many from the beginning and from the end, in their order, as the message has room for. */
const fitting = (bytes: number, steps: Steps): Steps => {
  if (steps.length <= SURELY_FIT && bytes >= SURE_BYTES) return steps;
  let room = bytes;
  let first = 0;
  let last = steps.length;
  while (first < last) {
    const isFirstsTurn = first <= steps.length - last;
    room -= Buffer.byteLength(JSON.stringify(steps[isFirstsTurn ? first : last - 1])) + 1;
    if (room < 0) return [...steps.slice(0, first), ...steps.slice(last)];
    if (isFirstsTurn) first++;
    else last--;
  }
  return steps;
};
