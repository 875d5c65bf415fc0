// Welcome: greets who is new, and comes back once when they have not written.
import { businessName, FIRST_NAME, QUIET_NIGHTS, REACHABLE, SAME_CONTACT, starter } from "./starter.ts";

export const welcome = starter({
  id: "starter_welcome",
  name: "Welcome series",
  description:
    "Greets a new contact, waits for them to write, and follows up once when they do not. Who writes gets a tag. Nothing is sent at night or to " +
    "people who have opted out.",
  category: "Onboarding",
  tags: ["welcome", "onboarding", "engagement"],
  variables: [
    businessName,
    {
      name: "topics",
      type: "string",
      required: true,
      defaultValue: "opening hours, orders and bookings",
      description: "What people may ask you, as a part of a sentence",
    },
    {
      name: "follow_up_days",
      type: "number",
      required: true,
      defaultValue: 2,
      description: "Days to wait for an answer before the follow-up",
    },
    {
      name: "engaged_tag",
      type: "string",
      required: true,
      defaultValue: "engaged",
      description: "Tag for who answers",
    },
  ],
  settings: { quietHours: QUIET_NIGHTS, timeoutSeconds: 60 * 86_400 },
  nodes: {
    joined: ["trigger_event", "A contact is new", { event_type: "USER_CREATED" }],
    reachable: ["condition_if", "Has not opted out?", REACHABLE],
    greet: [
      "action_chat_message",
      "Greet",
      {
        message: `Hi ${FIRST_NAME}, welcome to [[template.business_name]]! You can ask us about [[template.topics]] right here. Reply STOP at any time to hear no more from us.`,
      },
    ],
    answer: [
      "action_wait_for_event",
      "Do they write?",
      { event_type: "MESSAGE_RECEIVED", filters: SAME_CONTACT, timeout: "[[template.follow_up_days]]", unit: "days" },
    ],
    tag: ["action_add_tag", "Tag as engaged", { tag_name: "[[template.engaged_tag]]" }],
    follow_up: [
      "action_chat_message",
      "Follow up",
      {
        message: `Hi ${FIRST_NAME}, it's [[template.business_name]] again. Is there anything we can help you with? Just reply to this message.`,
      },
    ],
    done: ["flow_end", "Done"],
  },
  ways: [
    ["joined", "reachable"],
    ["reachable", "greet", "true"],
    ["reachable", "done", "false"],
    ["greet", "answer"],
    ["greet", "done", "error"],
    ["answer", "tag", "received"],
    ["answer", "follow_up", "timeout"],
    ["tag", "done"],
    ["follow_up", "done"],
    ["follow_up", "done", "error"],
  ],
});
