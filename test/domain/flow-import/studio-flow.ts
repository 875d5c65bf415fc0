// A Studio definition as its editor exports it, written for these tests: a café that takes orders. Every messaging widget and some that no flow can hold.
import type { JsonObject } from "../../../src/lib/json.ts";

const sending = {
  service: "{{trigger.message.InstanceSid}}",
  channel: "{{trigger.message.ChannelSid}}",
  from: "{{flow.channel.address}}",
};

/** `next` by event; an event without a way is written as Studio writes it. */
export const ways = (next: Record<string, string>): JsonObject[] =>
  Object.entries(next).map(([event, to]): JsonObject => (to === "" ? { event } : { event, next: to }));

export const when = (type: string, argument: string, value: string, next: string): JsonObject => ({
  event: "match",
  next,
  conditions: [{ friendly_name: `If ${type} ${value}`, arguments: [argument], type, value }],
});

export const widget = (name: string, type: string, transitions: JsonObject[], properties: JsonObject): JsonObject => ({
  name,
  type,
  transitions,
  properties,
});

export const definition = (...states: JsonObject[]): JsonObject => ({
  description: "Corner Café",
  states,
  initial_state: "Trigger",
  flags: { allow_concurrent_calls: true },
});

export const trigger = (next: string): JsonObject =>
  widget(
    "Trigger",
    "trigger",
    ways({ incomingMessage: next, incomingCall: "", incomingConversationMessage: "", incomingRequest: "" }),
    { offset: { x: -40, y: 12.5 } },
  );

export const send = (name: string, body: string, next = ""): JsonObject =>
  widget(name, "send-message", ways({ sent: next, failed: "" }), {
    ...sending,
    offset: { x: 10, y: 20 },
    to: "{{contact.channel.address}}",
    body,
  });

export const ask = (name: string, body: string, next: string, more: Record<string, string> = {}): JsonObject =>
  widget(
    name,
    "send-and-wait-for-reply",
    ways({ incomingMessage: next, timeout: more.timeout ?? "", deliveryFailure: more.deliveryFailure ?? "" }),
    { ...sending, offset: { x: 100, y: 200 }, body, timeout: "3600" },
  );

const DRINK = "{{widgets.drink.inbound.Body}}";

export const cafe = definition(
  trigger("house"),
  widget("house", "set-variables", ways({ next: "hello" }), {
    offset: { x: 0, y: 100 },
    variables: [
      { key: "house", value: "Corner Café" },
      { key: "unread", value: "x" },
    ],
  }),
  send("hello", "Welcome to {{flow.variables.house}}!", "drink"),
  ask("drink", "Tea, coffee or something else?", "which"),
  widget(
    "which",
    "split-based-on",
    [
      { event: "noMatch", next: "sorry" },
      when("equal_to", DRINK, "tea", "save"),
      when("matches_any_of", DRINK, "coffee, espresso", "save"),
      when("regex", DRINK, "^(water|juice)$", "save"),
    ],
    { offset: { x: 200, y: 300 }, input: DRINK },
  ),
  send("sorry", "We have no {{widgets.drink.inbound.Body}}.", "drink"),
  widget("save", "make-http-request", ways({ success: "done", failed: "sorry" }), {
    offset: { x: 300, y: 400 },
    method: "POST",
    url: "https://cafe.example/orders",
    body: '{"drink": "{{widgets.drink.inbound.Body}}"}',
  }),
  send(
    "done",
    "Your {{widgets.drink.inbound.Body | downcase}} goes to table {{widgets.save.parsed.table}}, {{contact.channel.address}}.",
  ),
  widget("ring", "connect-call-to", ways({ callCompleted: "", hangup: "" }), { offset: { x: 0, y: 900 } }),
);
