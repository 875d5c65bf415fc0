// Lead routing: a lead goes to the right people at once, into the CRM, and gets an answer while they look.
import { businessName, FIRST_NAME, QUIET_NIGHTS, REACHABLE, SAME_CONTACT, starter } from "./starter.ts";

const LEAD =
  "Name: {{ event.data.name }}\nCompany: {{ event.data.company }}\nE-mail: {{ event.data.email | default: contact.email }}\n" +
  "Phone: {{ event.data.phone | default: contact.phone }}\nBudget: {{ event.data.budget }}\nMessage: {{ event.data.message }}\nSource: {{ event.data.source }}";

export const leadRouting = starter({
  id: "starter_lead_routing",
  name: "Lead routing",
  description:
    "A new lead is tagged by its budget, sent to your CRM with retries, and mailed to the people whose it is; large ones to another inbox. The lead gets an " +
    "answer at once, and their reply opens the conversation for your team. When the CRM does not take it, a person is told.",
  category: "Sales",
  tags: ["leads", "crm", "routing", "sales"],
  variables: [
    businessName,
    {
      name: "event",
      type: "string",
      required: true,
      defaultValue: "lead.created",
      description: "Event of your form; data.name, email, phone, company, budget, message, source",
    },
    { name: "crm_url", type: "url", required: true, description: "Address of your CRM that takes leads as JSON" },
    {
      name: "crm_authorization",
      type: "string",
      required: false,
      description:
        "What the CRM wants as Authorization header; better a run-time template such as {{ variables.crm_key }}",
    },
    {
      name: "large_budget",
      type: "number",
      required: true,
      defaultValue: 10_000,
      description: "From here on a lead is a large one",
    },
    { name: "large_email", type: "email", required: true, description: "Who takes care of large leads" },
    {
      name: "team_email",
      type: "email",
      required: true,
      description: "Who takes care of the others, and hears when the CRM fails",
    },
    {
      name: "answer_hours",
      type: "number",
      required: true,
      defaultValue: 24,
      description: "Within how many hours you promise to answer",
    },
  ],
  settings: { quietHours: QUIET_NIGHTS, timeoutSeconds: 30 * 86_400 },
  nodes: {
    lead: ["trigger_event", "A lead comes", { event_type: "[[template.event]]" }],
    at_once: ["flow_parallel", "At the same time"],
    crm: [
      "action_webhook",
      "Into the CRM",
      {
        url: "[[template.crm_url]]",
        method: "POST",
        headers: { "Content-Type": "application/json", Authorization: "[[template.crm_authorization]]" },
        body: { lead: "{{ event.data }}", contact_id: "{{ contact.id }}", received_at: "{{ event.occurred_at }}" },
        retry: { max_attempts: 5, backoff_seconds: 30, multiplier: 2 },
      },
    ],
    crm_failed: [
      "action_email",
      "Tell that the CRM failed",
      {
        to: "[[template.team_email]]",
        subject: "A lead did not get into the CRM",
        body: `The CRM said: {{ nodes.crm.error.message }}\n\n${LEAD}`,
      },
    ],
    large: [
      "condition_if",
      "A large one?",
      {
        conditions: [{ field: "event.data.budget", operator: "greater_or_equal", value: "[[template.large_budget]]" }],
      },
    ],
    tag_large: ["action_add_tag", "Tag as large", { tag_name: "lead-large", on_error: "continue" }],
    mail_large: [
      "action_email",
      "To who takes large ones",
      {
        to: "[[template.large_email]]",
        subject: "Large lead: {{ event.data.company | default: event.data.name }}",
        body: LEAD,
        retry: { max_attempts: 3, backoff_seconds: 60, multiplier: 2 },
        on_error: "continue",
      },
    ],
    tag_usual: ["action_add_tag", "Tag as lead", { tag_name: "lead", on_error: "continue" }],
    mail_usual: [
      "action_email",
      "To the team",
      {
        to: "[[template.team_email]]",
        subject: "Lead: {{ event.data.company | default: event.data.name }}",
        body: LEAD,
        retry: { max_attempts: 3, backoff_seconds: 60, multiplier: 2 },
        on_error: "continue",
      },
    ],
    reachable: ["condition_if", "Has not opted out?", REACHABLE],
    answer: [
      "action_chat_message",
      "Answer the lead",
      {
        message: `Hi ${FIRST_NAME}, thank you for writing to [[template.business_name]]. We come back to you within [[template.answer_hours]] hours. If it is urgent, reply to this message.`,
      },
    ],
    reply: [
      "action_wait_for_event",
      "Do they reply?",
      { event_type: "MESSAGE_RECEIVED", filters: SAME_CONTACT, timeout: "[[template.answer_hours]]", unit: "hours" },
    ],
    urgent: ["action_set_conversation_status", "Open for the team", { status: "open", on_error: "continue" }],
    done: ["flow_end", "Done"],
  },
  ways: [
    ["lead", "at_once"],
    ["at_once", "crm", "crm"],
    ["at_once", "large", "people"],
    ["at_once", "reachable", "lead"],
    ["crm", "done"],
    ["crm", "crm_failed", "error"],
    ["crm_failed", "done"],
    ["crm_failed", "done", "error"],
    ["large", "tag_large", "true"],
    ["large", "tag_usual", "false"],
    ["tag_large", "mail_large"],
    ["tag_usual", "mail_usual"],
    ["mail_large", "done"],
    ["mail_usual", "done"],
    ["reachable", "answer", "true"],
    ["reachable", "done", "false"],
    ["answer", "reply"],
    ["answer", "done", "error"],
    ["reply", "urgent", "received"],
    ["reply", "done", "timeout"],
    ["urgent", "done"],
  ],
});
