// Appointment reminder: asks to confirm a day before, hears of cancellations until then, and hands over who wants another time.
import { BY_NAME, businessName, FIRST_NAME, QUIET_NIGHTS, starter } from "./starter.ts";

/** Seconds from the booking to the reminder; none when it is too late for one. */
const UNTIL_REMINDER =
  '{% assign booked = execution.started_at | date: "%s" %}{% assign lead = [[template.hours_before]] | times: 3600 %}' +
  '{{ event.data.starts_at | date: "%s" | minus: booked | minus: lead | at_least: 0 }}';

const WHEN = '{{ event.data.starts_at | date: "%A, %B %-d at %H:%M", "[[template.timezone]]" }}';

export const appointmentReminder = starter({
  id: "starter_appointment_reminder",
  name: "Appointment reminder",
  description:
    "Before an appointment asks the person to confirm or to change it. A confirmation is written down, a wish for another time opens the conversation for " +
    "your team. An appointment that is cancelled meanwhile is not reminded of.",
  category: "Appointments",
  tags: ["appointments", "reminder", "no-show"],
  variables: [
    businessName,
    {
      name: "booked_event",
      type: "string",
      required: true,
      defaultValue: "appointment.booked",
      description: "Event of your calendar; data.starts_at is when (ISO 8601), data.appointment_id which",
    },
    {
      name: "cancelled_event",
      type: "string",
      required: true,
      defaultValue: "appointment.cancelled",
      description: "Event of your calendar when one is cancelled, with the same data.appointment_id",
    },
    { name: "hours_before", type: "number", required: true, defaultValue: 24, description: "Hours before it begins" },
    {
      name: "timezone",
      type: "string",
      required: true,
      defaultValue: "UTC",
      description: "IANA zone in which you tell times, such as Europe/Berlin",
    },
  ],
  settings: { quietHours: QUIET_NIGHTS },
  nodes: {
    booked: ["trigger_event", "An appointment is booked", { event_type: "[[template.booked_event]]" }],
    known: [
      "condition_if",
      "Is its time known?",
      {
        conditions: [
          { field: "event.data.starts_at", operator: "exists" },
          { field: "contact.consent_state", operator: "not_in", value: ["OPT_OUT", "STOP"] },
        ],
      },
    ],
    until_then: [
      "action_wait_for_event",
      "Wait, unless it is cancelled",
      {
        event_type: "[[template.cancelled_event]]",
        filters: [{ field: "event.data.appointment_id", operator: "equals", value: "{{ event.data.appointment_id }}" }],
        timeout: UNTIL_REMINDER,
        unit: "seconds",
      },
    ],
    ask: [
      "action_question",
      "Ask to confirm",
      {
        message: `Hi ${FIRST_NAME}, a reminder of your appointment at [[template.business_name]] on ${WHEN}. Will you come?`,
        choices: [
          { id: "yes", title: "Yes, I'll be there", port: "confirmed" },
          { id: "change", title: "I need to change it", port: "change" },
        ],
        fallback: "Please reply 1 to confirm your appointment, or 2 if you need to change it.",
        max_fails: 2,
        timeout: 20,
        unit: "hours",
      },
    ],
    confirmed: [
      "action_update_contact",
      "Write it down",
      { attributes: { last_confirmed_appointment: "{{ event.data.appointment_id }}" } },
    ],
    thank: ["action_chat_message", "Thank", { message: `Thank you${BY_NAME}. See you on ${WHEN}!` }],
    note_change: [
      "action_add_note",
      "Note for the team",
      { note: `Wants another time for the appointment on ${WHEN}: {{ nodes.ask.output.text }}` },
    ],
    hand_over: ["action_set_conversation_status", "Open for the team", { status: "open" }],
    promise: [
      "action_chat_message",
      "Promise a call",
      { message: "No problem. One of us will write to you shortly to find another time." },
    ],
    note_silence: [
      "action_add_note",
      "Note: no answer",
      { note: `No answer to the reminder of the appointment on ${WHEN}.` },
    ],
    done: ["flow_end", "Done"],
  },
  ways: [
    ["booked", "known"],
    ["known", "until_then", "true"],
    ["known", "done", "false"],
    ["until_then", "done", "received"],
    ["until_then", "ask", "timeout"],
    ["ask", "confirmed", "confirmed"],
    ["ask", "note_change", "change"],
    ["ask", "ask", "invalid"],
    ["ask", "note_change", "failed"],
    ["ask", "note_silence", "timeout"],
    ["ask", "note_silence", "error"],
    ["confirmed", "thank"],
    ["thank", "done"],
    ["thank", "done", "error"],
    ["note_change", "hand_over"],
    ["hand_over", "promise"],
    ["hand_over", "promise", "error"],
    ["promise", "done"],
    ["promise", "done", "error"],
    ["note_silence", "done"],
  ],
});
