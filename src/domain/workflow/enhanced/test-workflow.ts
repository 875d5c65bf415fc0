// A test run of a workflow as it is now, published or not: messages to people are never sent, requests leave only when they are asked to. Leaves one
// audit row and nothing else.
import { CURRENT_FLAGS } from "../../../engine/flags.ts";
import type { Program } from "../../../engine/program.ts";
import { newId } from "../../../lib/ids.ts";
import { isJsonObject, type JsonObject } from "../../../lib/json.ts";
import { triggerTypes } from "../../../triggers/index.ts";
import { auditStatement } from "../../audit/record.ts";
import type { Context } from "../../context.ts";
import { type DryRun, dryRun } from "../../execution/dry-run.ts";
import { redactorOf, redactView } from "../../execution/redact.ts";
import { checkRunSize } from "../../execution/run-size.ts";
import { readGlobals, withGlobals } from "../../variable/globals.ts";
import { secretsPort } from "../../variable/secret-values.ts";
import { openWorkflow } from "../access.ts";
import type { Workflow } from "../workflow.ts";
import { requireRunnable } from "./check-wire.ts";
import { judgeStored } from "./judge-stored.ts";

export type WorkflowTest = { testData: JsonObject; stepByStep: boolean; mockExternalServices: boolean };

export type TestedWorkflow = DryRun & {
  program: Program;
  /** Node's words for people, by its id. */
  labels: ReadonlyMap<string, string>;
};

/** The type of the event that would start it: its first trigger's. */
const eventTypeOf = (program: Program): string => {
  for (const id of program.startNodes()) {
    const { type, config } = program.nodes.get(id)!;
    const trigger = triggerTypes.get(type.type);
    if (!trigger) continue;
    const [subscription] = trigger.subscriptions(config);
    if (subscription) return subscription.eventType;
    if (trigger.startedBy === "webhook") return "WEBHOOK_RECEIVED";
    if (trigger.startedBy === "schedule") return "SCHEDULED";
  }
  return "MANUAL_TRIGGER";
};

/** `testData` is the event's data and, by their names, the run's variables; its `contact` is whom the run is about. */
export const tryWorkflow = async (
  { ports, principal }: Context,
  workflow: Workflow,
  program: Program,
  { testData, stepByStep, mockExternalServices }: WorkflowTest,
): Promise<DryRun> => {
  const { now, code, http } = ports;
  const at = now();
  const { contact } = testData;
  const globals = await readGlobals(ports.db, workflow.organizationId);
  return dryRun(
    program,
    {
      flags: CURRENT_FLAGS,
      executionId: newId(at),
      organizationId: workflow.organizationId,
      workflowId: workflow.id,
      versionId: "draft",
      startNodes: [],
      event: {
        id: newId(at),
        type: eventTypeOf(program),
        source: "test",
        data: testData,
        occurredAt: at,
        ...(isJsonObject(contact) && { contact }),
      },
      variables: withGlobals(globals, program.variables, testData),
      metadata: {},
      username: principal.username,
    },
    { now, code, stepByStep, ...(!mockExternalServices && { http, secrets: secretsPort(ports) }) },
  );
};

/** Of any API. Throws `invalid_definition` with the errors of a workflow that cannot run. */
export const testEnhancedWorkflow = async (
  context: Context,
  id: string,
  test: WorkflowTest,
): Promise<TestedWorkflow> => {
  const workflow = await openWorkflow(context, id, "execute");
  checkRunSize({ variables: test.testData, metadata: {} });
  const judged = judgeStored(workflow, { egress: context.ports.egress });
  const program = requireRunnable(judged);
  const details = { mockExternalServices: test.mockExternalServices };
  await context.ports.db.batch([
    auditStatement(context, { action: "workflow.tested", targetType: "workflow", targetId: id, details }),
  ]);
  const labels = new Map(Object.entries(judged.definition.nodes).map(([node, { label }]) => [node, label ?? node]));
  const run = await tryWorkflow(context, workflow, program, test);
  const { secrets = [] } = program.settings;
  const redact = redactorOf(secrets, [program.variables, run.view.variables]);
  const variables = new Map([...run.variables].map(([n, values]) => [n, redact(values)]));
  return { ...run, view: redactView({ ...run.view, secrets: [...secrets] }), variables, program, labels };
};
