// What is wrong with a workflow, or with a drawing that may become its own, what would make it better, and what a run with some data comes to.
import { isForbiddenKey, type JsonObject } from "../../../lib/json.ts";
import type { Context } from "../../context.ts";
import { checkRunSize } from "../../execution/run-size.ts";
import { openWorkflow } from "../access.ts";
import { checkSize, type Finding } from "../definition.ts";
import { unknownChildren } from "./check-wire.ts";
import { type Judged, judgeWorkflow } from "./compile-workflow.ts";
import { judgeStored } from "./judge-stored.ts";
import { type Review, reviewWorkflow } from "./review-workflow.ts";
import { tryWorkflow } from "./test-workflow.ts";
import { type EnhancedWire, type WorkflowData, wireOf } from "./workflow-data.ts";

export type Validation = { workflowData?: WorkflowData | undefined; testData?: JsonObject | undefined };

const NO_TRIGGER: Omit<EnhancedWire, "workflowData"> = {
  triggerType: null,
  triggerConfig: {},
  settings: {},
  templateId: null,
};

/** Steps of the test run that failed, as warnings: what was drawn is right, and these data do not get through it. */
const failuresWith = async (
  context: Context,
  workflow: Parameters<typeof tryWorkflow>[1],
  { program, placeOf }: Judged,
  testData: JsonObject,
): Promise<Finding[]> => {
  if (!program) return [];
  const { view } = await tryWorkflow(context, workflow, program, {
    testData,
    stepByStep: false,
    mockExternalServices: true,
  });
  const told = new Map<string, Finding>();
  for (const { nodeId, status, error } of view.visits) {
    if (status !== "failed" || told.has(nodeId) || isForbiddenKey(nodeId)) continue;
    const message = `With the test data '${nodeId}' fails: ${error?.message ?? "no reason"}`;
    const path = placeOf({ nodeId, path: `nodes.${nodeId}` });
    told.set(nodeId, { severity: "warning", code: "fails_with_test_data", message, nodeId, path });
  }
  return [...told.values()];
};

/** Of any API; writes nothing, and sends nothing. */
export const validateEnhancedWorkflow = async (
  context: Context,
  id: string,
  { workflowData, testData }: Validation,
): Promise<{ findings: Finding[] } & Review> => {
  // A run with data may compute, though it changes nothing.
  const workflow = await openWorkflow(context, id, testData ? "execute" : "view");
  if (testData) checkRunSize({ variables: testData, metadata: {} });
  const stored = workflow.authoring === "enhanced" ? wireOf(workflow) : NO_TRIGGER;
  const judged = workflowData
    ? judgeWorkflow({ ...stored, workflowData }, context.ports)
    : judgeStored(workflow, context.ports);
  if (workflowData) checkSize(judged.definition);
  const [review, failures, unknown] = await Promise.all([
    reviewWorkflow(context, judged),
    testData ? failuresWith(context, workflow, judged, testData) : [],
    unknownChildren(context, judged.definition),
  ]);
  const children = unknown.map((finding) => ({ ...finding, path: judged.placeOf(finding) }));
  return { findings: [...judged.findings, ...children, ...failures], ...review };
};
