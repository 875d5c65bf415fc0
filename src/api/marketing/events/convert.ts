// Where the wire names of events and their log meet ours.
import type { z } from "zod";
import type { EventLog, EventsWanted } from "../../../domain/event/read-log.ts";
import type { EventInput } from "../../../domain/marketing/process-event.ts";
import { instant } from "../convert.ts";
import { profileOf } from "../profile.ts";
import type { eventBody, logQuery } from "./schema.ts";

export const fromEvent = (body: z.output<typeof eventBody>): EventInput => {
  const userId = body.user_id || undefined;
  const conversationId = body.conversation_id || undefined;
  return {
    eventType: body.event_type,
    data: body.data ?? {},
    profile: profileOf(userId, body.user ?? {}, "user"),
    ...(conversationId === undefined ? {} : { conversationId }),
  };
};

export const fromLogQuery = ({ event_type, user_id, conversation_id }: z.output<typeof logQuery>): EventsWanted => ({
  ...(event_type === undefined ? {} : { type: event_type }),
  ...(user_id === undefined ? {} : { user: user_id }),
  ...(conversation_id === undefined ? {} : { conversationId: conversation_id }),
});

export const toEventLog = (log: EventLog) => ({
  id: log.id,
  event_type: log.type,
  user_id: log.externalId ?? log.contactId,
  conversation_id: log.conversationId,
  event_data: log.data,
  source: log.source,
  status: log.isProcessed ? "PROCESSED" : "QUEUED",
  processed: log.isProcessed,
  depth: log.depth,
  message: log.stopped,
  warnings: log.warnings,
  matched_workflows: log.started.map(({ workflowId, workflowName, executionId }) => ({
    workflow_id: workflowId,
    workflow_name: workflowName,
    execution_id: executionId,
  })),
  unmatched_workflows: log.missed.map(({ workflowId, workflowName, triggerId, triggerName, reason, failed }) => ({
    workflow_id: workflowId,
    workflow_name: workflowName,
    trigger_id: triggerId,
    trigger_name: triggerName,
    reason,
    failed_condition: failed && {
      path: failed.path,
      field: failed.field,
      operator: failed.operator,
      value: failed.expected,
      actual: failed.actual,
    },
  })),
  created_at: instant(log.receivedAt),
});
