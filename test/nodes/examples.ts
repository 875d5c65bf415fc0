// A working config of every node type. A type without one fails the contract test.
import type { JsonObject } from "../../src/lib/json.ts";

const isPaid = { operator: "and", conditions: [{ field: "event.data.status", operator: "equals", value: "paid" }] };

export const examples: Record<string, JsonObject> = {
  trigger_command: { command_name: "!test" },
  trigger_keyword: { keywords: ["book", "book a table"] },
  trigger_template: { template_id: "HX0123456789abcdef0123456789abcdef" },
  trigger_event: { event_type: "TAG_ADDED", filters: { field: "event.data.tag", operator: "equals", value: "vip" } },
  trigger_webhook: {},
  trigger_schedule: { cron: "30 9 * * MON-FRI", timezone: "Europe/Berlin" },
  trigger_manual: {},
  condition_if: { conditions: isPaid },
  condition_switch: { field: "event.data.kind", cases: [{ value: "a", port: "first" }] },
  condition_filter: {
    items: "event.data.items",
    conditions: [{ field: "item.price", operator: "greater", value: 10 }],
  },
  condition_choice: { choices: [{ id: "y", title: "Yes", port: "yes" }], text: "event.data.kind" },
  action_send_media: { media_url: "https://example.com/a.pdf", message: "Hello, {{username}}!", to: "+14155550100" },
  action_question: {
    message: "How many, {{username}}?",
    answer_type: "number",
    min: 1,
    max: "{{event.data.total}}",
    pattern: "^[0-9]+$",
    variable: "count",
    fallback: "A number, please",
    max_fails: 2,
    timeout: 1,
    unit: "hours",
  },
  action_chat_message: { message: "Hello, {{username}}!", to: "+14155550100", channel: "sms" },
  action_webhook: {
    url: "https://example.com/hook",
    method: "POST",
    headers: { "X-Order": "{{event.data.id}}" },
    body: { id: "{{event.data.id}}" },
  },
  action_email: { to: "{{contact.email}}", subject: "Hi", body: "<p>Hi</p>", is_html: true },
  action_add_tag: { tag_name: "vip" },
  action_remove_tag: { tag_name: "vip" },
  action_update_contact: { attributes: { city: "{{event.data.city}}", old: null } },
  action_add_note: { note: "Called" },
  action_set_conversation_status: { status: "closed" },
  action_code: { language: "python", code: "result = context['input']" },
  action_delay: { duration: 5, unit: "minutes" },
  action_wait_for_event: { event_type: "MESSAGE_RECEIVED", filters: isPaid, timeout: 1, unit: "hours" },
  action_subworkflow: { workflow_id: "0192f0c1-2345-7000-8000-000000000000", variables: { a: 1 }, wait: false },
  data_variable: { name: "total", value: "{{event.data.total}}" },
  data_transform: { mappings: { total: "{{event.data.total}}" } },
  loop_foreach: { items: "event.data.items", item_variable: "order" },
  loop_while: { conditions: [{ field: "variables.n", operator: "less", value: 3 }], max_iterations: 5 },
  loop_break: {},
  flow_parallel: {},
  flow_merge: {},
  flow_end: { output: { ok: true } },
};

/** What the examples' templates find. */
export const data = {
  username: "Ada",
  event: {
    data: { id: 7, status: "paid", kind: "a", city: "Kyiv", total: 12.5, items: [{ price: 5 }, { price: 50 }] },
  },
  contact: { id: "c1", email: "ada@example.com" },
  variables: { n: 0 },
};
