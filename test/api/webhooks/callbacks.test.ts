// Twilio's callbacks, signed as Twilio signs (that our signatures are Twilio's own is test/channels/twilio).
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { createHmac } from "node:crypto";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { createApp } from "../../../src/app.ts";
import type { Env } from "../../../src/env.ts";
import { newId } from "../../../src/lib/ids.ts";
import { makePorts } from "../../../src/objects/ports.ts";
import { db, testEnv } from "../../fixtures/identity.ts";
import { definition, eventually, makeWorkflow, subscribe, type TestWorkflow, trivial } from "../../objects/kit.ts";

const TOKEN = "12345";
const FIRST = "00000000-0000-7000-8000-000000000001";
const BASE = "https://signalbox.test";
const env = { ...testEnv, TWILIO_ACCOUNT_SID: "AC1", TWILIO_AUTH_TOKEN: TOKEN, TWILIO_FROM: "+15551230000" } as Env;
const app = createApp({ makePorts });

let workflow: TestWorkflow;
beforeAll(async () => {
  await db.prepare("INSERT INTO organizations (id, name, created_at) VALUES (?1, 'First', 0)").bind(FIRST).run();
  workflow = await makeWorkflow(
    FIRST,
    definition(
      {
        t: { type: "trigger_command", config: { command_name: "!test" } },
        answer: { type: "action_chat_message", config: { message: "You said {{event.data.content}}" } },
      },
      ["t", "answer"],
    ),
  );
  await subscribe(workflow, { eventType: "MESSAGE_RECEIVED", matchKey: "!test", triggerType: "trigger_command" });
});

const sign = (url: string, form: Record<string, string>, token = TOKEN) =>
  createHmac("sha1", token)
    .update(
      url +
        Object.keys(form)
          .toSorted()
          .map((key) => key + form[key])
          .join(""),
    )
    .digest("base64");

const post = async (
  path: string,
  form: Record<string, string>,
  { signature = sign(BASE + path, form), vars = env }: { signature?: string | null; vars?: Env } = {},
) => {
  const context = createExecutionContext();
  const response = await app.fetch(
    new Request(BASE + path, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        ...(signature === null ? {} : { "x-twilio-signature": signature }),
      },
      body: new URLSearchParams(form).toString(),
    }),
    vars,
    context,
  );
  await waitOnExecutionContext(context);
  return response;
};

let numbers = 14155570000;
const inbound = (text: string, more: Record<string, string> = {}) => ({
  MessageSid: `SM${newId()}`,
  From: `whatsapp:+${++numbers}`,
  To: "whatsapp:+15551234567",
  Body: text,
  NumMedia: "0",
  ...more,
});

const messagesOf = async (phone: string) =>
  (
    await db
      .prepare(
        "SELECT m.* FROM messages m JOIN identities i ON i.contact_id = m.contact_id WHERE i.value = ?1 ORDER BY m.created_at, m.direction",
      )
      .bind(phone)
      .all<Record<string, unknown>>()
  ).results;

describe("POST /webhooks/inbound", () => {
  it("answers with the document's TwiML, and a command starts its workflow, which answers the person, once", async () => {
    const form = inbound("!test me");
    for (const _ of [1, 2, 3]) {
      const response = await post("/webhooks/inbound", form);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toMatch(/^text\/xml/);
      expect(await response.text()).toBe('<?xml version="1.0" encoding="UTF-8"?>\n<Response></Response>');
    }
    const phone = form.From.slice("whatsapp:".length);
    const messages = await eventually(async () => {
      const found = await messagesOf(phone);
      return found.some((one) => one.status === "delivered") && found;
    });
    expect(messages.map((one) => [one.direction, one.body])).toEqual([
      ["inbound", "!test me"],
      ["outbound", "You said !test me"],
    ]);
    const runs = await eventually(async () => {
      const { results } = await db
        .prepare("SELECT trigger_type, status FROM executions WHERE workflow_id = ?1")
        .bind(workflow.workflowId)
        .all();
      return results[0]?.status === "completed" && results;
    });
    expect(runs).toEqual([{ trigger_type: "MESSAGE_RECEIVED", status: "completed" }]);
  });

  it("believes nobody without the right signature, and nobody at all without a token", async () => {
    const form = inbound("Hello");
    const refusals = [
      await post("/webhooks/inbound", form, { signature: null }),
      await post("/webhooks/inbound", form, { signature: sign(`${BASE}/webhooks/inbound`, form, "other") }),
      await post("/webhooks/inbound", { ...form, Body: "Bye" }, { signature: sign(`${BASE}/webhooks/inbound`, form) }),
      await post("/webhooks/inbound", form, { vars: testEnv }),
    ];
    for (const response of refusals) {
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({
        error: "signature_invalid",
        message: expect.any(String),
        timestamp: expect.any(String),
        request_id: expect.any(String),
      });
    }
    expect(await messagesOf(form.From.slice(9))).toEqual([]);
  });

  it("refuses what tells of no message, though it is signed", async () => {
    const response = await post("/webhooks/inbound", { Hello: "World" });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: "validation_error", details: { field: "body" } });
    expect((await post("/webhooks/inbound", {})).status).toBe(400);
  });

  it("asks Twilio to come again when it cannot keep the message", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const broken = {
      ...env,
      CONTACT: { idFromName: () => ({}), get: () => ({ receive: () => Promise.reject(new Error("disk full")) }) },
    } as unknown as Env;
    const response = await post("/webhooks/inbound", inbound("Hello"), { vars: broken });
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: "service_unavailable" });
  });

  it("is POST only", async () => {
    const response = await app.fetch(new Request(`${BASE}/webhooks/inbound`), env, createExecutionContext());
    expect(response.status).toBe(405);
  });
});

describe("POST /webhooks/status", () => {
  const makeMessage = async () => {
    const id = newId();
    await db
      .prepare(
        `INSERT INTO messages (org_id, id, contact_id, direction, channel, sender, recipient, status, created_at, updated_at)
         VALUES (?1, ?2, 'c', 'outbound', 'sms', '', '', 'scheduled', 1, 1)`,
      )
      .bind(FIRST, id)
      .run();
    return id;
  };
  const rowOf = (id: string) =>
    db.prepare("SELECT * FROM messages WHERE id = ?1").bind(id).first<Record<string, unknown>>();
  const report = (path: string, sid: string, status: string, more: Record<string, string> = {}) =>
    post(path, {
      MessageSid: sid,
      MessageStatus: status,
      To: "+14155551234",
      From: "+15551230000",
      ErrorCode: "",
      ...more,
    });

  it("raises the status of our message, by the id in its URL, in whatever order reports come", async () => {
    const id = await makeMessage();
    const path = `/webhooks/status?message=${id}&organization=${FIRST}&contact=c`;
    const sid = `SM${newId()}`;
    for (const status of ["delivered", "sent", "queued", "delivered", "sent"]) {
      const response = await report(path, sid, status);
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ status: "received" });
    }
    await eventually(async () => (await rowOf(id))?.status === "delivered");
    const told = await eventually(async () => {
      const { results } = await db
        .prepare(
          "SELECT contact_id, data FROM events WHERE type = 'MESSAGE_STATUS' AND outcome IS NOT NULL AND data ->> 'message_id' = ?1",
        )
        .bind(id)
        .all<Record<string, string>>();
      return results.length === 3 && results;
    });
    expect(told.map((event) => JSON.parse(event.data!).status).toSorted()).toEqual(["delivered", "queued", "sent"]);
    expect(told[0]!.contact_id).toBe("c");
    expect(await rowOf(id)).toMatchObject({ status: "delivered", provider_id: sid });
  });

  it("finds a message by the provider's id, and keeps the reason of a failure", async () => {
    const id = await makeMessage();
    const sid = `SM${newId()}`;
    await db.prepare("UPDATE messages SET provider_id = ?2, status = 'sent' WHERE id = ?1").bind(id, sid).run();
    await report("/webhooks/status", sid, "undelivered", { ErrorCode: "30005" });
    await eventually(async () => (await rowOf(id))?.status === "undelivered");
    expect(await rowOf(id)).toMatchObject({ error_code: "30005", error: "Unknown destination handset" });
  });

  it("tells of a failure that may pass, so that a workflow may send again; nothing is sent again by itself", async () => {
    const id = await makeMessage();
    const sid = `SM${newId()}`;
    await db.prepare("UPDATE messages SET provider_id = ?2, status = 'sent' WHERE id = ?1").bind(id, sid).run();
    const again = await makeWorkflow(FIRST, trivial("trigger_event", { event_type: "MESSAGE_STATUS" }));
    const filters = { field: "event.data.error_class", operator: "equals", value: "retry" };
    await subscribe(again, { eventType: "MESSAGE_STATUS", filters });
    const asked = vi.spyOn(globalThis, "fetch");
    await report("/webhooks/status", sid, "sent");
    await report("/webhooks/status", sid, "undelivered", { ErrorCode: "30003" });
    const runs = () =>
      db.prepare("SELECT event_id AS event FROM executions WHERE workflow_id = ?1").bind(again.workflowId).all();
    await eventually(async () => (await runs()).results.length > 0);
    expect((await runs()).results.length).toBe(1);
    expect(await rowOf(id)).toMatchObject({ status: "undelivered", error_code: "30003", provider_id: sid });
    expect(asked).not.toHaveBeenCalled();
    asked.mockRestore();
  });

  it.each(["by our id", "by the provider's id"])("believes a carrier that reports an opt-out, %s", async (how) => {
    const [id, contactId, sid] = [await makeMessage(), newId(), `SM${newId()}`];
    await db
      .prepare("INSERT INTO contacts (org_id, id, created_at, updated_at) VALUES (?1, ?2, 1, 1)")
      .bind(FIRST, contactId)
      .run();
    await db
      .prepare("UPDATE messages SET contact_id = ?2, provider_id = ?3, status = 'sent' WHERE id = ?1")
      .bind(id, contactId, sid)
      .run();
    const consent = () =>
      db
        .prepare("SELECT consent_state AS state, consent_source AS source FROM contacts WHERE id = ?1")
        .bind(contactId)
        .first();
    const path =
      how === "by our id" ? `/webhooks/status?message=${id}&organization=${FIRST}&contact=c` : "/webhooks/status";
    await report(path, sid, "undelivered", { ErrorCode: "30003" });
    await eventually(async () => (await rowOf(id))?.status === "undelivered");
    expect(await consent()).toEqual({ state: null, source: null });
    await report(path, sid, "failed", { ErrorCode: "21610" });
    await eventually(async () => (await consent())?.state === "OPT_OUT");
    expect(await consent()).toEqual({ state: "OPT_OUT", source: "carrier" });
  });

  it("takes a report about a message that nobody knows", async () => {
    expect((await report("/webhooks/status", `SM${newId()}`, "delivered")).status).toBe(200);
  });

  it("believes nobody without the right signature", async () => {
    const response = await post(
      "/webhooks/status",
      { MessageSid: "SM1", MessageStatus: "delivered" },
      { signature: "x" },
    );
    expect(response.status).toBe(403);
  });
});
