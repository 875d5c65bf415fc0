// The catalogue of action types: a line a field, from which the reading of a configuration, its description for people and the node that it runs as
// all come. What a field may hold is judged by that node's own schema (nodes/).
import { type Json, type JsonObject, own } from "../../lib/json.ts";

export type Parameter = {
  name: string;
  label: string;
  type: "string" | "text" | "boolean" | "number" | "object" | "choice" | "code";
  required: boolean;
  description: string;
  /** What it is when it is not said. */
  default?: Json;
  choices?: readonly string[];
  /** It may hold {{user.*}} and {{event.*}}. */
  templates: boolean;
  example: Json;
  /** The node's name for it, where that is another one. */
  field?: string;
};

export type ActionType = {
  value: string;
  label: string;
  description: string;
  /** Of nodes/. */
  node: string;
  parameters: readonly Parameter[];
  /** What of the node's config is the same for all of them. */
  fixed?: JsonObject;
};

const TEMPLATES = { templates: true } as const;
const PLAIN = { templates: false } as const;
const REQUIRED = { required: true } as const;
const OPTIONAL = { required: false } as const;

/** What `context` has of them, whether the code says their names or not. */
export const CODE_READS = ["user", "event", "variables"];

const tagName: Parameter = {
  name: "tag_name",
  label: "Tag",
  type: "string",
  ...REQUIRED,
  ...TEMPLATES,
  description: "The tag's name, up to 100 characters.",
  example: "interested",
};

export const ACTION_TYPES: readonly ActionType[] = [
  {
    value: "send_message",
    label: "Send Message",
    description: "Sends a text to the customer, by the conversation's channel.",
    node: "action_chat_message",
    parameters: [
      {
        name: "message",
        label: "Message",
        type: "text",
        ...REQUIRED,
        ...TEMPLATES,
        description: "What the customer reads, up to 4096 characters.",
        example: "Hello {{user.first_name}}!",
      },
      {
        name: "channel",
        label: "Channel",
        type: "string",
        ...OPTIONAL,
        ...TEMPLATES,
        description: "A channel's kind (whatsapp, sms, inapp) or id, where it is not the conversation's.",
        example: "whatsapp",
      },
      {
        name: "template_id",
        label: "Template",
        type: "string",
        ...OPTIONAL,
        ...TEMPLATES,
        description: "The approved template that goes where free text may not: WhatsApp, 24 hours after the last word.",
        example: "welcome_back",
      },
      {
        name: "template_language",
        label: "Template's language",
        type: "string",
        ...OPTIONAL,
        ...TEMPLATES,
        description: "Such as en_US.",
        example: "en_US",
      },
      {
        name: "template_variables",
        label: "Template's variables",
        type: "object",
        ...OPTIONAL,
        ...TEMPLATES,
        description: "The template's variables by name or number.",
        example: { "1": "{{user.first_name}}" },
      },
    ],
  },
  {
    value: "send_email",
    label: "Send Email",
    description: "Sends an e-mail.",
    node: "action_email",
    parameters: [
      {
        name: "subject",
        label: "Subject",
        type: "string",
        ...REQUIRED,
        ...TEMPLATES,
        description: "One line.",
        example: "Welcome {{user.first_name}}!",
      },
      {
        name: "body",
        label: "Body",
        type: "text",
        ...REQUIRED,
        ...TEMPLATES,
        description:
          "Text, or HTML when is_html says so: then what templates put in is escaped, but for {{ … | raw }}.",
        example: "Thank you for joining us!",
      },
      {
        name: "recipient",
        label: "Recipient",
        type: "string",
        ...OPTIONAL,
        ...TEMPLATES,
        description: "One e-mail address; the customer's own when it is not said.",
        default: "{{user.email}}",
        example: "{{user.email}}",
        field: "to",
      },
      {
        name: "is_html",
        label: "HTML",
        type: "boolean",
        ...OPTIONAL,
        ...PLAIN,
        description: "The body is HTML.",
        default: false,
        example: false,
      },
    ],
  },
  {
    value: "add_tag",
    label: "Add Tag",
    description: "Gives the customer a tag.",
    node: "action_add_tag",
    parameters: [tagName],
  },
  {
    value: "remove_tag",
    label: "Remove Tag",
    description: "Takes a tag from the customer.",
    node: "action_remove_tag",
    parameters: [tagName],
  },
  {
    value: "update_user",
    label: "Update User",
    description: "Changes fields of the customer; null removes one.",
    node: "action_update_contact",
    fixed: { own_fields: true },
    parameters: [
      {
        name: "updates",
        label: "Updates",
        type: "object",
        ...REQUIRED,
        ...TEMPLATES,
        description:
          "New values by field; they are read as user.<field>. phone, email, timezone, external_id and tags (all of them) are the customer's own; a phone, email or external_id that somebody else has fails the action.",
        example: { email: "{{event.data.email}}", plan: "premium", last_message: "{{event.data.content}}" },
        field: "attributes",
      },
    ],
  },
  {
    value: "add_note",
    label: "Add Note",
    description: "Writes a note on the customer, for colleagues.",
    node: "action_add_note",
    parameters: [
      {
        name: "note",
        label: "Note",
        type: "text",
        ...REQUIRED,
        ...TEMPLATES,
        description: "Up to 10000 characters.",
        example: "Asked for a discount: {{event.data.content}}",
      },
    ],
  },
  {
    value: "webhook",
    label: "Webhook",
    description: "Sends an HTTP request, with an Idempotency-Key that stays the same when it is tried again.",
    node: "action_webhook",
    parameters: [
      {
        name: "url",
        label: "URL",
        type: "string",
        ...REQUIRED,
        ...TEMPLATES,
        description: "An absolute URL that may be called from here.",
        example: "https://your-system.com/webhook",
      },
      {
        name: "method",
        label: "Method",
        type: "choice",
        ...OPTIONAL,
        ...PLAIN,
        description: "The HTTP method.",
        default: "POST",
        choices: ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"],
        example: "POST",
      },
      {
        name: "headers",
        label: "Headers",
        type: "object",
        ...OPTIONAL,
        ...TEMPLATES,
        description: "Texts of one line, by name.",
        example: { Authorization: "Bearer your-token" },
      },
      {
        name: "payload",
        label: "Payload",
        type: "object",
        ...OPTIONAL,
        ...TEMPLATES,
        description: "The body, sent as JSON; not with GET and HEAD.",
        example: { user_id: "{{user.id}}", event_type: "{{event.type}}" },
        field: "body",
      },
    ],
  },
  {
    value: "wait",
    label: "Wait",
    description: "Waits before the next action.",
    node: "action_delay",
    parameters: [
      {
        name: "duration",
        label: "Duration",
        type: "number",
        ...REQUIRED,
        ...TEMPLATES,
        description: "How many units; ten years at most.",
        example: 10,
      },
      {
        name: "unit",
        label: "Unit",
        type: "choice",
        ...REQUIRED,
        ...TEMPLATES,
        description: "The unit of the duration.",
        choices: ["seconds", "minutes", "hours", "days", "weeks"],
        example: "minutes",
      },
    ],
  },
  {
    value: "set_conversation_status",
    label: "Set Conversation Status",
    description: "Opens, parks or closes the conversation.",
    node: "action_set_conversation_status",
    parameters: [
      {
        name: "status",
        label: "Status",
        type: "choice",
        ...REQUIRED,
        ...TEMPLATES,
        description: "The new status.",
        choices: ["open", "pending", "closed"],
        example: "closed",
      },
    ],
  },
  {
    value: "custom_code",
    label: "Custom Code",
    description: "Runs Python or JavaScript in a sandbox without network. It reads `context` and sets `result`.",
    node: "action_code",
    fixed: { reads: CODE_READS },
    parameters: [
      {
        name: "code",
        label: "Code",
        type: "code",
        ...REQUIRED,
        ...PLAIN,
        description: "Up to 50000 characters. `context` has user, event and variables.",
        example: "result = {'score': len(context.get('event', {}).get('data', {}).get('content', ''))}",
      },
      {
        name: "language",
        label: "Language",
        type: "choice",
        ...OPTIONAL,
        ...PLAIN,
        description: "The code's language.",
        default: "python",
        choices: ["python", "javascript"],
        example: "python",
      },
    ],
  },
];

const BY_VALUE = new Map(ACTION_TYPES.map((type) => [type.value, type]));

export const actionTypeOf = (value: string): ActionType | undefined => BY_VALUE.get(value);

/** The node that runs it. */
export const nodeOf = (
  { node, parameters, fixed }: ActionType,
  configuration: JsonObject,
): { type: string; config: JsonObject } => {
  const config: JsonObject = { ...fixed };
  for (const { name, field = name, required, default: fallback } of parameters) {
    const value = own(configuration, name);
    // Null says that there is none.
    if (value !== undefined && (value !== null || required)) config[field] = value;
    else if (fallback !== undefined) config[field] = fallback;
  }
  return { type: node, config };
};

/** A place in a node's config, as whoever wrote the configuration knows it. */
export const parameterPath = ({ parameters }: ActionType, path: string): string => {
  const [field, ...rest] = path.split(".");
  const name = parameters.find((one) => (one.field ?? one.name) === field)?.name ?? field!;
  return [name, ...rest].join(".");
};
