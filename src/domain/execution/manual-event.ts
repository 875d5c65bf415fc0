// A start by hand as an event of the stream: made by whoever executes a workflow, and again by the sweeper from its row in the log.
import type { ManualEvent } from "../../db/queries/executions.ts";
import type { StreamEvent } from "../event.ts";

export const MANUAL = { type: "MANUAL_TRIGGER", source: "api" } as const;

export const eventByHand = (
  organizationId: string,
  { id, contactId, data, occurredAt, depth }: ManualEvent,
  workflowId: string,
): StreamEvent => ({
  id,
  organizationId,
  ...MANUAL,
  ...(contactId === null ? {} : { contactId }),
  data,
  occurredAt,
  depth,
  executed: { workflowId },
});
