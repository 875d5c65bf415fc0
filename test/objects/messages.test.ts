// What actions do to contacts, conversations and messages: against a provider that the test plays, with attempts that are repeated and cut short.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ActionPorts, StepRef } from "../../src/domain/action-ports.ts";
import { conversationIdOf } from "../../src/domain/conversation/conversation-id.ts";
import { tellLeftBehind } from "../../src/domain/event/tell-untold.ts";
import type { Env } from "../../src/env.ts";
import { newId, timeOfId } from "../../src/lib/ids.ts";
import { makeActionPorts } from "../../src/objects/action-ports.ts";
import { inboxPort } from "../../src/objects/inbox-port.ts";
import { db, testEnv } from "../fixtures/identity.ts";
import { eventually } from "./kit.ts";

const FIRST = "00000000-0000-7000-8000-000000000001";
const TWILIO = {
  TWILIO_ACCOUNT_SID: "AC1",
  TWILIO_AUTH_TOKEN: "12345",
  TWILIO_FROM: "+15551230000",
  TWILIO_WHATSAPP_FROM: "whatsapp:+15551234567",
  TWILIO_API_BASE_URL: "https://twilio.test",
};

const portsWith = (vars: Record<string, string>): ActionPorts => makeActionPorts({ ...testEnv, ...vars } as Env);
const twilio = portsWith(TWILIO);
const alone = portsWith({});

/** The deployment's first organisation: the variables' channels are its own. */
const organizationId = FIRST;
await db.prepare("INSERT INTO organizations (id, name, created_at) VALUES (?1, 'First', 0)").bind(FIRST).run();

const stepOf = (more: Partial<StepRef> = {}): StepRef => {
  const executionId = newId();
  return {
    key: `${executionId}:n:1`,
    executionId,
    organizationId,
    workflowId: "w",
    versionId: "v1",
    startedAt: Date.now(),
    eventDepth: 2,
    signal: AbortSignal.timeout(60_000),
    ...more,
  };
};

let numbers = 14155560000;
const makeContact = async (more: { consent?: string; email?: string } = {}) => {
  const id = newId();
  const phone = `+${++numbers}`;
  await db.batch([
    db
      .prepare("INSERT INTO contacts (org_id, id, consent_state, created_at, updated_at) VALUES (?1, ?2, ?3, 1, 1)")
      .bind(organizationId, id, more.consent ?? null),
    db
      .prepare("INSERT INTO identities (org_id, kind, value, contact_id) VALUES (?1, 'phone', ?2, ?3)")
      .bind(organizationId, phone, id),
  ]);
  return { id, phone };
};

const messageOf = (step: StepRef) =>
  db.prepare("SELECT * FROM messages WHERE step_key = ?1").bind(step.key).first<Record<string, unknown>>();
const eventsOf = async (contactId: string, type: string) =>
  (
    await db
      .prepare("SELECT * FROM events WHERE contact_id = ?1 AND type = ?2")
      .bind(contactId, type)
      .all<Record<string, unknown>>()
  ).results;

/** Twilio's side: what it was asked, and what it answers next. */
let requests: { url: string; method: string; form: URLSearchParams }[];
let answers: (() => Response | Promise<Response>)[];
const created =
  (sid: string, more: object = {}) =>
  () =>
    Response.json({ sid, status: "queued", ...more }, { status: 201 });
beforeEach(() => {
  requests = [];
  answers = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input as RequestInfo, init as RequestInit);
    requests.push({ url: request.url, method: request.method, form: new URLSearchParams(await request.text()) });
    const answer = answers.shift();
    if (!answer) throw new TypeError("connection refused");
    return answer();
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("messages.send", () => {
  it("writes the row, asks Twilio once, and tells of it, however often the step is tried", async () => {
    const { id, phone } = await makeContact();
    const step = stepOf();
    answers.push(created("SM1"));
    const sent = await twilio.messages.send(step, { text: "Hello", contactId: id });
    const row = (await messageOf(step))!;
    expect(sent).toEqual({
      outcome: "ok",
      value: { messageId: row.id, providerId: "SM1", channel: "sms", to: phone, status: "queued" },
    });
    expect(row).toMatchObject({
      direction: "outbound",
      status: "queued",
      provider_id: "SM1",
      sender: "+15551230000",
      recipient: phone,
      body: "Hello",
      execution_id: step.executionId,
    });
    expect(requests[0]!.url).toBe("https://twilio.test/2010-04-01/Accounts/AC1/Messages.json");
    const { form } = requests[0]!;
    expect([form.get("To"), form.get("From"), form.get("Body")]).toEqual([phone, "+15551230000", "Hello"]);
    expect(form.get("StatusCallback")).toBe(
      `https://signalbox.test/webhooks/status?message=${row.id}&organization=${organizationId}&contact=${id}`,
    );
    expect(await twilio.messages.send(step, { text: "Hello", contactId: id })).toEqual(sent);
    expect(requests.length).toBe(1);
    const [event, ...more] = await eventually(async () => {
      const events = await eventsOf(id, "MESSAGE_SENT");
      return events.some((one) => one.outcome !== null) && events;
    });
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      source: `execution:${step.executionId}`,
      depth: 3,
      conversation_id: row.conversation_id,
    });
  });

  it("answers on the channel of the conversation, and refuses one that is not configured", async () => {
    const { id, phone } = await makeContact();
    const conversationId = await conversationIdOf(id, "whatsapp");
    await db
      .prepare(
        "INSERT INTO conversations (org_id, id, contact_id, channel, last_inbound_at, created_at, updated_at) VALUES (?1, ?2, ?3, 'whatsapp', ?4, 1, 1)",
      )
      .bind(organizationId, conversationId, id, Date.now())
      .run();
    answers.push(created("SM2"));
    expect(await twilio.messages.send(stepOf(), { text: "Hi", contactId: id, conversationId })).toMatchObject({
      outcome: "ok",
      value: { channel: "whatsapp" },
    });
    expect(requests[0]!.form.get("To")).toBe(`whatsapp:${phone}`);
    expect(requests[0]!.form.get("From")).toBe("whatsapp:+15551234567");
    expect(await twilio.messages.send(stepOf(), { text: "Hi", contactId: id, channel: "pigeon" })).toMatchObject({
      outcome: "refused",
      code: "CHANNEL_NOT_CONFIGURED",
      retryable: false,
    });
    expect(requests.length).toBe(1);
  });

  it("writes to a number that nobody has, which becomes a contact, once", async () => {
    const step = stepOf();
    answers.push(
      () =>
        Response.json(
          { code: 20429, message: "Too many", status: 429 },
          { status: 429, headers: { "retry-after": "2" } },
        ),
      created("SM3"),
    );
    const phone = `+${++numbers}`;
    const spaced = phone.replace("+1", "+1 ");
    expect(await twilio.messages.send(step, { text: "Hi", to: spaced })).toMatchObject({
      outcome: "refused",
      code: "PROVIDER_BUSY",
      retryable: true,
      retryAfterMs: 2_000,
    });
    expect(await messageOf(step)).toMatchObject({ status: "failed", error_code: "20429", provider_id: null });
    expect(await twilio.messages.send(step, { text: "Hi", to: spaced })).toMatchObject({
      outcome: "ok",
      value: { to: phone, providerId: "SM3" },
    });
    const row = (await messageOf(step))!;
    expect(row).toMatchObject({ status: "queued", error_code: null });
    expect(
      (await db.prepare("SELECT count(*) AS n FROM identities WHERE value = ?1").bind(phone).first<{ n: number }>())!.n,
    ).toBe(1);
    await eventually(async () => (await eventsOf(String(row.contact_id), "USER_CREATED")).length === 1);
    expect(await twilio.messages.send(stepOf(), { text: "Hi", to: "nobody" })).toMatchObject({
      outcome: "refused",
      code: "NO_RECIPIENT",
    });
  });

  it("gives a code that nobody knows one more try", async () => {
    const { id } = await makeContact();
    const step = stepOf();
    const odd = () => Response.json({ code: 99_999, message: "odd", status: 400 }, { status: 400 });
    answers.push(odd, odd);
    const send = () => twilio.messages.send(step, { text: "Hi", contactId: id });
    expect(await send()).toMatchObject({ outcome: "refused", code: "PROVIDER_REFUSED", retryable: true });
    expect(await send()).toMatchObject({ outcome: "refused", code: "PROVIDER_REFUSED", retryable: false });
    expect(await messageOf(step)).toMatchObject({ status: "failed", error_code: "99999" });
  });

  it("sends nothing to who has opted out, and believes a carrier that says so", async () => {
    const out = await makeContact({ consent: "STOP" });
    const step = stepOf();
    expect(await twilio.messages.send(step, { text: "Hi", contactId: out.id })).toMatchObject({
      outcome: "refused",
      code: "CONSENT",
      retryable: false,
    });
    const kept = (await messageOf(step))!;
    expect(kept).toMatchObject({ status: "canceled", provider_id: null, hold_until: null, body: "Hi" });
    expect(JSON.parse(String(kept.gates))).toMatchObject({ passed: false, failed: "consent", earliestAt: null });
    // However often it is tried, also when they come back: it is over.
    await db.prepare("UPDATE contacts SET consent_state = 'OPT_IN' WHERE id = ?1").bind(out.id).run();
    expect(await twilio.messages.send(step, { text: "Hi", contactId: out.id })).toMatchObject({ code: "CONSENT" });
    expect(requests).toEqual([]);
    expect(await db.prepare("SELECT 1 FROM conversations WHERE contact_id = ?1").bind(out.id).first()).toBeNull();
    const carrier = await makeContact();
    answers.push(() => Response.json({ code: 21610, message: "unsubscribed", status: 400 }, { status: 400 }));
    expect(await twilio.messages.send(stepOf(), { text: "Hi", contactId: carrier.id })).toMatchObject({
      outcome: "refused",
      code: "CONSENT",
      retryable: false,
    });
    const state = await db
      .prepare("SELECT consent_state, consent_source FROM contacts WHERE id = ?1")
      .bind(carrier.id)
      .first();
    expect(state).toEqual({ consent_state: "OPT_OUT", consent_source: "carrier" });
  });

  it("never repeats a send of unknown outcome; it is looked up", async () => {
    const { id } = await makeContact();
    const step = stepOf();
    answers.push(() => new Response("<html>Bad gateway</html>", { status: 502 }));
    expect(await twilio.messages.send(step, { text: "Hi there", contactId: id })).toMatchObject({ outcome: "unknown" });
    expect(await messageOf(step)).toMatchObject({ status: "scheduled", error_code: "UNKNOWN_OUTCOME" });
    expect(await twilio.messages.send(step, { text: "Hi there", contactId: id })).toMatchObject({ outcome: "unknown" });
    expect(requests.length).toBe(1);
    // No evidence is no proof.
    answers.push(() => Response.json({ messages: [] }));
    expect(await twilio.messages.reconcile(step)).toMatchObject({ outcome: "unknown" });
    const found = {
      sid: "SM9",
      body: "Hi there",
      status: "delivered",
      direction: "outbound-api",
      num_media: "0",
      date_created: new Date().toUTCString(),
    };
    answers.push(() => Response.json({ messages: [found] }));
    expect(await twilio.messages.reconcile(step)).toMatchObject({
      outcome: "ok",
      value: { providerId: "SM9", status: "delivered" },
    });
    expect(await messageOf(step)).toMatchObject({ status: "delivered", provider_id: "SM9", error_code: null });
    expect(requests.filter((request) => request.method === "POST").length).toBe(1);
  });

  it("lists a send that a crash cut short as unknown, until its provider is heard", async () => {
    const { id } = await makeContact();
    const step = stepOf();
    answers.push(() => new Response("", { status: 504 }));
    await twilio.messages.send(step, { text: "Cut short", contactId: id });
    // What a crash between the row and the answer leaves behind.
    await db.prepare("UPDATE messages SET error_code = NULL, error = NULL WHERE step_key = ?1").bind(step.key).run();
    answers.push(() => Response.json({ messages: [] }));
    expect(await twilio.messages.reconcile(step)).toMatchObject({ outcome: "unknown" });
    expect(await messageOf(step)).toMatchObject({ status: "scheduled", error_code: "UNKNOWN_OUTCOME" });
    const found = {
      sid: "SM10",
      body: "Cut short",
      status: "queued",
      num_media: "0",
      date_created: new Date().toUTCString(),
    };
    answers.push(() => Response.json({ messages: [found] }));
    expect(await twilio.messages.reconcile(step)).toMatchObject({ outcome: "ok", value: { status: "queued" } });
    expect(await messageOf(step)).toMatchObject({
      status: "queued",
      provider_id: "SM10",
      error_code: null,
      error: null,
    });
  });

  it("sends it again, for who would rather, once the provider could have listed it and has not", async () => {
    const { id } = await makeContact();
    const step = stepOf();
    answers.push(() => new Response("", { status: 504 }));
    await twilio.messages.send(step, { text: "Once more", contactId: id });
    answers.push(() => Response.json({ messages: [] }));
    expect(await twilio.messages.reconcile(step, "resend")).toMatchObject({ outcome: "unknown" });
    await db.prepare("UPDATE messages SET updated_at = updated_at - 6000 WHERE step_key = ?1").bind(step.key).run();
    // Nobody could be asked: that is no finding, and is tried again.
    answers.push(() => new Response("", { status: 500 }));
    const later = await twilio.messages.reconcile(step, "resend");
    expect(later).toMatchObject({ outcome: "deferred", reason: "the list answered HTTP 500" });
    expect(later.outcome === "deferred" && later.until).toBeGreaterThan(Date.now() + 3_000);
    expect(await messageOf(step)).toMatchObject({ status: "scheduled", error_code: "UNKNOWN_OUTCOME" });
    answers.push(() => Response.json({ messages: [] }));
    expect(await twilio.messages.reconcile(step)).toMatchObject({ outcome: "unknown" });
    answers.push(() => Response.json({ messages: [] }));
    expect(await twilio.messages.reconcile(step, "resend")).toEqual({ outcome: "absent" });
    answers.push(created("SM6"));
    expect(await twilio.messages.send(step, { text: "Once more", contactId: id })).toMatchObject({ outcome: "ok" });
    expect(await messageOf(step)).toMatchObject({ status: "queued", error_code: null });
  });

  it("knows that nothing left when there is no row, and takes a callback's word", async () => {
    expect(await twilio.messages.reconcile(stepOf())).toEqual({ outcome: "absent" });
    const { id } = await makeContact();
    const step = stepOf();
    answers.push(() => new Response("", { status: 504 }));
    await twilio.messages.send(step, { text: "Hi", contactId: id });
    await db
      .prepare("UPDATE messages SET status = 'sent', provider_id = 'SM5' WHERE step_key = ?1")
      .bind(step.key)
      .run();
    expect(await twilio.messages.reconcile(step)).toMatchObject({
      outcome: "ok",
      value: { providerId: "SM5", status: "sent" },
    });
    expect(requests.length).toBe(1);
    // Whoever listens hears of it all the same, once.
    expect(await twilio.messages.send(step, { text: "Hi", contactId: id })).toMatchObject({ outcome: "ok" });
    const told = await eventually(async () => {
      const events = await eventsOf(id, "MESSAGE_SENT");
      return events.some((one) => one.outcome !== null) && events;
    });
    expect(told.length).toBe(1);
  });

  it("leaves although nobody can be told of its conversation", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const { id } = await makeContact();
    const down = { idFromName: () => "", get: () => ({ accept: () => Promise.reject(new Error("inbox is down")) }) };
    const deaf = makeActionPorts({ ...testEnv, ...TWILIO, INBOX: down as unknown as DurableObjectNamespace } as Env);
    const step = stepOf();
    answers.push(created("SM11"));
    expect(await deaf.messages.send(step, { text: "Hi", contactId: id })).toMatchObject({
      outcome: "ok",
      value: { providerId: "SM11" },
    });
    expect(await messageOf(step)).toMatchObject({ status: "queued", provider_id: "SM11" });
    // Its run may end now; what the message's batch has written is told without it.
    const world = { db: testEnv.DB, inbox: inboxPort(testEnv), now: () => Date.now() + 60_000 };
    await tellLeftBehind(world);
    for (const type of ["CONVERSATION_CREATED", "MESSAGE_SENT"])
      await eventually(async () => (await eventsOf(id, type)).some((one) => one.outcome !== null));
    expect(requests.length).toBe(1);
    const left = "SELECT count(*) AS n FROM untold_events WHERE event ->> 'contactId' = ?1";
    expect(await db.prepare(left).bind(id).first("n")).toBe(0);
    log.mockRestore();
  });

  it("without a provider delivers in the app", async () => {
    const { id, phone } = await makeContact();
    const step = stepOf();
    expect(await alone.messages.send(step, { text: "Hi", contactId: id, channel: "sms" })).toMatchObject({
      outcome: "ok",
      value: { channel: "inapp", to: phone, status: "delivered" },
    });
    const named = { text: "Hi", to: "Ada@Example.com" };
    expect(await alone.messages.send(stepOf(), named)).toMatchObject({ value: { to: "ada@example.com" } });
    const row = (await messageOf(step))!;
    expect(row).toMatchObject({ status: "delivered", channel: "inapp" });
    expect(row.delivered_at).not.toBeNull();
    const conversation = await db
      .prepare("SELECT channel FROM conversations WHERE id = ?1")
      .bind(row.conversation_id)
      .first("channel");
    expect(conversation).toBe("inapp");
    expect(requests).toEqual([]);
  });

  it("for nobody in particular goes to the workflow's own conversation in the app, unless a provider could be meant", async () => {
    const [first, second] = [stepOf({ workflowId: "room" }), stepOf({ workflowId: "room" })];
    const sent = await alone.messages.send(first, { text: "Hi" });
    expect(sent).toMatchObject({ outcome: "ok", value: { channel: "inapp", status: "delivered" } });
    await alone.messages.send(second, { text: "Ho" });
    const [one, two] = [(await messageOf(first))!, (await messageOf(second))!];
    expect([one.conversation_id, two.body]).toEqual([two.conversation_id, "Ho"]);
    expect(await eventsOf(String(one.contact_id), "USER_CREATED")).toEqual([]);

    expect(await twilio.messages.send(stepOf(), { text: "Hi" })).toMatchObject({
      outcome: "refused",
      code: "NO_RECIPIENT",
      message: expect.stringContaining("to is missing"),
    });
    expect(await twilio.messages.send(stepOf(), { text: "Hi", channel: "inapp" })).toMatchObject({ outcome: "ok" });
    expect(requests).toEqual([]);
  });

  it("keeps the variables' channels to the first organisation", async () => {
    const other = newId();
    const id = newId();
    await db.batch([
      db.prepare("INSERT INTO organizations (id, name, created_at) VALUES (?1, 'Other', 9)").bind(other),
      db.prepare("INSERT INTO contacts (org_id, id, created_at, updated_at) VALUES (?1, ?2, 1, 1)").bind(other, id),
    ]);
    expect(await twilio.messages.send(stepOf({ organizationId: other }), { text: "Hi", contactId: id })).toMatchObject({
      value: { channel: "inapp" },
    });
    // Another organisation's contact is nobody.
    expect(await twilio.messages.send(stepOf(), { text: "Hi", contactId: id })).toMatchObject({
      outcome: "refused",
      code: "NO_RECIPIENT",
    });
  });

  it("needs no network to say that mail is not configured", async () => {
    expect(
      await alone.email.send(stepOf(), { to: "a@example.com", subject: "s", body: "b", isHtml: false }),
    ).toMatchObject({ outcome: "refused", code: "EMAIL_NOT_CONFIGURED" });
  });
});

describe("contacts and conversations", () => {
  it("tags once, tells of it once, and answers a repeated attempt as the first", async () => {
    const { id } = await makeContact();
    // A run that has slept for an hour: what it causes lies in the log where it happens.
    const step = stepOf({ startedAt: Date.now() + 3_600_000 });
    const first = await alone.contacts.addTag(step, id, "vip");
    expect(first).toMatchObject({ outcome: "ok", value: { changed: true, contact: { id, tags: ["vip"] } } });
    expect(await alone.contacts.addTag(step, id, "vip")).toMatchObject({
      value: { changed: true, contact: { tags: ["vip"] } },
    });
    expect(await alone.contacts.addTag(stepOf(), id, "vip")).toMatchObject({ value: { changed: false } });
    const [event, ...more] = await eventually(async () => {
      const events = await eventsOf(id, "TAG_ADDED");
      return events.some((one) => one.outcome !== null) && events;
    });
    expect(more).toEqual([]);
    expect(event).toMatchObject({ depth: 3, data: JSON.stringify({ tag: "vip", tag_name: "vip" }) });
    expect(timeOfId(String(event!.id))).toBe(step.startedAt);
    expect(await alone.contacts.removeTag(stepOf(), id, "vip")).toMatchObject({
      value: { changed: true, contact: { tags: [] } },
    });
    expect(await alone.contacts.removeTag(stepOf(), id, "vip")).toMatchObject({ value: { changed: false } });
    expect((await eventsOf(id, "TAG_REMOVED")).length).toBe(1);
    expect(await alone.contacts.addTag(stepOf(), newId(), "vip")).toMatchObject({
      outcome: "refused",
      code: "NOT_FOUND",
    });
  });

  it("gives no contact more tags than it may have, and tells of none: workflows that feed each other new tags end there", async () => {
    const { id } = await makeContact();
    const tags = JSON.stringify(Array.from({ length: 100 }, (_, index) => `t${index}`));
    await db.prepare("UPDATE contacts SET tags = ?2 WHERE id = ?1").bind(id, tags).run();
    expect(await alone.contacts.addTag(stepOf(), id, "one more")).toMatchObject({ code: "TOO_MANY_TAGS" });
    expect(await alone.contacts.addTag(stepOf(), id, "t7")).toMatchObject({ outcome: "ok", value: { changed: false } });
    expect(await eventsOf(id, "TAG_ADDED")).toEqual([]);
  });

  it("merges attributes, keeps their types, and removes by null", async () => {
    const { id } = await makeContact();
    await alone.contacts.update(stepOf(), id, { a: true, b: 1, c: { d: [1, "x"] }, e: "text" });
    const told = await alone.contacts.update(stepOf(), id, { b: null, f: false });
    expect(told).toMatchObject({
      value: { contact: { attributes: { a: true, c: { d: [1, "x"] }, e: "text", f: false } } },
    });
    expect(JSON.stringify(told)).not.toContain('"b"');
  });

  it("writes one note a step", async () => {
    const { id } = await makeContact();
    const step = stepOf();
    const first = await alone.contacts.addNote(step, id, "called");
    expect(await alone.contacts.addNote(step, id, "called")).toEqual(first);
    expect(
      (await db.prepare("SELECT count(*) AS n FROM notes WHERE contact_id = ?1").bind(id).first<{ n: number }>())!.n,
    ).toBe(1);
    expect(await alone.contacts.addNote(stepOf(), newId(), "x")).toMatchObject({
      outcome: "refused",
      code: "NOT_FOUND",
    });
  });

  it("closes a conversation and tells of it once", async () => {
    const { id } = await makeContact();
    await alone.messages.send(stepOf(), { text: "Hi", contactId: id });
    const step = stepOf();
    const closed = await alone.conversations.setStatus(step, { contactId: id }, "closed");
    expect(closed).toMatchObject({ outcome: "ok", value: { status: "closed", changed: true } });
    expect(await alone.conversations.setStatus(step, { contactId: id }, "closed")).toEqual(closed);
    expect(await alone.conversations.setStatus(stepOf(), { contactId: id }, "closed")).toMatchObject({
      value: { changed: false },
    });
    expect(await alone.conversations.setStatus(stepOf(), { contactId: id }, "pending")).toMatchObject({
      value: { changed: true },
    });
    expect((await eventsOf(id, "CONVERSATION_CLOSED")).length).toBe(1);
    expect(await alone.conversations.setStatus(stepOf(), { contactId: newId() }, "open")).toMatchObject({
      outcome: "refused",
      code: "NOT_FOUND",
    });
  });
});
