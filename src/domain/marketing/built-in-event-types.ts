// The events that this product makes by itself, and what their data hold.
import type { EventType } from "./part.ts";

type Described = { code: string; name: string; category: string; description: string; fields: Record<string, string> };

const DESCRIBED: readonly Described[] = [
  {
    code: "MESSAGE_RECEIVED",
    name: "Message Received",
    category: "message",
    description: "Triggered when a customer message is received",
    fields: {
      message_id: "string",
      conversation_id: "string",
      user_id: "string",
      content: "string",
      source: "string",
      timestamp: "datetime",
    },
  },
  {
    code: "MESSAGE_SENT",
    name: "Message Sent",
    category: "message",
    description: "Triggered when a message is sent to a customer",
    fields: {
      message_id: "string",
      provider_id: "string",
      channel: "string",
      to: "string",
      content: "string",
      status: "string",
    },
  },
  {
    code: "MESSAGE_STATUS",
    name: "Message Status",
    category: "message",
    description: "Triggered when a provider tells what became of a message",
    fields: {
      message_id: "string",
      provider_id: "string",
      channel: "string",
      to: "string",
      status: "string",
      error: "string",
      error_code: "string",
    },
  },
  {
    code: "USER_CREATED",
    name: "User Created",
    category: "user",
    description: "Triggered when a customer is registered",
    fields: { contact_id: "string", identity: "object" },
  },
  {
    code: "CONVERSATION_CREATED",
    name: "Conversation Created",
    category: "conversation",
    description: "Triggered when a conversation is started",
    fields: { conversation_id: "string", channel: "string" },
  },
  {
    code: "CONVERSATION_CLOSED",
    name: "Conversation Closed",
    category: "conversation",
    description: "Triggered when a conversation ends",
    fields: { conversation_id: "string", channel: "string" },
  },
  {
    code: "TAG_ADDED",
    name: "Tag Added",
    category: "tag",
    description: "Triggered when a customer gets a tag",
    fields: { tag_name: "string", tag: "string" },
  },
  {
    code: "TAG_REMOVED",
    name: "Tag Removed",
    category: "tag",
    description: "Triggered when a tag is taken from a customer",
    fields: { tag_name: "string", tag: "string" },
  },
  {
    code: "SCHEDULED",
    name: "Scheduled",
    category: "schedule",
    description: "Triggered at the times of a schedule",
    fields: { scheduled_for: "datetime", missed: "integer", next_at: "datetime" },
  },
  {
    code: "WEBHOOK_RECEIVED",
    name: "Webhook Received",
    category: "webhook",
    description: "Triggered when one of the organization's webhooks is called; its data are what was sent",
    fields: {},
  },
  {
    code: "MANUAL_TRIGGER",
    name: "Manual Trigger",
    category: "manual",
    description: "Triggered when somebody executes a workflow by hand; its data are what they give",
    fields: {},
  },
  {
    code: "EXECUTION_FAILED",
    name: "Execution Failed",
    category: "workflow",
    description: "Triggered when an execution fails or times out whose workflow names an error workflow",
    fields: {
      execution_id: "string",
      workflow_id: "string",
      version_id: "string",
      status: "string",
      error: "object",
      started_at: "datetime",
      failed_at: "datetime",
      trigger: "object",
      variables: "object",
    },
  },
];

/** The same for every organisation; they were never made, so they have the time of nothing. */
const NOBODY = "system";

export const builtInEventTypes = (organizationId: string): EventType[] =>
  DESCRIBED.map(({ code, name, category, description, fields }, index) => ({
    organizationId,
    kind: "event_type",
    id: `00000000-0000-7000-8000-${String(index + 1).padStart(12, "0")}`,
    name,
    description,
    type: code,
    isActive: true,
    body: { category, availableFields: { ...fields } },
    createdBy: NOBODY,
    createdAt: 0,
    updatedAt: 0,
  }));

const CODES: ReadonlySet<string> = new Set(DESCRIBED.map(({ code }) => code));
export const isBuiltIn = (code: string): boolean => CODES.has(code);
