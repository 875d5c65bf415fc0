// Win-back: two messages to who has gone quiet, and then peace.
import {
  businessName,
  consentTag,
  FIRST_NAME,
  QUIET_NIGHTS,
  SAME_CONTACT,
  starter,
  WANTS_ADVERTISING,
} from "./starter.ts";

export const winBack = starter({
  id: "starter_win_back",
  name: "Win-back",
  description:
    "When a contact gets the tag of the inactive, says that they are missed, with an offer; some days later once more, then never again. An order takes the " +
    "tag away. Only people who agreed to advertising are written to, and never at night.",
  category: "Retention",
  tags: ["win-back", "retention", "marketing"],
  variables: [
    businessName,
    consentTag,
    {
      name: "inactive_tag",
      type: "string",
      required: true,
      defaultValue: "inactive",
      description: "The tag that starts it",
    },
    {
      name: "order_event",
      type: "string",
      required: true,
      defaultValue: "order.created",
      description: "Event that says that they are back",
    },
    { name: "offer", type: "string", required: true, description: "What you offer, as a sentence" },
    { name: "shop_url", type: "url", required: true, description: "Where the offer is" },
    {
      name: "first_days",
      type: "number",
      required: true,
      defaultValue: 5,
      description: "Days until the second message",
    },
    {
      name: "second_days",
      type: "number",
      required: true,
      defaultValue: 14,
      description: "Days after it until they count as lapsed",
    },
  ],
  settings: { quietHours: QUIET_NIGHTS, timeoutSeconds: 120 * 86_400 },
  nodes: {
    inactive: [
      "trigger_event",
      "A contact is inactive",
      {
        event_type: "TAG_ADDED",
        filters: [{ field: "event.data.tag_name", operator: "equals", value: "[[template.inactive_tag]]" }],
      },
    ],
    agreed: ["condition_if", "Agreed to advertising?", WANTS_ADVERTISING],
    miss: [
      "action_chat_message",
      "We miss you",
      {
        message: `Hi ${FIRST_NAME}, it's been a while! [[template.offer]] [[template.shop_url]] Your [[template.business_name]]. Reply STOP to hear no more from us.`,
      },
    ],
    back: [
      "action_wait_for_event",
      "Do they order?",
      {
        event_type: "[[template.order_event]]",
        filters: SAME_CONTACT,
        timeout: "[[template.first_days]]",
        unit: "days",
      },
    ],
    last: [
      "action_chat_message",
      "Once more",
      {
        message: `Hi ${FIRST_NAME}, our offer still stands: [[template.offer]] [[template.shop_url]] This is the last time we remind you. Your [[template.business_name]].`,
      },
    ],
    back_later: [
      "action_wait_for_event",
      "Do they order now?",
      {
        event_type: "[[template.order_event]]",
        filters: SAME_CONTACT,
        timeout: "[[template.second_days]]",
        unit: "days",
      },
    ],
    untag: ["action_remove_tag", "No more inactive", { tag_name: "[[template.inactive_tag]]" }],
    won: ["action_add_tag", "Won back", { tag_name: "won-back" }],
    lapsed: ["action_add_tag", "Lapsed", { tag_name: "lapsed" }],
    done: ["flow_end", "Done"],
  },
  ways: [
    ["inactive", "agreed"],
    ["agreed", "miss", "true"],
    ["agreed", "done", "false"],
    ["miss", "back"],
    ["miss", "done", "error"],
    ["back", "untag", "received"],
    ["back", "last", "timeout"],
    ["last", "back_later"],
    ["last", "done", "error"],
    ["back_later", "untag", "received"],
    ["back_later", "lapsed", "timeout"],
    ["untag", "won"],
    ["won", "done"],
    ["lapsed", "done"],
  ],
});
