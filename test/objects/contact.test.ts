// What comes from a person: in order, once, with the contact, the conversation and the consent that follow from it.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import type { MessageReceived } from "../../src/channels/channel.ts";
import { contactObjectName, type InboundMessage } from "../../src/domain/contact/receive.ts";
import { newId } from "../../src/lib/ids.ts";
import { contactStub } from "../../src/objects/rpc.ts";
import { db, makeOrganization, testEnv } from "../fixtures/identity.ts";
import { eventually } from "./kit.ts";

let organizationId: string;
beforeAll(async () => {
  organizationId = (await makeOrganization()).organizationId;
});

let numbers = 14155550000;
const newPhone = () => `+${++numbers}`;

const inbound = (phone: string, text: string, more: Partial<MessageReceived> = {}): InboundMessage => ({
  organizationId,
  source: "twilio",
  message: {
    fact: "message_received",
    channel: "whatsapp",
    providerId: `SM${newId()}`,
    from: { kind: "phone", value: phone },
    to: "+15551234567",
    text,
    media: [],
    ...more,
  },
});

const nameOf = (phone: string) => contactObjectName(organizationId, { kind: "phone", value: phone });
const receive = (message: InboundMessage) => contactStub(testEnv, nameOf(message.message.from.value)).receive(message);
const rawStub = (phone: string) => testEnv.CONTACT.get(testEnv.CONTACT.idFromName(nameOf(phone)));

const contactsOf = async (phone: string) =>
  (
    await db
      .prepare(
        "SELECT c.* FROM contacts c JOIN identities i ON i.contact_id = c.id WHERE i.org_id = ?1 AND i.value = ?2",
      )
      .bind(organizationId, phone)
      .all<Record<string, unknown>>()
  ).results;

const eventsOf = async (contactId: string) =>
  (
    await db
      .prepare("SELECT type, id, occurred_at, data FROM events WHERE contact_id = ?1 ORDER BY occurred_at, id")
      .bind(contactId)
      .all<Record<string, string>>()
  ).results;

describe("contact", () => {
  it("knows a WhatsApp user by number and by business-scoped id, whichever comes along", async () => {
    const phone = newPhone();
    const scoped = { kind: "whatsapp_bsuid", value: `US.${newId()}` } as const;
    await receive(inbound(phone, "Hi", { alsoFrom: [scoped] }));
    const later = inbound(phone, "It is me, without a number", { from: scoped });
    await contactStub(testEnv, contactObjectName(organizationId, scoped)).receive(later);
    const [contact, ...others] = await contactsOf(phone);
    expect(others).toEqual([]);
    expect((await contactsOf(scoped.value)).map(({ id }) => id)).toEqual([contact!.id]);
    const { results } = await eventually(async () => {
      const found = await db
        .prepare("SELECT conversation_id FROM messages WHERE contact_id = ?1 AND direction = 'inbound'")
        .bind(contact!.id)
        .all();
      return found.results.length === 2 && found;
    });
    expect(new Set(results.map(({ conversation_id }) => conversation_id)).size).toBe(1);
  });

  it("knows who wrote without a number before, when the number comes along: who had opted out still has", async () => {
    const [phone, scoped] = [newPhone(), { kind: "whatsapp_bsuid", value: `US.${newId()}` } as const];
    const scopedStub = contactStub(testEnv, contactObjectName(organizationId, scoped));
    await scopedStub.receive(inbound(phone, "STOP", { from: scoped }));
    await receive(inbound(phone, "Hi", { alsoFrom: [scoped] }));
    const [contact, ...others] = await contactsOf(phone);
    expect(others).toEqual([]);
    expect(contact).toMatchObject({ consent_state: "STOP", phone });
    expect((await contactsOf(scoped.value)).map(({ id }) => id)).toEqual([contact!.id]);
  });

  it("takes a STOP for every contact that an address of its sender leads to", async () => {
    const [phone, scoped] = [newPhone(), { kind: "whatsapp_bsuid", value: `US.${newId()}` } as const];
    await receive(inbound(phone, "Hi"));
    await contactStub(testEnv, contactObjectName(organizationId, scoped)).receive(
      inbound(phone, "Hi", { from: scoped }),
    );
    await receive(inbound(phone, "It is me", { alsoFrom: [scoped] }));
    const states = async () =>
      (await Promise.all([contactsOf(phone), contactsOf(scoped.value)])).map(([one]) => one!.consent_state);
    expect(await states()).toEqual([null, null]);
    await receive(inbound(phone, "STOP", { alsoFrom: [scoped] }));
    expect(await states()).toEqual(["STOP", "STOP"]);
    await receive(inbound(phone, "START", { alsoFrom: [scoped] }));
    expect(await states()).toEqual(["OPT_IN", "OPT_IN"]);
  });

  it("makes the contact and the conversation at the first message, and tells of both once", async () => {
    const phone = newPhone();
    await receive(inbound(phone, "Hello", { profileName: "Ada" }));
    await receive(inbound(phone, "Again"));
    const [contact] = await contactsOf(phone);
    const messages = await eventually(async () => {
      const { results } = await db
        .prepare("SELECT * FROM messages WHERE contact_id = ?1 ORDER BY created_at")
        .bind(contact!.id)
        .all<Record<string, unknown>>();
      return results.length === 2 && results;
    });
    expect(messages.map((one) => one.body)).toEqual(["Hello", "Again"]);
    expect(messages[0]).toMatchObject({
      org_id: organizationId,
      direction: "inbound",
      channel: "whatsapp",
      sender: phone,
      recipient: "+15551234567",
      status: "received",
    });
    const events = await eventsOf(String(contact!.id));
    expect(events.map((event) => event.type).toSorted()).toEqual([
      "CONVERSATION_CREATED",
      "MESSAGE_RECEIVED",
      "MESSAGE_RECEIVED",
      "USER_CREATED",
    ]);
    const heard = events.find(({ type }) => type === "MESSAGE_RECEIVED")!.data!;
    expect(JSON.parse(heard)).toMatchObject({ content: "Hello", profile_name: "Ada", username: "Ada" });
    const conversations = await db
      .prepare("SELECT id, channel, status FROM conversations WHERE contact_id = ?1")
      .bind(contact!.id)
      .all();
    expect(conversations.results).toEqual([{ id: messages[0]!.conversation_id, channel: "whatsapp", status: "open" }]);
    const [after] = await contactsOf(phone);
    expect(after).toMatchObject({ name: "Ada", last_received_at: messages[1]!.created_at });
  });

  it("keeps the order of what comes at once, and takes a repeated delivery once", async () => {
    const phone = newPhone();
    const texts = Array.from({ length: 12 }, (_, index) => `m${index}`);
    const sent = texts.map((text) => inbound(phone, text));
    const receipts = await Promise.all([...sent, ...sent].map(receive));
    expect(receipts.map((receipt) => receipt.duplicate)).toEqual([...sent.map(() => false), ...sent.map(() => true)]);
    expect(receipts.slice(12).map((receipt) => receipt.eventId)).toEqual(
      receipts.slice(0, 12).map((receipt) => receipt.eventId),
    );
    await evictDurableObject(rawStub(phone));
    expect((await receive(sent[0]!)).duplicate).toBe(true);
    const [contact] = await contactsOf(phone);
    const bodies = await eventually(async () => {
      const { results } = await db
        .prepare("SELECT body FROM messages WHERE contact_id = ?1 ORDER BY created_at")
        .bind(contact!.id)
        .all<{ body: string }>();
      return results.length === 12 && results.map((row) => row.body);
    });
    expect(bodies).toEqual(texts);
    expect((await contactsOf(phone)).length).toBe(1);
  });

  it("finds a contact that somebody else has made, and does not tell of it as new", async () => {
    const phone = newPhone();
    const id = newId();
    await db.batch([
      db
        .prepare("INSERT INTO contacts (org_id, id, created_at, updated_at) VALUES (?1, ?2, 1, 1)")
        .bind(organizationId, id),
      db
        .prepare("INSERT INTO identities (org_id, kind, value, contact_id) VALUES (?1, 'phone', ?2, ?3)")
        .bind(organizationId, phone, id),
    ]);
    await receive(inbound(phone, "Hi"));
    const types = await eventually(async () => {
      const events = await eventsOf(id);
      return events.length === 2 && events.map((event) => event.type).toSorted();
    });
    expect(types).toEqual(["CONVERSATION_CREATED", "MESSAGE_RECEIVED"]);
  });

  it("tells of a new contact after a crash between the database and its own commit", async () => {
    const phone = newPhone();
    const contactId = newId();
    // What a life leaves that dies after the database has made the contact.
    await runInDurableObject(rawStub(phone), (_, state) => {
      state.storage.kv.put("known", { contactId, resolved: false, announced: false, channels: [] });
    });
    await db.batch([
      db
        .prepare("INSERT INTO contacts (org_id, id, created_at, updated_at) VALUES (?1, ?2, 1, 1)")
        .bind(organizationId, contactId),
      db
        .prepare("INSERT INTO identities (org_id, kind, value, contact_id) VALUES (?1, 'phone', ?2, ?3)")
        .bind(organizationId, phone, contactId),
    ]);
    await evictDurableObject(rawStub(phone));
    await receive(inbound(phone, "Hi"));
    const types = await eventually(async () => {
      const events = await eventsOf(contactId);
      return events.length === 3 && events.map((event) => event.type).toSorted();
    });
    expect(types).toEqual(["CONVERSATION_CREATED", "MESSAGE_RECEIVED", "USER_CREATED"]);
  });

  it("has a withdrawn consent in the database before it answers, and starts nothing for it", async () => {
    const phone = newPhone();
    const consentOf = async () => (await contactsOf(phone))[0]!.consent_state;
    const { eventId } = await receive(inbound(phone, " sToP "));
    expect(await consentOf()).toBe("STOP");
    const outcome = await eventually(() =>
      db
        .prepare("SELECT outcome FROM events WHERE id = ?1 AND outcome IS NOT NULL")
        .bind(eventId)
        .first<string>("outcome"),
    );
    expect(JSON.parse(outcome)).toMatchObject({ started: [], stopped: "opt_out" });
    await receive(inbound(phone, "Stop please"));
    expect(await consentOf()).toBe("STOP");
    await receive(inbound(phone, "START"));
    expect(await consentOf()).toBe("OPT_IN");
    await receive(inbound(phone, "Cancel"));
    expect(await consentOf()).toBe("OPT_OUT");
    await receive(inbound(phone, "yes"));
    expect(await consentOf()).toBe("OPT_IN");
  });

  it("obeys a withdrawal even when the clock has gone back behind the consent", async () => {
    const phone = newPhone();
    await receive(inbound(phone, "START"));
    const [contact] = await contactsOf(phone);
    const ahead = Date.now() + 3_600_000;
    await db
      .prepare("UPDATE contacts SET consent_updated_at = ?2 WHERE org_id = ?3 AND id = ?1")
      .bind(contact!.id, ahead, organizationId)
      .run();
    await receive(inbound(phone, "STOP"));
    const [after] = await contactsOf(phone);
    expect(after).toMatchObject({ consent_state: "STOP", consent_updated_at: ahead });
  });

  it("does not opt in by a mere YES who had not opted out, and believes the provider's own word", async () => {
    const phone = newPhone();
    const consentOf = async () => (await contactsOf(phone))[0]!.consent_state;
    await receive(inbound(phone, "YES"));
    expect(await consentOf()).toBeNull();
    await receive(inbound(phone, "Arrêt", { consent: "opt_out" }));
    expect(await consentOf()).toBe("STOP");
  });
});
