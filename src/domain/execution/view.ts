// What the outside sees of a run: a view of its state. Pure.
import { inputOf } from "../../engine/enter.ts";
import type { Program } from "../../engine/program.ts";
import type { RunState, VisitRecord } from "../../engine/state.ts";
import { isForbiddenKey, type Json, type JsonObject } from "../../lib/json.ts";
import type { ExecutionView, NodeVisitView } from "../ports.ts";

const inOrder = (state: RunState): VisitRecord[] => [...state.visits.values()].sort((a, b) => a.n - b.n);

const visitView = (state: RunState, program: Program, visit: VisitRecord): NodeVisitView => {
  const node = program.nodes.get(visit.node);
  return {
    n: visit.n,
    nodeId: visit.node,
    nodeType: node?.type.type ?? "",
    visit: visit.ordinal,
    status: visit.status,
    startedAt: visit.startedAt,
    completedAt: visit.completedAt,
    input: node ? inputOf(state.visits, state.run!.event.data, node, visit) : null,
    output: visit.output,
    logs: visit.logs,
    error: visit.error,
    attempts: visit.attempts,
    port: visit.port,
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
  measured: { commits: number; stuck: string | null },
  program: Program,
  now: number,
): ExecutionView => {
  const run = state.run!;
  const visits = inOrder(state);
  return {
    executionId: run.executionId,
    organizationId: run.organizationId,
    workflowId: run.workflowId,
    versionId: run.versionId,
    status: run.status,
    dryRun: run.dryRun,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    path: visits.map((visit) => visit.node),
    visits: visits.map((visit) => visitView(state, program, visit)),
    variables: variablesOf(state),
    output: run.output,
    error: run.error,
    metrics: {
      commits: measured.commits,
      steps: visits.length,
      attempts: visits.reduce((sum, visit) => sum + visit.attempts, 0),
      totalMs: (run.endedAt ?? now) - run.startedAt,
      effectMs: visits.reduce((sum, visit) => sum + visit.effectMs, 0),
      waitMs: visits.reduce((sum, visit) => sum + visit.waitMs, 0),
    },
    stuck: measured.stuck,
  };
};
