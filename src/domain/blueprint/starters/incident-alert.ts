// Incident alert: wakes who is on call, waits for their word, and wakes the next one when it does not come. Quiet hours would defeat it.
import { starter } from "./starter.ts";

const INCIDENT =
  '[{{ event.data.severity | upcase }}] {{ event.data.title | default: "Incident" }}{% if event.data.component %} ({{ event.data.component }}){% endif %}' +
  "{% if event.data.url %} {{ event.data.url }}{% endif %}";

const acknowledgedBy = (phone: string) => ({
  operator: "and",
  conditions: [
    { field: "contact.phone", operator: "equals", value: phone },
    { field: "event.data.content", operator: "icontains", value: "ack" },
  ],
});

const patient = { max_attempts: 5, backoff_seconds: 10, multiplier: 2 };

export const incidentAlert = starter({
  id: "starter_incident_alert",
  name: "Incident alert",
  description:
    "Your monitoring calls a webhook; incidents that are bad enough go to the person on call, who replies ACK. When nobody does in time, the next one is told, " +
    "and the whole team by e-mail. By day and by night.",
  category: "Operations",
  tags: ["incidents", "on-call", "monitoring", "alerts"],
  variables: [
    {
      name: "severities",
      type: "array",
      required: true,
      defaultValue: ["critical", "high"],
      description: "Values of data.severity that wake somebody",
    },
    { name: "on_call_phone", type: "phone", required: true, description: "Who is on call" },
    { name: "escalation_phone", type: "phone", required: true, description: "Who is told when they do not answer" },
    { name: "team_email", type: "email", required: true, description: "Inbox of everybody who should know" },
    { name: "ack_minutes", type: "number", required: true, defaultValue: 10, description: "Minutes to answer in" },
    {
      name: "channel",
      type: "string",
      required: false,
      description: "Channel to send by (a kind, such as sms, or an id); without it the usual one",
    },
  ],
  settings: { timeoutSeconds: 86_400 },
  nodes: {
    alarm: ["trigger_webhook", "Monitoring calls"],
    bad_enough: [
      "condition_if",
      "Bad enough?",
      {
        conditions: [
          { field: "{{ event.data.severity | downcase }}", operator: "in", value: "[[template.severities]]" },
        ],
      },
    ],
    wake: [
      "action_chat_message",
      "Wake who is on call",
      {
        to: "[[template.on_call_phone]]",
        channel: "[[template.channel]]",
        message: `${INCIDENT} Reply ACK within [[template.ack_minutes]] minutes.`,
        on_unknown: "resend",
        retry: patient,
      },
    ],
    acknowledged: [
      "action_wait_for_event",
      "Do they answer?",
      {
        event_type: "MESSAGE_RECEIVED",
        filters: acknowledgedBy("[[template.on_call_phone]]"),
        timeout: "[[template.ack_minutes]]",
        unit: "minutes",
      },
    ],
    escalate: [
      "action_chat_message",
      "Wake the next one",
      {
        to: "[[template.escalation_phone]]",
        channel: "[[template.channel]]",
        message: `${INCIDENT} Not acknowledged within [[template.ack_minutes]] minutes: it is yours now.`,
        on_unknown: "resend",
        retry: patient,
        on_error: "continue",
      },
    ],
    mail_team: [
      "action_email",
      "Tell everybody",
      {
        to: "[[template.team_email]]",
        subject: "Not acknowledged: {{ event.data.title | default: 'an incident' | truncate: 200 }}",
        body: `${INCIDENT}\n\n{{ event.data.description }}\n\nNobody on call acknowledged it within [[template.ack_minutes]] minutes.`,
        retry: patient,
      },
    ],
    mail_acknowledged: [
      "action_email",
      "Tell that somebody is on it",
      {
        to: "[[template.team_email]]",
        subject: "Acknowledged: {{ event.data.title | default: 'an incident' | truncate: 200 }}",
        body: `${INCIDENT}\n\nAcknowledged at {{ nodes.acknowledged.output.occurred_at }}: {{ nodes.acknowledged.output.data.content }}`,
        on_error: "continue",
      },
    ],
    done: ["flow_end", "Done"],
  },
  ways: [
    ["alarm", "bad_enough"],
    ["bad_enough", "wake", "true"],
    ["bad_enough", "done", "false"],
    ["wake", "acknowledged"],
    ["wake", "escalate", "error"],
    ["acknowledged", "mail_acknowledged", "received"],
    ["acknowledged", "escalate", "timeout"],
    ["escalate", "mail_team"],
    ["mail_team", "done"],
    ["mail_acknowledged", "done"],
  ],
});
