import { filledText, flag, jsonRecord, templated } from "./config.ts";
import { ATTEMPT_MS, defineNode, passResult } from "./node.ts";

/** Output `{execution_id, status}`, and with `wait` the child's `output`. */
export const actionSubworkflow = defineNode({
  type: "action_subworkflow",
  kind: "action",
  title: "Run workflow",
  description:
    "Runs another workflow with these variables. Unless `wait` is false it waits for the end, and fails when the other run does not complete.",
  fields: {
    workflow_id: templated(filledText(64).meta({ title: "Workflow" })),
    variables: templated(jsonRecord.optional().meta({ title: "Variables" })),
    wait: templated(flag.optional().meta({ title: "Wait for its end", default: true })),
  },
  waits: ({ wait }) => wait !== false,
  longestMs: ({ wait }) => (wait === false ? ATTEMPT_MS : Number.POSITIVE_INFINITY),
  enter: ({ config: { workflow_id, variables, wait } }) => ({
    kind: "perform",
    action: "workflow.start",
    input: { workflow_id, variables: variables ?? {}, wait: wait ?? true },
  }),
  resume: passResult,
});
