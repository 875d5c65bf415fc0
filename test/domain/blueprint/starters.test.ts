// The ten that come with the product, each run: who gets what, when, and what happens when things go another way.
import { describe, expect, it } from "vitest";
import { cleanse } from "../../../src/domain/blueprint/cleanse.ts";
import { placesIn } from "../../../src/domain/blueprint/fill.ts";
import { starters } from "../../../src/domain/blueprint/starters/index.ts";
import { checkVariables } from "../../../src/domain/blueprint/variables.ts";
import { ann, DAY, HOUR, START, tell, valuesFor } from "./story.ts";

const optedOut = { ...ann, consent_state: "STOP" };
const agreed = { ...ann, tags: ["marketing-opt-in"] };
const says = (after: number, content: string, contact = ann) => ({
  after,
  type: "MESSAGE_RECEIVED",
  data: { content },
  contact,
});

describe("every starter", () => {
  const all = [...starters.values()].map((blueprint) => [blueprint.id, blueprint] as const);

  it("is one of ten", () => expect(all).toHaveLength(10));

  it.each(all)("%s has nothing to mend, uses what it asks for, and holds nobody's data", async (id, blueprint) => {
    const { content, variables } = blueprint;
    const { findings } = await tell(id, { event: { type: "nothing" } });
    expect(findings).toEqual([]);
    expect(checkVariables(variables)).toEqual([]);
    expect([...placesIn(content).keys()].sort()).toEqual(variables.map(({ name }) => name).sort());
    const { content: cleansed, warnings, problems } = cleanse(content, variables);
    expect([warnings, problems]).toEqual([[], []]);
    expect(cleansed).toEqual(content);
    expect(variables.every(({ description }) => (description ?? "").length > 10)).toBe(true);
    expect(Object.keys(valuesFor(id)).sort()).toEqual(
      variables
        .filter(({ defaultValue, required }) => required && defaultValue === undefined)
        .map(({ name }) => name)
        .sort(),
    );
  });

  it.each(all)("%s says what a failing message comes to", async (id) => {
    const event = {
      type: "x",
      data: { severity: "high", status: "shipped", starts_at: "2026-12-24T10:00:00Z" },
      contact: agreed,
    };
    const { status, error } = await tell(id, { event, fails: (action) => action === "message.send" });
    expect([status, error]).toEqual(["completed", null]);
  });
});

describe("welcome", () => {
  const event = { type: "USER_CREATED" };

  it("greets at once, tags who writes and leaves them alone", async () => {
    const told = await tell("starter_welcome", { event, comings: [says(HOUR, "Hello"), says(3 * DAY, "again")] });
    expect(told.texts).toEqual([expect.stringContaining("Hi Ann, welcome to Mill & Co!")]);
    expect(told.texts[0]).toContain("STOP");
    expect([told.status, told.tags]).toEqual(["completed", ["engaged"]]);
  });

  it("follows up once after two days of silence, whatever others write", async () => {
    const told = await tell("starter_welcome", { event, comings: [says(HOUR, "Hello", { ...ann, id: "c2" })] });
    expect(told.sentAfter).toEqual([0, 2 * DAY]);
    expect(told.tags).toEqual([]);
  });

  it("writes to nobody who has opted out", async () => {
    expect((await tell("starter_welcome", { event: { ...event, contact: optedOut } })).done).toEqual([]);
  });
});

describe("abandoned cart", () => {
  const event = { type: "checkout.started", data: { cart_url: "https://shop.example/c/1" }, contact: agreed };
  const order = (after: number, contact = agreed) => ({ after, type: "order.created", contact });

  it("reminds after an hour and once more after a day", async () => {
    const { texts, sentAfter, tags } = await tell("starter_abandoned_cart", { event });
    expect(sentAfter).toEqual([HOUR, 25 * HOUR]);
    expect(texts.every((text) => text.includes("https://shop.example/c/1"))).toBe(true);
    expect(texts[1]).toContain("Just reply");
    expect(tags).toEqual([]);
  });

  it("leads to the shop when nobody says where the cart is", async () => {
    const { texts } = await tell("starter_abandoned_cart", { event: { ...event, data: {} } });
    expect(texts[0]).toContain("https://shop.example/");
    expect(texts[0]).not.toContain("template");
  });

  it.each([
    ["at once", 10 * 60_000, 0, []],
    ["after the first reminder", 3 * HOUR, 1, ["cart-recovered"]],
  ] as const)("stops when they order %s", async (_, after, messages, tags) => {
    const told = await tell("starter_abandoned_cart", { event, comings: [order(after)] });
    expect([told.texts.length, told.tags]).toEqual([messages, tags]);
  });

  it("goes on when somebody else orders, and writes only to who agreed to advertising", async () => {
    const told = await tell("starter_abandoned_cart", { event, comings: [order(HOUR / 2, { ...agreed, id: "c2" })] });
    expect(told.texts).toHaveLength(2);
    for (const contact of [ann, { ...agreed, consent_state: "OPT_OUT" }])
      expect((await tell("starter_abandoned_cart", { event: { ...event, contact } })).done).toEqual([]);
  });
});

describe("appointment reminder", () => {
  const booked = { type: "appointment.booked", data: { appointment_id: "a1", starts_at: "2026-12-10T09:00:00Z" } };
  const at = 9 * DAY - DAY;

  it("asks a day before, and writes a yes down", async () => {
    const told = await tell("starter_appointment_reminder", {
      event: booked,
      variables: { timezone: "Europe/Berlin" },
      comings: [says(at + HOUR, "1")],
    });
    expect(START + 9 * DAY).toBe(Date.parse("2026-12-10T09:00:00Z"));
    expect(told.sentAfter[0]).toBe(at);
    expect(told.texts[0]).toContain("Thursday, December 10 at 10:00");
    expect(told.updates).toEqual([{ last_confirmed_appointment: "a1" }]);
    expect(told.texts.at(-1)).toContain("See you on");
  });

  it("hands over who wants another time", async () => {
    const told = await tell("starter_appointment_reminder", {
      event: booked,
      comings: [says(at + HOUR, "I need to change it")],
    });
    expect(told.notes).toEqual([expect.stringContaining("Wants another time")]);
    expect(told.opened).toBe(1);
    expect(told.texts).toHaveLength(2);
  });

  it("asks again after a bad answer, and hands over after a second one", async () => {
    const told = await tell("starter_appointment_reminder", {
      event: booked,
      comings: [says(at + HOUR, "what?"), says(at + 2 * HOUR, "who?")],
    });
    expect(told.texts[1]).toContain("reply 1 to confirm");
    expect(told.opened).toBe(1);
  });

  it("notes silence, and reminds of nothing that is cancelled", async () => {
    const silent = await tell("starter_appointment_reminder", { event: booked });
    expect(silent.notes).toEqual([expect.stringContaining("No answer")]);
    const cancel = (appointment_id: string) => ({
      after: DAY,
      type: "appointment.cancelled",
      data: { appointment_id },
    });
    expect((await tell("starter_appointment_reminder", { event: booked, comings: [cancel("a1")] })).done).toEqual([]);
    const other = await tell("starter_appointment_reminder", { event: booked, comings: [cancel("a2")] });
    expect(other.texts).toHaveLength(1);
  });

  it("asks at once when it is booked late, and never without a time", async () => {
    const soon = { type: "appointment.booked", data: { appointment_id: "a1", starts_at: "2026-12-01T20:00:00Z" } };
    expect((await tell("starter_appointment_reminder", { event: soon })).sentAfter).toEqual([0]);
    expect((await tell("starter_appointment_reminder", { event: { type: "appointment.booked" } })).done).toEqual([]);
  });
});

describe("NPS survey", () => {
  const event = { type: "order.delivered" };
  const score = (text: string) => says(3 * DAY + HOUR, text);

  it.each([
    ["10", "nps-promoter", "https://shop.example/review"],
    ["8", "nps-passive", "next time"],
  ])("thanks who gives %s", async (given, tag, text) => {
    const told = await tell("starter_nps_survey", { event, comings: [score(given)] });
    expect(told.sentAfter[0]).toBe(3 * DAY);
    expect(told.updates).toEqual([expect.objectContaining({ nps_score: Number(given) })]);
    expect([told.tags, told.texts[1]]).toEqual([[tag], expect.stringContaining(text)]);
    expect(told.opened).toBe(0);
  });

  it("asks a detractor why, and opens their conversation", async () => {
    const told = await tell("starter_nps_survey", {
      event,
      comings: [score("3"), says(3 * DAY + 2 * HOUR, "Too slow")],
    });
    expect([told.tags, told.notes, told.opened]).toEqual([["nps-detractor"], ["NPS 3: Too slow"], 1]);
    const silent = await tell("starter_nps_survey", { event, comings: [score("3")] });
    expect([silent.notes, silent.opened]).toEqual([["NPS 3: no reason given"], 1]);
  });

  it("takes no other number, asks once more, and lets silence be", async () => {
    const told = await tell("starter_nps_survey", { event, comings: [score("11"), says(3 * DAY + 2 * HOUR, "9.5")] });
    expect([told.texts.length, told.tags, told.updates]).toEqual([2, [], []]);
    expect((await tell("starter_nps_survey", { event })).texts).toHaveLength(1);
    expect((await tell("starter_nps_survey", { event: { ...event, contact: optedOut } })).done).toEqual([]);
  });
});

describe("double opt-in", () => {
  const event = { type: "MESSAGE_RECEIVED", data: { content: "JOIN" } };

  it.each(["YES", "1", "yes, i agree"])("gives the tag only after a yes (%s), with proof", async (answer) => {
    const told = await tell("starter_double_opt_in", { event, comings: [says(HOUR, answer)] });
    expect(told.tags).toEqual(["marketing-opt-in"]);
    expect(told.notes).toEqual([
      expect.stringContaining(`wrote 'JOIN' at 2026-12-01T09:00:00.000Z, confirmed with '${answer}'`),
    ]);
    expect(told.texts[0]).toContain("Terms: https://shop.example/terms");
    expect(told.texts).toHaveLength(2);
  });

  it("takes a no, silence and nonsense for a no", async () => {
    const no = await tell("starter_double_opt_in", { event, comings: [says(HOUR, "No")] });
    expect([no.tags, no.texts.length]).toEqual([[], 2]);
    expect((await tell("starter_double_opt_in", { event })).tags).toEqual([]);
    const nonsense = await tell("starter_double_opt_in", { event, comings: [says(1, "what"), says(2, "is it")] });
    expect([nonsense.tags, nonsense.texts.length]).toEqual([[], 2]);
  });

  it("asks nobody twice", async () => {
    const told = await tell("starter_double_opt_in", { event: { ...event, contact: agreed } });
    expect(told.texts).toEqual([expect.stringContaining("already")]);
  });

  it("listens to the keywords that were given", async () => {
    const { program } = await tell("starter_double_opt_in", { event, variables: { keywords: ["NEWS"] } });
    expect(program.nodes.get("keyword")?.config).toEqual({ keywords: ["NEWS"] });
  });
});

describe("order status", () => {
  const order = (data: object) => ({ type: "order.updated", data: { order_id: "4711", ...data } });

  it.each([
    [{ status: "confirmed" }, "We have got your order 4711"],
    [
      { status: "Shipped", tracking_url: "https://track.example/1", eta: "2026-12-03" },
      "Follow it here: https://track.example/1 Expected: December 3.",
    ],
    [{ status: "out_for_delivery" }, "comes today, Ann. Any questions?"],
    [{ status: "delivered" }, "was delivered"],
    [{ status: "cancelled" }, "was cancelled"],
  ])("tells %j in words", async (data, text) => {
    const { texts, mails } = await tell("starter_order_status", { event: order(data) });
    expect([texts, mails]).toEqual([[expect.stringContaining(text)], []]);
  });

  it("stays silent for other statuses, and mails whom no message reaches", async () => {
    expect((await tell("starter_order_status", { event: order({ status: "packed" }) })).done).toEqual([]);
    const fails = (action: string) => action === "message.send";
    const { mails } = await tell("starter_order_status", { event: order({ status: "out_for_delivery" }), fails });
    expect(mails).toEqual([
      expect.objectContaining({ to: "ann@example.com", subject: "Your order 4711 at Mill & Co: out for delivery" }),
    ]);
    const left = { ...order({ status: "shipped" }), contact: optedOut };
    expect((await tell("starter_order_status", { event: left, fails })).mails).toEqual([]);
  });
});

describe("lead routing", () => {
  const lead = (budget: number) => ({
    type: "lead.created",
    data: { name: "Ann", company: "Acme", email: "ann@example.com", budget, message: "Hi" },
  });

  it.each([
    [50_000, "lead-large", "large@example.com"],
    [500, "lead", "team@example.com"],
  ])("sends one with a budget of %i to the right people, and answers it", async (budget, tag, to) => {
    const told = await tell("starter_lead_routing", { event: lead(budget), comings: [says(HOUR, "urgent!")] });
    expect([told.tags, told.mails.map((mail) => mail.to)]).toEqual([[tag], [to]]);
    expect(told.mails[0]!.body).toContain("Company: Acme");
    expect(told.requests).toEqual([
      expect.objectContaining({
        url: "https://crm.example/leads",
        headers: { "Content-Type": "application/json" },
        body: expect.objectContaining({ lead: expect.objectContaining({ budget }), contact_id: "c1" }),
      }),
    ]);
    expect(told.texts[0]).toContain("within 24 hours");
    expect(told.opened).toBe(1);
  });

  it("tells a person when the CRM does not take it", async () => {
    const told = await tell("starter_lead_routing", {
      event: lead(500),
      variables: { crm_authorization: "Bearer {{ variables.crm_key }}" },
      fails: (action) => action === "http.request",
    });
    expect(told.requests[0]!.headers).toMatchObject({ Authorization: "Bearer " });
    expect(told.mails.map((mail) => mail.subject)).toContain("A lead did not get into the CRM");
    expect(told.status).toBe("completed");
  });
});

describe("win-back", () => {
  const event = { type: "TAG_ADDED", data: { tag_name: "inactive" }, contact: agreed };

  it("writes twice, then counts them as lapsed", async () => {
    const told = await tell("starter_win_back", { event });
    expect([told.sentAfter, told.tags]).toEqual([[0, 5 * DAY], ["lapsed"]]);
    expect(told.texts.every((text) => text.includes("10% off everything."))).toBe(true);
  });

  it.each([
    [DAY, 1],
    [10 * DAY, 2],
  ])("stops with an order after %i ms", async (after, messages) => {
    const told = await tell("starter_win_back", {
      event,
      comings: [{ after, type: "order.created", contact: agreed }],
    });
    expect([told.texts.length, told.untagged, told.tags]).toEqual([messages, ["inactive"], ["won-back"]]);
  });

  it("writes only to who agreed to advertising", async () => {
    expect((await tell("starter_win_back", { event: { ...event, contact: ann } })).done).toEqual([]);
  });
});

describe("incident alert", () => {
  const incident = (severity: string) => ({
    type: "WEBHOOK_RECEIVED",
    data: { severity, title: "Checkout is down", component: "shop" },
    contact: null,
  });
  const other = { ...ann, id: "c9", phone: "+4915199999999" };

  it("wakes who is on call, and stops when they acknowledge", async () => {
    const told = await tell("starter_incident_alert", {
      event: incident("Critical"),
      comings: [says(60_000, "Ack, on it")],
    });
    expect(told.done.map(({ action }) => action)).toEqual(["message.send", "email.send"]);
    expect(told.done[0]!.input).toMatchObject({
      to: "+4915112345678",
      text: expect.stringContaining("[CRITICAL] Checkout is down (shop)"),
    });
    expect(told.done[0]!.input).not.toHaveProperty("channel");
    expect(told.mails[0]!.subject).toBe("Acknowledged: Checkout is down");
  });

  it("wakes the next one after ten minutes, and tells all", async () => {
    const told = await tell("starter_incident_alert", {
      event: incident("high"),
      comings: [says(60_000, "who is this?"), says(120_000, "ACK", other)],
    });
    expect(told.done.map(({ input, after }) => [input.to, after])).toEqual([
      ["+4915112345678", 0],
      ["+4915187654321", 600_000],
      ["team@example.com", 600_000],
    ]);
  });

  it("goes on to the next one when the first cannot be reached, and lets small things sleep", async () => {
    const told = await tell("starter_incident_alert", {
      event: incident("high"),
      fails: (action, input) => action === "message.send" && input.to === "+4915112345678",
    });
    expect(told.done.at(-1)!.input.to).toBe("team@example.com");
    expect((await tell("starter_incident_alert", { event: incident("low") })).done).toEqual([]);
  });
});

describe("webhook relay", () => {
  const event = { type: "WEBHOOK_RECEIVED", data: { type: "invoice.paid", amount: 5 }, contact: null };

  it("sends on what came, in the target's form", async () => {
    const told = await tell("starter_webhook_relay", {
      event,
      variables: {
        target_authorization: "Bearer {{ variables.target_key }}",
        mapping: { kind: "{{ event.data.type }}", sum: "{{ event.data.amount }}" },
      },
    });
    expect(told.requests).toEqual([
      {
        url: "https://target.example/in",
        method: "POST",
        headers: { "Content-Type": "application/json", Authorization: "Bearer " },
        body: { kind: "invoice.paid", sum: 5 },
      },
    ]);
    expect(told.output).toEqual({ delivered: true, status: 200 });
  });

  it("wraps it unless told otherwise, and mails what the target does not take", async () => {
    const told = await tell("starter_webhook_relay", { event, fails: (action) => action === "http.request" });
    expect(told.requests[0]!.body).toEqual({
      type: "invoice.paid",
      received_at: "2026-12-01T09:00:00.000Z",
      payload: { type: "invoice.paid", amount: 5 },
    });
    expect(told.mails).toEqual([
      expect.objectContaining({ to: "alerts@example.com", body: expect.stringContaining('"amount": 5') }),
    ]);
    expect(told.output).toEqual({ delivered: false, error: "It was refused" });
  });
});
