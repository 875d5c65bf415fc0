// Flows as people build them in Studio, written for these tests: each with what a person says, and all that is said on both sides.
import type { Json, JsonObject } from "../../../src/lib/json.ts";
import type { Sample } from "./imported.ts";
import { ask, definition, send, trigger, ways, when, widget } from "./studio-flow.ts";

const flow = (description: string, ...states: JsonObject[]): JsonObject => ({ ...definition(...states), description });
const setting = (name: string, values: Record<string, string>, next: string): JsonObject =>
  widget(name, "set-variables", ways({ next }), {
    variables: Object.entries(values).map(([key, value]) => ({ key, value })),
  });
const reply = (name: string): string => `{{widgets.${name}.inbound.Body}}`;
const split = (name: string, input: string, noMatch: string, ...matches: [string, string, string][]): JsonObject =>
  widget(
    name,
    "split-based-on",
    [{ event: "noMatch", next: noMatch }, ...matches.map(([type, value, next]) => when(type, input, value, next))],
    { input },
  );
const listed = (values: Record<string, string>): Json => Object.entries(values).map(([key, value]) => ({ key, value }));
const request = (name: string, next: { success: string; failed: string }, properties: JsonObject): JsonObject =>
  widget(name, "make-http-request", ways(next), {
    content_type: "application/x-www-form-urlencoded;charset=utf-8",
    ...properties,
  });

export const studioSamples: Record<string, Sample> = {
  "an appointment reminder": {
    source: flow(
      "Appointment",
      trigger("clinic"),
      setting("clinic", { clinic: "Riverside Dental", slot: "Monday, 10:30" }, "remind"),
      ask(
        "remind",
        "{{flow.variables.clinic}}: your visit is on {{flow.variables.slot}}. Reply C to confirm, R for another time.",
        "answer",
        {
          timeout: "silent",
        },
      ),
      split(
        "answer",
        reply("remind"),
        "unclear",
        ["matches_any_of", "c, confirm, yes", "confirmed"],
        ["starts_with", "r", "when"],
      ),
      send("unclear", "Please reply C or R.", "remind"),
      ask("when", "Which day suits you?", "move"),
      setting("move", { slot: `${reply("when").replace("}}", " | capitalize }}")}, 09:00` }, "moved"),
      send("moved", "See you on {{flow.variables.slot}}."),
      send("confirmed", "Thank you, see you then."),
      send("silent", "We will call you."),
    ),
    says: ["appointment", "what?", "Reschedule please", "FRIDAY"],
    hears: [
      "> appointment",
      "Riverside Dental: your visit is on Monday, 10:30. Reply C to confirm, R for another time.",
      "> what?",
      "Please reply C or R.",
      "Riverside Dental: your visit is on Monday, 10:30. Reply C to confirm, R for another time.",
      "> Reschedule please",
      "Which day suits you?",
      "> FRIDAY",
      "See you on Friday, 09:00.",
    ],
  },
  "a survey": {
    source: flow(
      "Survey",
      trigger("score"),
      ask("score", "From 0 to 10: would you recommend us?", "valid"),
      split("valid", reply("score"), "again", ["regex", "^(10|[0-9])$", "kind"]),
      send("again", "A number from 0 to 10, please.", "score"),
      split("kind", reply("score"), "why", ["greater_than", "8", "happy"]),
      send("happy", "Wonderful!", "keep"),
      ask("why", "What could we do better?", "keep"),
      request(
        "keep",
        { success: "bye", failed: "bye" },
        {
          method: "POST",
          url: "https://survey.example/answers",
          parameters: listed({ score: reply("score"), why: `${reply("why")} `, from: "{{contact.channel.address}}" }),
        },
      ),
      send("bye", "Saved as no. {{widgets.keep.parsed.number}}. Bye!"),
    ),
    says: ["survey", "eleven", "6", "Shorter queues & more tea"],
    hears: [
      "> survey",
      "From 0 to 10: would you recommend us?",
      "> eleven",
      "A number from 0 to 10, please.",
      "From 0 to 10: would you recommend us?",
      "> 6",
      "What could we do better?",
      "> Shorter queues & more tea",
      "Saved as no. 12. Bye!",
    ],
  },
  "a lead's qualification": {
    source: flow(
      "Quote",
      trigger("start"),
      setting("start", { points: "0" }, "size"),
      ask("size", "How many people work with you?", "large"),
      split("large", reply("size"), "role", ["greater_than", "49", "add_size"]),
      setting("add_size", { points: "{{flow.variables.points | plus: 2}}" }, "role"),
      ask("role", "And what do you do?", "decides"),
      split("decides", reply("role"), "judge", ["contains", "director", "add_role"], ["contains", "owner", "add_role"]),
      setting("add_role", { points: "{{flow.variables.points | plus: 1}}" }, "judge"),
      split("judge", "{{flow.variables.points}}", "later", ["greater_than", "2", "now"]),
      send("now", "{{flow.variables.points}} points: somebody calls {{contact.channel.address}} today."),
      send("later", "We send you our price list."),
    ),
    says: ["quote", "120", "Managing DIRECTOR"],
    hears: [
      "> quote",
      "How many people work with you?",
      "> 120",
      "And what do you do?",
      "> Managing DIRECTOR",
      "3 points: somebody calls +14155550100 today.",
    ],
  },
  "questions and answers": {
    source: flow(
      "Help desk",
      trigger("menu"),
      ask("menu", "Write HOURS, PARKING or BYE.", "topic"),
      split(
        "topic",
        reply("menu"),
        "unknown",
        ["equal_to", "hours", "hours"],
        ["contains", "park", "parking"],
        ["matches_any_of", "bye,thanks", "bye"],
      ),
      send("hours", "Open from 9 to 5.", "menu"),
      send("parking", "Behind the house, free for two hours.", "menu"),
      send("unknown", `We have nothing about "${reply("menu")}".`, "menu"),
      send("bye", "Bye!"),
    ),
    says: ["help desk", "Hours", "car park?", "cats", "Thanks"],
    hears: [
      "> help desk",
      "Write HOURS, PARKING or BYE.",
      "> Hours",
      "Open from 9 to 5.",
      "Write HOURS, PARKING or BYE.",
      "> car park?",
      "Behind the house, free for two hours.",
      "Write HOURS, PARKING or BYE.",
      "> cats",
      'We have nothing about "cats".',
      "Write HOURS, PARKING or BYE.",
      "> Thanks",
      "Bye!",
    ],
  },
  "an order's status": {
    source: flow(
      "Order",
      trigger("number"),
      ask("number", "Your order number?", "look"),
      request(
        "look",
        { success: "found", failed: "missing" },
        {
          method: "GET",
          url: `https://shop.example/orders/${reply("number")}`,
          parameters: listed({ fields: "state,items" }),
        },
      ),
      split(
        "found",
        "{{widgets.look.parsed.state}}",
        "waits",
        ["equal_to", "sent", "sent"],
        ["is_blank", "Is Blank", "missing"],
      ),
      send(
        "sent",
        "{{widgets.look.parsed.items.size}} parcels, first {{widgets.look.parsed.items[0].name | upcase}}. {% if widgets.look.parsed.items.size > 1 %}They come{% else %}It comes{% endif %} today.",
      ),
      send("waits", "It is still here: {{widgets.look.parsed.state}}."),
      send("missing", `There is no order ${reply("number")}.`, "number"),
    ),
    says: ["order", "404", "17"],
    hears: [
      "> order",
      "Your order number?",
      "> 404",
      "There is no order 404.",
      "Your order number?",
      "> 17",
      "2 parcels, first LAMP. They come today.",
    ],
  },
  "a welcome": {
    source: flow(
      "Join us",
      trigger("picture"),
      {
        ...send("picture", "Welcome to the club!", "name"),
        properties: { body: "Welcome to the club!", media_url: "https://club.example/house.jpg" },
      },
      ask("name", "What is your first name?", "keep"),
      setting("keep", { first: "{{widgets.name.inbound.Body | strip | capitalize}}" }, "card"),
      ask("card", "{{widgets.keep.first}}, do you want a printed card?", "wants"),
      split("wants", reply("card"), "paperless", ["regex", "^y(es)?\\b", "address"]),
      ask("address", "Where to?", "posted"),
      send("posted", `It goes to ${reply("address")}.`),
      send("paperless", "Fine, {{flow.variables.first}}: no paper."),
    ),
    says: ["join us", "ada LOVELACE", "Yes please", "12 St James's Square"],
    hears: [
      "> join us",
      "<https://club.example/house.jpg>\nWelcome to the club!",
      "What is your first name?",
      "> ada LOVELACE",
      "Ada lovelace, do you want a printed card?",
      "> Yes please",
      "Where to?",
      "> 12 St James's Square",
      "It goes to 12 St James's Square.",
    ],
  },
  "a quiz": {
    source: flow(
      "Quiz",
      trigger("begin"),
      setting("begin", { right: "0", round: "1" }, "one"),
      ask("one", "{{flow.variables.round}}. The capital of Peru?", "is_one"),
      split("is_one", reply("one"), "two", ["equal_to", "lima", "right_one"]),
      setting("right_one", { right: "{{flow.variables.right | plus: 1}}" }, "two"),
      ask("two", "{{flow.variables.round | plus: 1}}. The capital of Chad?", "is_two"),
      split("is_two", reply("two"), "end", ["contains", "djamena", "right_two"]),
      setting("right_two", { right: "{{flow.variables.right | plus: 1}}" }, "end"),
      send("end", "You had {{flow.variables.right}} of 2{% if flow.variables.right == 2 %}, all of them{% endif %}!"),
    ),
    says: ["quiz", "LIMA", "N'Djamena"],
    hears: [
      "> quiz",
      "1. The capital of Peru?",
      "> LIMA",
      "2. The capital of Chad?",
      "> N'Djamena",
      "You had 2 of 2, all of them!",
    ],
  },
  "an out-of-hours desk": {
    source: flow(
      "Desk",
      trigger("what"),
      split(
        "what",
        "{{trigger.message.Body}}",
        "note",
        ["contains", "invoice", "invoices"],
        ["contains", "delivery", "deliveries"],
      ),
      send("invoices", "Invoices go out on Fridays."),
      send("deliveries", "We deliver on Mondays.", "open"),
      widget("open", "run-function", ways({ success: "says", fail: "note" }), {
        url: "https://desk-1234.twil.io/opening",
        parameters: listed({ day: "Monday", asked: "{{trigger.message.Body}}" }),
      }),
      split("says", "{{widgets.open.parsed.closed}}", "note", ["equal_to", "true", "closed"]),
      send("closed", "We are closed: {{widgets.open.parsed.reason}}."),
      ask("note", "Leave a note:", "noted"),
      send("noted", "Noted."),
    ),
    says: ["where is my delivery?"],
    hears: ["> where is my delivery?", "We deliver on Mondays.", "We are closed: it is a holiday."],
  },
};
