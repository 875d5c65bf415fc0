// Wire shapes of what is said of a workflow: what is wrong with it, what would make it better, how long it will take, what a test run came to.
import { z } from "@hono/zod-openapi";
import { anyJson } from "../../shared/any-json.ts";
import { instant, ms } from "../schema.ts";
import { workflowData } from "./workflow-schema.ts";

const nodeEstimate = z.object({
  nodeId: z.string(),
  nodeType: z.string(),
  estimatedMs: ms,
  p95Ms: ms,
  source: z.enum(["measured", "static"]),
  sampleCount: z.int(),
  failureRate: z.number().nullable(),
});

/** Milliseconds; `measured`: from what such nodes took in this organisation in the last 30 days. */
export const performanceEstimate = z
  .object({
    estimatedDurationMs: ms,
    p95DurationMs: ms,
    /** Null: nothing bounds it. */
    worstCaseMs: ms.nullable(),
    source: z.enum(["measured", "static", "mixed"]),
    sampleCount: z.int(),
    estimatedSuccessRate: z.number().nullable(),
    criticalPath: z.array(z.string()),
    externalCalls: z.int(),
    messages: z.int(),
    nodes: z.array(nodeEstimate),
  })
  .openapi("PerformanceEstimate");

export const validateBody = z.strictObject({
  workflowData: workflowData.optional(),
  testData: z.record(z.string(), anyJson).optional(),
});

/** ValidationError and ValidationWarning of the document. */
const problem = z
  .object({
    field: z.string(),
    message: z.string(),
    code: z.string(),
    nodeId: z.string().optional(),
  })
  .openapi("ValidationProblem");

export const validated = z.object({
  isValid: z.boolean(),
  warnings: z.array(problem),
  errors: z.array(problem),
  suggestions: z.array(
    z
      .object({
        code: z.string(),
        /** What to do, and why. */
        reason: z.string(),
        nodeId: z.string().nullable(),
        field: z.string(),
        /** Of a run's time, by the means that were measured. */
        estimatedSavingMs: ms.nullable(),
      })
      .openapi("OptimizationSuggestion"),
  ),
  estimatedPerformance: performanceEstimate,
});

export const testBody = z.strictObject({
  testData: z.record(z.string(), anyJson),
  stepByStep: z.boolean().optional(),
  mockExternalServices: z.boolean().optional(),
});

const testResult = z
  .object({
    stepNumber: z.int(),
    nodeId: z.string(),
    nodeType: z.string(),
    name: z.string(),
    status: z.string(),
    /** Step by step: 1 for the node's first visit; else how often it was visited. */
    visit: z.int(),
    port: z.string().nullable(),
    input: anyJson,
    output: anyJson,
    /** After the step; step by step only. */
    variables: z.record(z.string(), anyJson).optional(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    /** Nothing was sent: the answer is made up. */
    mocked: z.boolean(),
    attempts: z.int(),
    durationMs: ms,
  })
  .openapi("TestExecutionResult");

export const tested = z.object({
  testExecutionId: z.string(),
  status: z.enum(["completed", "failed", "cancelled", "timed_out", "running", "waiting"]),
  error: z.object({ code: z.string(), message: z.string(), nodeId: z.string().nullable() }).nullable(),
  results: z.array(testResult),
  performance: z.object({
    totalDurationMs: ms,
    /** By the run's own clock: with the waits that were leapt over. */
    simulatedDurationMs: ms,
    stepsExecuted: z.int(),
    attempts: z.int(),
    mockedSteps: z.int(),
    slowestNodeId: z.string().nullable(),
  }),
  logs: z.array(
    z.object({
      timestamp: instant,
      level: z.enum(["info", "error"]),
      nodeId: z.string().nullable(),
      stepNumber: z.int().nullable(),
      message: z.string(),
    }),
  ),
  variables: z.record(z.string(), anyJson),
  output: anyJson,
});
