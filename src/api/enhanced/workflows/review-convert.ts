// Where the wire names of what is said of a workflow meet ours: findings, suggestions, estimates, test runs.
import type { z } from "zod";
import type { Finding } from "../../../domain/workflow/definition.ts";
import type { Review } from "../../../domain/workflow/enhanced/review-workflow.ts";
import type { TestedWorkflow } from "../../../domain/workflow/enhanced/test-workflow.ts";
import type { Json } from "../../../lib/json.ts";
import { timeOf } from "../convert.ts";
import type * as schema from "./review-schema.ts";
import type * as shared from "./workflow-schema.ts";

type Said = Pick<Finding, "code" | "message" | "nodeId" | "path"> & { severity: Finding["severity"] | "suggestion" };

export const toValidationResult = ({
  severity,
  code,
  message,
  nodeId,
  path,
}: Said): z.input<typeof shared.validationResult> => ({
  severity,
  code,
  message,
  ...(nodeId === undefined ? {} : { nodeId }),
  path,
});

/** Errors first. */
export const toValidationResults = (findings: readonly Finding[], { suggestions }: Pick<Review, "suggestions">) => {
  const of = (severity: Finding["severity"]) => findings.filter((one) => one.severity === severity);
  return [...of("error"), ...of("warning"), ...suggestions].map((one) => toValidationResult(one as Said));
};

const toProblem = ({ path, message, code, nodeId }: Finding) => ({
  field: path,
  message,
  code,
  ...(nodeId === undefined ? {} : { nodeId }),
});

export const toValidated = ({
  findings,
  suggestions,
  estimate,
}: { findings: readonly Finding[] } & Review): z.input<typeof schema.validated> => {
  const of = (severity: Finding["severity"]) => findings.filter((one) => one.severity === severity).map(toProblem);
  const errors = of("error");
  return {
    isValid: errors.length === 0,
    warnings: of("warning"),
    errors,
    suggestions: suggestions.map(({ code, message, nodeId, path, savesMs }) => ({
      code,
      reason: message,
      nodeId: nodeId ?? null,
      field: path,
      estimatedSavingMs: savesMs ?? null,
    })),
    estimatedPerformance: estimate,
  };
};

type Visit = TestedWorkflow["view"]["visits"][number];

const durationOf = ({ startedAt, completedAt }: Visit): number => Math.max(0, (completedAt ?? startedAt) - startedAt);

/** A result a node, of its last visit, in the order of first visits. */
const byNode = (visits: readonly Visit[]): Visit[] => {
  const last = new Map<string, Visit>();
  for (const visit of visits) last.set(visit.nodeId, visit);
  return [...last.values()];
};

export const toTested = (test: TestedWorkflow, stepByStep: boolean): z.input<typeof schema.tested> => {
  const { view, mocked, variables, labels, simulatedMs } = test;
  const slowest = view.visits.toSorted((a, b) => durationOf(b) - durationOf(a))[0];
  const logs = view.visits.flatMap((visit) => {
    const at = { nodeId: visit.nodeId, stepNumber: visit.n };
    const failure = visit.error
      ? [{ level: "error" as const, message: `${visit.error.code}: ${visit.error.message}` }]
      : [];
    const lines = visit.logs.map((message) => ({ level: "info" as const, message }));
    return [...lines, ...failure].map((line) => ({
      timestamp: timeOf(visit.completedAt ?? visit.startedAt),
      ...at,
      ...line,
    }));
  });
  return {
    testExecutionId: view.executionId,
    status: view.status as z.input<typeof schema.tested>["status"],
    error: view.error,
    results: (stepByStep ? view.visits : byNode(view.visits)).map((visit, index) => ({
      stepNumber: stepByStep ? visit.n : index + 1,
      nodeId: visit.nodeId,
      nodeType: visit.nodeType,
      name: labels.get(visit.nodeId) ?? visit.nodeId,
      status: visit.status,
      visit: visit.visit,
      port: visit.port,
      input: visit.input,
      output: visit.output,
      ...(variables.has(visit.n) && { variables: variables.get(visit.n)! }),
      error: visit.error,
      mocked: mocked.has(visit.n),
      attempts: visit.attempts,
      durationMs: durationOf(visit),
    })),
    performance: {
      totalDurationMs: view.metrics.totalMs,
      simulatedDurationMs: simulatedMs,
      stepsExecuted: view.visits.length,
      attempts: view.metrics.attempts,
      mockedSteps: mocked.size,
      slowestNodeId: slowest?.nodeId ?? null,
    },
    logs: view.error
      ? [
          ...logs,
          {
            timestamp: timeOf(view.endedAt ?? view.startedAt),
            level: "error" as const,
            nodeId: view.error.nodeId,
            stepNumber: null,
            message: `The run ${view.status}: ${view.error.message}`,
          },
        ]
      : logs,
    variables: view.variables as { [name: string]: Json },
    output: view.output,
  };
};
