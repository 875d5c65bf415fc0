// What the outside sees of a run: a view of its state. Pure.
import { BODY_PORT } from "../../engine/contract.ts";
import { inputOf } from "../../engine/enter.ts";
import type { Program, ProgramNode } from "../../engine/program.ts";
import { hasBegun, type RunState, type Token, type VisitRecord } from "../../engine/state.ts";
import { isForbiddenKey, type Json, type JsonObject } from "../../lib/json.ts";
import type { ExecutionView, NodeVisitView } from "../ports.ts";

const inOrder = (state: RunState): VisitRecord[] => [...state.visits.values()].sort((a, b) => a.n - b.n);

/** JSON text of all inputs together that one view shows, in characters. */
const MAX_INPUT_CHARS = 4_000_000;
const OMITTED: Json = {
  omitted: "The inputs of this run are too large to be shown; the outputs before this node hold them",
};

/** A round of a loop begins before the loop has put out anything: what it puts out in the end is not what its body got. */
const entersBody = (state: RunState, program: Program, { id }: ProgramNode, { from }: VisitRecord): boolean => {
  const before = program.nodes.get(state.visits.get(from[0] ?? -1)?.node ?? "");
  if (before?.type.kind !== "loop") return false;
  const leadsHere = [...before.targets].filter(([, targets]) => targets.includes(id)).map(([port]) => port);
  return leadsHere.length === 1 && leadsHere[0] === BODY_PORT;
};

/** An input repeats what earlier nodes put out, once for each that got it: a thousand branches may have got the same megabyte. */
const shownInputs = (state: RunState, program: Program): ((visit: VisitRecord) => Json) => {
  const sizes = new Map<Json, number>();
  let room = MAX_INPUT_CHARS;
  return (visit) => {
    const node = program.nodes.get(visit.node);
    if (!node) return null;
    if (room < 0) return OMITTED;
    if (entersBody(state, program, node, visit)) return null;
    const input = inputOf(state.visits, state.run!.event.data, node, visit);
    const size = sizes.get(input) ?? JSON.stringify(input).length;
    sizes.set(input, size);
    room -= size;
    return room < 0 ? OMITTED : input;
  };
};

/** The journal keeps what the clock said; what is shown of a clock that went back is that no time passed. */
const notBefore = (start: number, end: number | null): number | null => (end === null ? null : Math.max(start, end));

const visitView = (visit: VisitRecord, program: Program, input: Json): NodeVisitView => {
  const node = program.nodes.get(visit.node);
  return {
    n: visit.n,
    nodeId: visit.node,
    nodeType: node?.type.type ?? "",
    visit: visit.ordinal,
    status: visit.status,
    startedAt: visit.startedAt,
    completedAt: notBefore(visit.startedAt, visit.completedAt),
    input,
    output: visit.output,
    logs: visit.logs,
    error: visit.error,
    attempts: visit.attempts,
    port: visit.port,
    ...(visit.takenOver && { takenOver: visit.takenOver }),
  };
};

const variablesOf = (state: RunState): JsonObject => {
  const variables: JsonObject = {};
  for (const [name, value] of state.variables) if (!isForbiddenKey(name)) variables[name] = value as Json;
  return variables;
};

/** `measured` is what the state does not know of its shell. `now` (epoch ms) ends the clock of a run that still goes on. */
export const viewOf = (
  state: RunState,
  measured: { commits: number; stuck: string | null } & Pick<ExecutionView, "priority" | "retry">,
  program: Program,
  now: number,
): ExecutionView => {
  const run = state.run!;
  const visits = inOrder(state);
  const inputFor = shownInputs(state, program);
  // What still goes on is booked with its visit only when it ends.
  const spent = (...phases: Token["phase"][]): number =>
    [...state.tokens.values()]
      .filter(({ phase }) => phases.includes(phase))
      .reduce((sum, { since }) => sum + Math.max(0, now - since), 0);
  return {
    executionId: run.executionId,
    organizationId: run.organizationId,
    workflowId: run.workflowId,
    versionId: run.versionId,
    status: run.status,
    ...(run.queued && { queued: { ...run.queued, begun: hasBegun(state) } }),
    ...(measured.priority !== undefined && { priority: measured.priority }),
    ...(measured.retry && { retry: measured.retry }),
    dryRun: run.dryRun,
    startedAt: run.startedAt,
    endedAt: notBefore(run.startedAt, run.endedAt),
    path: visits.map((visit) => visit.node),
    visits: visits.map((visit) => visitView(visit, program, inputFor(visit))),
    variables: variablesOf(state),
    output: run.output,
    error: run.error,
    metrics: {
      commits: measured.commits,
      steps: visits.length,
      attempts: visits.reduce((sum, visit) => sum + visit.attempts, 0),
      totalMs: Math.max(0, (run.endedAt ?? now) - run.startedAt),
      effectMs: visits.reduce((sum, visit) => sum + visit.effectMs, 0) + spent("performing"),
      waitMs: visits.reduce((sum, visit) => sum + visit.waitMs, 0) + spent("waiting", "retrying"),
    },
    stuck: measured.stuck,
    ...(program.settings.secrets && { secrets: program.settings.secrets }),
  };
};
