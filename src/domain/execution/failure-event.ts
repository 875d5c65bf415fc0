// What a failed run tells the workflow that its own names for that (settings, `errorWorkflowId`): an event for that workflow alone to be started by,
// and for whoever else listens to it. Its id follows from the run, so that telling it again starts nothing twice.
import type { DefinitionSettings } from "../../engine/contract.ts";
import type { RunRecord, RunState } from "../../engine/state.ts";
import { derivedId } from "../../lib/ids.ts";
import { isForbiddenKey, type Json, type JsonObject, own } from "../../lib/json.ts";
import type { StreamEvent } from "../event.ts";
import { mapTexts } from "../variable/secret-name.ts";
import { hiderOf } from "./redact.ts";

/** PERSISTED CONTRACT. */
const EXECUTION_FAILED = "EXECUTION_FAILED";

/** JSON text of the variables, and of the data that the run was started with, that travel along; more is named as left out. */
const MAX_CHARS = 200_000;

/** A run that was started by a failure tells none of its own: an error workflow that fails ends there. */
export const tellsFailure = (run: RunRecord, { errorWorkflowId }: DefinitionSettings): boolean =>
  errorWorkflowId !== undefined &&
  !run.dryRun &&
  (run.status === "failed" || run.status === "timed_out") &&
  run.event.type !== EXECUTION_FAILED;

const fitting = (value: JsonObject): Json => (JSON.stringify(value).length <= MAX_CHARS ? value : { omitted: true });

/** `depth`: of the event that started the run. */
export const failureEventOf = async (
  { run, variables }: RunState,
  { errorWorkflowId, secrets = [] }: DefinitionSettings,
  depth: number,
): Promise<StreamEvent> => {
  const { executionId, organizationId, workflowId, versionId, status, error, event, contact, endedAt, startedAt } =
    run!;
  const contactId = own(contact, "id");
  const open = [...variables].filter(([name]) => !isForbiddenKey(name) && !secrets.includes(name));
  // What the log keeps is read by others.
  const hide = hiderOf(secrets, [Object.fromEntries(variables)]);
  const shown = (value: Json): Json => mapTexts(value, hide.text);
  return {
    id: await derivedId(endedAt!, "failure", executionId),
    organizationId,
    type: EXECUTION_FAILED,
    source: `execution:${executionId}`,
    ...(typeof contactId === "string" && { contactId }),
    ...(event.conversationId !== undefined && { conversationId: event.conversationId }),
    data: {
      execution_id: executionId,
      workflow_id: workflowId,
      version_id: versionId,
      status,
      error: { code: error?.code ?? null, message: shown(error?.message ?? null), node_id: error?.nodeId ?? null },
      started_at: new Date(startedAt).toISOString(),
      failed_at: new Date(endedAt!).toISOString(),
      trigger: { id: event.id, type: event.type, source: event.source, data: shown(fitting(event.data)) },
      variables: shown(fitting(Object.fromEntries(open) as JsonObject)),
    },
    occurredAt: endedAt!,
    depth: depth + 1,
    target: { workflowId: errorWorkflowId!, nodeIds: [] },
  };
};
