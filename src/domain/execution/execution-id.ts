// The id of the run that an event starts in a workflow: the same whoever computes it, so that a redelivery starts nothing twice.
import { derivedId } from "../../lib/ids.ts";

/** PERSISTED CONTRACT: a UUIDv7 at the event's time (epoch ms). */
export const executionIdOf = (event: { id: string; occurredAt: number }, workflowId: string): Promise<string> =>
  derivedId(event.occurredAt, "execution", event.id, workflowId);
