// Abandoned cart: reminds of a checkout that did not become an order, twice at the most.
import {
  businessName,
  consentTag,
  FIRST_NAME,
  QUIET_NIGHTS,
  SAME_CONTACT,
  starter,
  WANTS_ADVERTISING,
} from "./starter.ts";

export const abandonedCart = starter({
  id: "starter_abandoned_cart",
  name: "Abandoned cart",
  description:
    "A checkout begins; when no order of the same person follows, reminds them after an hour and once more a day later. Stops as soon as they order. Only " +
    "people who agreed to advertising are written to, and never at night.",
  category: "Sales",
  tags: ["cart", "shop", "recovery", "marketing"],
  variables: [
    businessName,
    consentTag,
    {
      name: "checkout_event",
      type: "string",
      required: true,
      defaultValue: "checkout.started",
      description: "Event of your shop when a checkout begins, once each; data.cart_url leads back to it",
    },
    {
      name: "order_event",
      type: "string",
      required: true,
      defaultValue: "order.created",
      description: "Event of your shop when somebody orders",
    },
    {
      name: "shop_url",
      type: "url",
      required: true,
      description: "Where the reminder leads when the event brings no data.cart_url",
    },
    {
      name: "first_hours",
      type: "number",
      required: true,
      defaultValue: 1,
      description: "Hours until the first reminder",
    },
    {
      name: "second_hours",
      type: "number",
      required: true,
      defaultValue: 24,
      description: "Hours until the second one",
    },
    {
      name: "offer",
      type: "string",
      required: false,
      defaultValue: "Questions? Just reply to this message.",
      description: "A sentence at the end of the second reminder, such as a discount",
    },
  ],
  settings: { quietHours: QUIET_NIGHTS, timeoutSeconds: 14 * 86_400 },
  nodes: {
    checkout: ["trigger_event", "A checkout begins", { event_type: "[[template.checkout_event]]" }],
    ordered_at_once: [
      "action_wait_for_event",
      "Do they order?",
      {
        event_type: "[[template.order_event]]",
        filters: SAME_CONTACT,
        timeout: "[[template.first_hours]]",
        unit: "hours",
      },
    ],
    agreed: ["condition_if", "Agreed to advertising?", WANTS_ADVERTISING],
    remind: [
      "action_chat_message",
      "First reminder",
      {
        message: `Hi ${FIRST_NAME}, you left something in your cart at [[template.business_name]]. It is saved for you: {{ event.data.cart_url | default: "[[template.shop_url]]" }}`,
      },
    ],
    ordered: [
      "action_wait_for_event",
      "Do they order now?",
      {
        event_type: "[[template.order_event]]",
        filters: SAME_CONTACT,
        timeout: "[[template.second_hours]]",
        unit: "hours",
      },
    ],
    recovered: ["action_add_tag", "Tag as recovered", { tag_name: "cart-recovered" }],
    remind_again: [
      "action_chat_message",
      "Last reminder",
      {
        message: `Hi ${FIRST_NAME}, your cart at [[template.business_name]] is still waiting: {{ event.data.cart_url | default: "[[template.shop_url]]" }} [[template.offer]]`,
      },
    ],
    done: ["flow_end", "Done"],
  },
  ways: [
    ["checkout", "ordered_at_once"],
    ["ordered_at_once", "done", "received"],
    ["ordered_at_once", "agreed", "timeout"],
    ["agreed", "remind", "true"],
    ["agreed", "done", "false"],
    ["remind", "ordered"],
    ["remind", "done", "error"],
    ["ordered", "recovered", "received"],
    ["ordered", "remind_again", "timeout"],
    ["recovered", "done"],
    ["remind_again", "done"],
    ["remind_again", "done", "error"],
  ],
});
