// The events that this product makes by itself, and what their data hold.
import type { EventType } from "./part.ts";

const contact = { user_id: "string" } as const;
const conversation = { conversation_id: "string", ...contact } as const;
const moment = { timestamp: "datetime" } as const;

type Described = { code: string; name: string; category: string; description: string; fields: Record<string, string> };

const DESCRIBED: readonly Described[] = [
  {
    code: "MESSAGE_RECEIVED",
    name: "Message Received",
    category: "message",
    description: "Triggered when a customer message is received",
    fields: { message_id: "string", ...conversation, content: "string", source: "string", ...moment },
  },
  {
    code: "MESSAGE_SENT",
    name: "Message Sent",
    category: "message",
    description: "Triggered when a message is sent to a customer",
    fields: { message_id: "string", ...conversation, content: "string", channel: "string", ...moment },
  },
  {
    code: "MESSAGE_STATUS",
    name: "Message Status",
    category: "message",
    description: "Triggered when a provider tells what became of a message",
    fields: { message_id: "string", ...conversation, status: "string", channel: "string", ...moment },
  },
  {
    code: "USER_CREATED",
    name: "User Created",
    category: "user",
    description: "Triggered when a customer is registered",
    fields: { ...contact, phone: "string", email: "string", ...moment },
  },
  {
    code: "CONVERSATION_CREATED",
    name: "Conversation Created",
    category: "conversation",
    description: "Triggered when a conversation is started",
    fields: { ...conversation, channel: "string", ...moment },
  },
  {
    code: "CONVERSATION_CLOSED",
    name: "Conversation Closed",
    category: "conversation",
    description: "Triggered when a conversation ends",
    fields: { ...conversation, ...moment },
  },
  {
    code: "TAG_ADDED",
    name: "Tag Added",
    category: "tag",
    description: "Triggered when a customer gets a tag",
    fields: { tag_name: "string", ...contact, ...moment },
  },
  {
    code: "TAG_REMOVED",
    name: "Tag Removed",
    category: "tag",
    description: "Triggered when a tag is taken from a customer",
    fields: { tag_name: "string", ...contact, ...moment },
  },
  {
    code: "SCHEDULED",
    name: "Scheduled",
    category: "schedule",
    description: "Triggered at the times of a schedule",
    fields: { scheduled_at: "datetime", ...moment },
  },
  {
    code: "WEBHOOK_RECEIVED",
    name: "Webhook Received",
    category: "webhook",
    description: "Triggered when one of the organisation's webhooks is called",
    fields: { webhook_id: "string", ...moment },
  },
  {
    code: "MANUAL_TRIGGER",
    name: "Manual Trigger",
    category: "manual",
    description: "Triggered when somebody executes a workflow by hand",
    fields: { reason: "string", ...moment },
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
