// Webhook relay: takes what one system sends, in a form that another one understands, and does not lose it when that one is down for a while.
import { starter } from "./starter.ts";

export const webhookRelay = starter({
  id: "starter_webhook_relay",
  name: "Webhook relay",
  description:
    "What comes in by a webhook goes on to another system as JSON, wrapped with its type and time, with the same key on every retry over some two hours. What " +
    "it does not take in the end is mailed to a person, with the payload.",
  category: "Integrations",
  tags: ["webhooks", "integration", "relay"],
  variables: [
    { name: "target_url", type: "url", required: true, description: "Where it goes" },
    {
      name: "target_authorization",
      type: "string",
      required: false,
      description:
        "What the target wants as Authorization header; better a run-time template such as {{ variables.target_key }}",
    },
    {
      name: "mapping",
      type: "object",
      required: true,
      defaultValue: {
        type: "{{ event.data.type | default: event.data.event | default: 'webhook' }}",
        received_at: "{{ event.occurred_at }}",
        payload: "{{ event.data }}",
      },
      description: "What the target gets: names with run-time templates",
    },
    { name: "alert_email", type: "email", required: true, description: "Who hears of what could not be delivered" },
  ],
  settings: { timeoutSeconds: 86_400 },
  nodes: {
    received: ["trigger_webhook", "A call comes in"],
    shape: ["data_transform", "Into the target's form", { mappings: "[[template.mapping]]" }],
    send: [
      "action_webhook",
      "Send it on",
      {
        url: "[[template.target_url]]",
        method: "POST",
        headers: { "Content-Type": "application/json", Authorization: "[[template.target_authorization]]" },
        body: "{{ nodes.shape.output }}",
        retry: { max_attempts: 8, backoff_seconds: 60, multiplier: 2 },
      },
    ],
    alert: [
      "action_email",
      "Tell a person",
      {
        to: "[[template.alert_email]]",
        subject: "A webhook could not be delivered",
        body: "[[template.target_url]] did not take it: {{ nodes.send.error.message }}\n\nReceived at {{ event.occurred_at }}:\n\n{{ nodes.shape.output | json: 2 }}",
        retry: { max_attempts: 3, backoff_seconds: 60, multiplier: 2 },
      },
    ],
    delivered: ["flow_end", "Delivered", { output: { delivered: true, status: "{{ nodes.send.output.status }}" } }],
    lost: ["flow_end", "Not delivered", { output: { delivered: false, error: "{{ nodes.send.error.message }}" } }],
  },
  ways: [
    ["received", "shape"],
    ["shape", "send"],
    ["send", "delivered"],
    ["send", "alert", "error"],
    ["alert", "lost"],
    ["alert", "lost", "error"],
  ],
});
