// A template as it is sent, for tests of templates.
import { edge, node } from "./workflow-kit.ts";

export const drawing = {
  nodes: [
    node("start", "trigger_event", { event_type: "[[template.event]]" }),
    node("wait", "action_delay", { duration: "[[template.days]]", unit: "days" }),
    node("say", "action_chat_message", { message: "Hello from [[template.shop]], {{ contact.attributes.name }}!" }),
    node("end", "flow_end"),
  ],
  edges: [edge("start", "wait"), edge("wait", "say"), edge("say", "end")],
};
export const variables = [
  { name: "event", type: "string", required: true, defaultValue: "order.paid", description: "What starts it" },
  { name: "days", type: "number", required: true, description: "Days to wait" },
  { name: "shop", type: "string", required: false },
];
export const body = (more: object = {}) => ({
  name: "Thanks",
  description: "Says thanks",
  category: "Orders",
  workflowData: drawing,
  requiredVariables: variables,
  tags: ["thanks"],
  ...more,
});
