// Order status: tells people what becomes of their order, by e-mail where no message reaches them.
import { BY_NAME, businessName, QUIET_NIGHTS, starter } from "./starter.ts";

const ORDER = "order {{ event.data.order_id }}";

export const orderStatus = starter({
  id: "starter_order_status",
  name: "Order status",
  description:
    "Your shop tells of an order's new status; the customer is told in words: confirmed, shipped with its tracking link, out for delivery, delivered, " +
    "cancelled. Who cannot be reached by message gets an e-mail. Other statuses stay silent.",
  category: "Service",
  tags: ["orders", "shipping", "transactional", "shop"],
  variables: [
    businessName,
    {
      name: "event",
      type: "string",
      required: true,
      defaultValue: "order.updated",
      description: "Event of your shop; data.order_id, data.status, and where there are data.tracking_url and data.eta",
    },
    {
      name: "contact_way",
      type: "string",
      required: true,
      defaultValue: "Just reply to this message.",
      description: "A sentence on how to reach you with questions",
    },
  ],
  settings: { quietHours: QUIET_NIGHTS, timeoutSeconds: 7 * 86_400 },
  nodes: {
    updated: ["trigger_event", "An order changes", { event_type: "[[template.event]]" }],
    status: [
      "condition_switch",
      "Which status?",
      {
        field: "{{ event.data.status | downcase }}",
        cases: [
          { value: "confirmed", port: "confirmed" },
          { value: "shipped", port: "shipped" },
          { value: "out_for_delivery", port: "out_for_delivery" },
          { value: "delivered", port: "delivered" },
          { value: "cancelled", port: "cancelled" },
        ],
      },
    ],
    confirmed: [
      "data_variable",
      "Confirmed",
      { name: "text", value: `thank you${BY_NAME}! We have got your ${ORDER} and tell you when it leaves us.` },
    ],
    shipped: [
      "data_variable",
      "Shipped",
      {
        name: "text",
        value: `good news${BY_NAME}: your ${ORDER} is on its way.{% if event.data.tracking_url %} Follow it here: {{ event.data.tracking_url }}{% endif %}{% if event.data.eta %} Expected: {{ event.data.eta | date: "%B %-d" }}.{% endif %}`,
      },
    ],
    out_for_delivery: [
      "data_variable",
      "Out for delivery",
      {
        name: "text",
        value: `your ${ORDER} comes today${BY_NAME}.{% if event.data.tracking_url %} {{ event.data.tracking_url }}{% endif %}`,
      },
    ],
    delivered: [
      "data_variable",
      "Delivered",
      { name: "text", value: `your ${ORDER} was delivered${BY_NAME}. We hope you like it.` },
    ],
    cancelled: [
      "data_variable",
      "Cancelled",
      { name: "text", value: `your ${ORDER} was cancelled${BY_NAME}. What you paid comes back the way you paid.` },
    ],
    tell: [
      "action_chat_message",
      "Tell them",
      { message: "[[template.business_name]]: {{ variables.text }} Any questions? [[template.contact_way]]" },
    ],
    has_email: [
      "condition_if",
      "Is an e-mail known?",
      {
        conditions: [
          { field: "contact.email", operator: "exists" },
          { field: "contact.consent_state", operator: "not_in", value: ["OPT_OUT", "STOP"] },
        ],
      },
    ],
    mail: [
      "action_email",
      "Tell them by e-mail",
      {
        to: "{{ contact.email }}",
        subject:
          "Your order {{ event.data.order_id }} at [[template.business_name]]: {{ event.data.status | replace: '_', ' ' }}",
        body: "Hello from [[template.business_name]]: {{ variables.text }}",
      },
    ],
    done: ["flow_end", "Done"],
  },
  ways: [
    ["updated", "status"],
    ["status", "confirmed", "confirmed"],
    ["status", "shipped", "shipped"],
    ["status", "out_for_delivery", "out_for_delivery"],
    ["status", "delivered", "delivered"],
    ["status", "cancelled", "cancelled"],
    ["status", "done", "default"],
    ["confirmed", "tell"],
    ["shipped", "tell"],
    ["out_for_delivery", "tell"],
    ["delivered", "tell"],
    ["cancelled", "tell"],
    ["tell", "done"],
    ["tell", "has_email", "error"],
    ["has_email", "mail", "true"],
    ["has_email", "done", "false"],
    ["mail", "done"],
    ["mail", "done", "error"],
  ],
});
