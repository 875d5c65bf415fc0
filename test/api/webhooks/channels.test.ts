// Callbacks of channels that organisations have set up: each is believed for the organisation whose secret signed it, and for no other.

import { createExecutionContext } from "cloudflare:test";
import { createHmac } from "node:crypto";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { signatureOf } from "../../../src/channels/twilio/signature.ts";
import type { Env } from "../../../src/env.ts";
import { newId } from "../../../src/lib/ids.ts";
import { makeActionPorts } from "../../../src/objects/action-ports.ts";
import { makePorts } from "../../../src/objects/ports.ts";
import worker from "../../../src/worker.ts";
import { testApp } from "../../fixtures/app.ts";
import { db, makeOrganization, type Tenant, testEnv } from "../../fixtures/identity.ts";
import { eventually } from "../../objects/kit.ts";

const { fetch: request } = testApp({ ports: { callbacks: makePorts(testEnv).callbacks } });
let first: Tenant;
let owner: Tenant;
let stranger: Tenant;
beforeAll(async () => {
  first = await makeOrganization();
  owner = await makeOrganization();
  stranger = await makeOrganization();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const make = async (who: Tenant, body: object): Promise<string> => {
  const response = await request("/api/v2/channels", {
    method: "POST",
    headers: { ...who.headers, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(201);
  return ((await response.json()) as { channel: { id: string } }).channel.id;
};
let numbers = 15559990000;
const aTwilio = async (who: Tenant, authToken: string, sender = `+${++numbers}`) => ({
  sender,
  id: await make(who, {
    name: "t",
    provider: "twilio",
    kind: "sms",
    sender,
    settings: { accountSid: "AC1" },
    credentials: { authToken },
  }),
});

const BASE = "https://signalbox.test";
const post = (path: string, headers: Record<string, string>, body: string) =>
  worker.fetch!(
    new Request(`${BASE}${path}`, { method: "POST", headers, body }) as never,
    testEnv,
    createExecutionContext(),
  );
const twilioCall = async (path: string, token: string, form: Record<string, string>) => {
  const pairs = Object.entries(form);
  return post(
    path,
    {
      "content-type": "application/x-www-form-urlencoded",
      "x-twilio-signature": await signatureOf(token, `${BASE}${path}`, pairs),
    },
    new URLSearchParams(form).toString(),
  );
};
const messagesOf = async (providerId: string) =>
  (
    await db
      .prepare("SELECT org_id, channel_id, conversation_id, body, status FROM messages WHERE provider_id = ?1")
      .bind(providerId)
      .all<Record<string, unknown>>()
  ).results;
const arrived = (providerId: string) =>
  eventually(async () => {
    const found = await messagesOf(providerId);
    return found.length > 0 && found;
  });

describe("Twilio", () => {
  it("finds the organisation by the number, and opens the conversation's window", async () => {
    const { id, sender } = await aTwilio(owner, "owner-token");
    const sid = `SM${newId()}`;
    const form = { MessageSid: sid, From: "+14155550123", To: sender, Body: "Hello" };
    expect((await twilioCall("/webhooks/inbound", "owner-token", form)).status).toBe(200);
    const [message] = await arrived(sid);
    expect(message).toMatchObject({ org_id: owner.organizationId, channel_id: id, body: "Hello" });
    const conversation = await db
      .prepare("SELECT channel_id, last_inbound_at FROM conversations WHERE id = ?1")
      .bind(message!.conversation_id)
      .first<{ channel_id: string; last_inbound_at: number }>();
    expect(conversation!.channel_id).toBe(id);
    expect(conversation!.last_inbound_at).toBeGreaterThan(Date.now() - 60_000);
  });

  it("believes no other token: not a stranger's, who claims the number as well, nor none", async () => {
    const { id, sender } = await aTwilio(owner, "owner-token");
    const theirs = await aTwilio(stranger, "stranger-token", sender);
    const form = (sid: string) => ({ MessageSid: sid, From: "+14155550124", To: sender, Body: "Hi" });
    // On its own URL only the channel's own token counts.
    const path = `/webhooks/inbound/${owner.organizationId}/${id}`;
    expect((await twilioCall(path, "stranger-token", form("SMx1"))).status).toBe(403);
    expect(
      (await twilioCall(`/webhooks/inbound/${stranger.organizationId}/${id}`, "owner-token", form("SMx2"))).status,
    ).toBe(403);
    expect((await twilioCall("/webhooks/inbound", "nobody", form("SMx3"))).status).toBe(403);
    const sids = [`SM${newId()}`, `SM${newId()}`];
    await twilioCall(path, "owner-token", form(sids[0]!));
    await twilioCall("/webhooks/inbound", "stranger-token", form(sids[1]!));
    expect(await arrived(sids[0]!)).toMatchObject([{ org_id: owner.organizationId, channel_id: id }]);
    // Who signs with a secret of their own is heard by themselves.
    expect(await arrived(sids[1]!)).toMatchObject([{ org_id: stranger.organizationId, channel_id: theirs.id }]);
    for (const sid of ["SMx1", "SMx2", "SMx3"]) expect(await messagesOf(sid)).toEqual([]);
  });

  it("moves no message of another organisation, whatever the signed URL says", async () => {
    const { id } = await aTwilio(owner, "owner-token");
    const theirs = await aTwilio(stranger, "stranger-token");
    const messageId = newId();
    await db
      .prepare(
        `INSERT INTO messages (org_id, id, contact_id, direction, channel, channel_id, sender, recipient, status, provider_id, created_at, updated_at)
         VALUES (?1, ?2, ?3, 'outbound', 'sms', ?4, '', '', 'sent', 'SMvictim', 1, 1)`,
      )
      .bind(owner.organizationId, messageId, newId(), id)
      .run();
    const query = `?message=${messageId}&organization=${owner.organizationId}`;
    const form = { MessageSid: "SMvictim", MessageStatus: "failed", To: "+1", From: theirs.sender };
    expect(
      (await twilioCall(`/webhooks/status/${stranger.organizationId}/${theirs.id}${query}`, "stranger-token", form))
        .status,
    ).toBe(200);
    expect((await twilioCall(`/webhooks/status${query}`, "stranger-token", form)).status).toBe(200);
    await eventually(async () => {
      const { results } = await db
        .prepare("SELECT 1 FROM events WHERE org_id = ?1 AND type = 'MESSAGE_STATUS'")
        .bind(stranger.organizationId)
        .all();
      return results.length > 0;
    });
    expect(await messagesOf("SMvictim")).toMatchObject([{ status: "sent" }]);
    const owners = { ...form, MessageStatus: "delivered" };
    await twilioCall(`/webhooks/status/${owner.organizationId}/${id}${query}`, "owner-token", owners);
    await eventually(async () => (await messagesOf("SMvictim"))[0]!.status === "delivered");
  });

  it("finds its organisation however often a stranger claims the number, even with a provider's word", async () => {
    const sender = `+${++numbers}`;
    for (let n = 0; n < 40; n++) await aTwilio(stranger, "stranger-token", sender);
    await db.prepare("UPDATE channels SET verified_at = 1 WHERE sender = ?1").bind(sender).run();
    const { id } = await aTwilio(owner, "owner-token", sender);
    const sid = `SM${newId()}`;
    const form = { MessageSid: sid, From: "+14155550127", To: sender, Body: "Hi" };
    expect((await twilioCall("/webhooks/inbound", "owner-token", form)).status).toBe(200);
    expect(await arrived(sid)).toMatchObject([{ org_id: owner.organizationId, channel_id: id }]);
  });

  it("is asked for anew when none of those that are remembered believes the callback", async () => {
    const { id } = await aTwilio(owner, "owner-token");
    const sender = `+${++numbers}`;
    const sid = `SM${newId()}`;
    const form = { MessageSid: sid, From: "+14155550128", To: sender, Body: "Hi" };
    expect((await twilioCall("/webhooks/inbound", "owner-token", form)).status).toBe(403);
    // As another isolate does it.
    const key = "UPDATE channels SET inbound_key = replace(inbound_key, sender, ?2), sender = ?2 WHERE id = ?1";
    await db.prepare(key).bind(id, sender).run();
    expect((await twilioCall("/webhooks/inbound", "owner-token", form)).status).toBe(200);
    expect(await arrived(sid)).toMatchObject([{ org_id: owner.organizationId, channel_id: id }]);
  });

  it("is not read when it is larger than any of Twilio's", async () => {
    const form = { MessageSid: "SMlarge", To: "+15550000000", Body: "x".repeat(300_000) };
    expect((await twilioCall("/webhooks/inbound", "nobody", form)).status).toBe(413);
  });

  it("is not heard by a channel that is disabled", async () => {
    const { id, sender } = await aTwilio(owner, "owner-token");
    await db.prepare("UPDATE channels SET status = 'disabled' WHERE id = ?1").bind(id).run();
    const form = { MessageSid: "SMoff", From: "+14155550125", To: sender, Body: "Hi" };
    expect((await twilioCall("/webhooks/inbound", "owner-token", form)).status).toBe(403);
  });
});

describe("the WhatsApp Cloud API", () => {
  const aCloud = (who: Tenant, phoneNumberId: string, secret: string) =>
    make(who, {
      name: "c",
      provider: "whatsapp_cloud",
      sender: "+15551110000",
      settings: { phoneNumberId },
      credentials: { accessToken: "a", appSecret: secret, verifyToken: `verify-${secret}` },
    });
  const value = (phoneNumberId: string, ...ids: string[]) => ({
    metadata: { display_phone_number: "15551110000", phone_number_id: phoneNumberId },
    contacts: [{ profile: { name: "Ada" }, wa_id: "14155550126" }],
    messages: ids.map((id) => ({ from: "14155550126", id, type: "text", text: { body: `I am ${id}` } })),
  });
  const metaCall = (path: string, secret: string, ...values: object[]) => {
    const body = JSON.stringify({
      object: "whatsapp_business_account",
      entry: values.map((one) => ({ changes: [{ field: "messages", value: one }] })),
    });
    const signature = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
    return post(path, { "content-type": "application/json", "x-hub-signature-256": signature }, body);
  };

  it("tells each number's organisation what is theirs, once, however often it is delivered", async () => {
    const [one, two] = [`n${newId()}`, `n${newId()}`];
    const id = await aCloud(owner, one, "app");
    await aCloud(owner, two, "app");
    await aCloud(stranger, two, "other-app");
    const ids = [`wamid.${newId()}`, `wamid.${newId()}`, `wamid.${newId()}`];
    const values = [value(one, ids[0]!, ids[1]!), value(two, ids[2]!)];
    for (let times = 0; times < 3; times++)
      expect((await metaCall("/webhooks/whatsapp", "app", ...values)).status).toBe(200);
    await Promise.all(ids.map(arrived));
    for (const each of ids) expect(await messagesOf(each)).toMatchObject([{ org_id: owner.organizationId }]);
    expect((await messagesOf(ids[0]!))[0]!.channel_id).toBe(id);
  });

  it("is believed by its signature only, and its subscription by the token", async () => {
    const number = `n${newId()}`;
    const id = await aCloud(owner, number, "app-2");
    const path = `/webhooks/whatsapp/${owner.organizationId}/${id}`;
    expect((await metaCall("/webhooks/whatsapp", "wrong", value(number, "wamid.x"))).status).toBe(403);
    expect((await metaCall(path, "wrong", value(number, "wamid.x"))).status).toBe(403);
    expect((await metaCall(path, "app-2", value("another", "wamid.x"))).status).toBe(200);
    expect(await messagesOf("wamid.x")).toEqual([]);
    const subscribe = (url: string) =>
      worker.fetch!(new Request(`${BASE}${url}`) as never, testEnv, createExecutionContext());
    const query = (token: string) => `?hub.mode=subscribe&hub.challenge=1158&hub.verify_token=${token}`;
    const good = await subscribe(path + query("verify-app-2"));
    expect([good.status, await good.text()]).toEqual([200, "1158"]);
    expect((await subscribe(path + query("verify-app"))).status).toBe(403);
    expect((await subscribe(`/webhooks/whatsapp${query("verify-app-2")}`)).status).toBe(403);
    expect(
      (await subscribe(`/webhooks/whatsapp/${owner.organizationId}/${newId()}${query("verify-app-2")}`)).status,
    ).toBe(403);
  });

  it("takes as many messages as Meta puts into one call, each person's in their order, and no more", async () => {
    const number = `n${newId()}`;
    const id = await aCloud(owner, number, "app-4");
    const path = `/webhooks/whatsapp/${owner.organizationId}/${id}`;
    const run = newId();
    const people = Array.from({ length: 30 }, (_, index) => `1415557${1000 + index}`);
    const messages = Array.from({ length: 90 }, (_, index) => ({
      ...{ from: people[index % people.length]!, id: `wamid.${run}.${index}`, type: "text" },
      text: { body: String(index) },
    }));
    expect((await metaCall(path, "app-4", { ...value(number), messages })).status).toBe(200);
    const told = await eventually(async () => {
      const { results } = await db
        .prepare("SELECT sender, body FROM messages WHERE provider_id LIKE ?1 ORDER BY created_at, id")
        .bind(`wamid.${run}.%`)
        .all<{ sender: string; body: string }>();
      return results.length === 90 && results;
    });
    for (const [index, person] of people.entries()) {
      const bodies = told.filter(({ sender }) => sender === `+${person}`).map(({ body }) => Number(body));
      expect(bodies).toEqual([index, index + 30, index + 60]);
    }
    const statuses = Array.from({ length: 1_001 }, (_, index) => ({ id: `wamid.s${index}`, status: "sent" }));
    expect((await metaCall(path, "app-4", { ...value(number), statuses })).status).toBe(413);
  });

  it("keeps no more of a message than any has, and nothing from an address that nobody has", async () => {
    const number = `n${newId()}`;
    const id = await aCloud(owner, number, "app-5");
    const path = `/webhooks/whatsapp/${owner.organizationId}/${id}`;
    const [long, good] = [`wamid.${newId()}`, `wamid.${newId()}`];
    const message = (from: string, providerId: string, body: string) => ({
      ...{ from, id: providerId, type: "text" },
      text: { body },
    });
    const messages = [
      message("x".repeat(1_100), "wamid.stranger", "Hi"),
      message("14155550128", "x".repeat(600_000), "Hi"),
      message("14155550128", long, "\u{1f600}".repeat(300_000)),
      message("14155550128", good, "Hi"),
    ];
    const contacts = [{ wa_id: "14155550128", profile: { name: "n".repeat(600_000) } }];
    expect((await metaCall(path, "app-5", { ...value(number), contacts, messages })).status).toBe(200);
    expect(await arrived(good)).toMatchObject([{ body: "Hi" }]);
    expect((await arrived(long))[0]!.body).toBe("\u{1f600}".repeat(32_768));
    expect(await messagesOf("wamid.stranger")).toEqual([]);
    const { results } = await db.prepare("SELECT 1 FROM identities WHERE length(value) > 256").all();
    expect(results).toEqual([]);
  });

  it("takes bodies of 3 MB, and no more", async () => {
    const number = `n${newId()}`;
    const id = await aCloud(owner, number, "app-3");
    const path = `/webhooks/whatsapp/${owner.organizationId}/${id}`;
    const filled = (bytes: number) => ({ ...value(number), filler: "x".repeat(bytes) });
    expect((await metaCall(path, "app-3", filled(2_900_000))).status).toBe(200);
    expect((await metaCall(path, "app-3", filled(3_200_000))).status).toBe(413);
  });
});

describe("sending by a channel of one's own", () => {
  const stepOf = (organizationId: string) => {
    const executionId = newId();
    const signal = AbortSignal.timeout(60_000);
    return {
      key: `${executionId}:n:1`,
      executionId,
      organizationId,
      workflowId: "w",
      versionId: "v",
      startedAt: Date.now(),
      eventDepth: 0,
      signal,
    };
  };
  const aContact = async (organizationId: string) => {
    const id = newId();
    await db.batch([
      db
        .prepare("INSERT INTO contacts (org_id, id, created_at, updated_at) VALUES (?1, ?2, 1, 1)")
        .bind(organizationId, id),
      db
        .prepare("INSERT INTO identities (org_id, kind, value, contact_id) VALUES (?1, 'phone', ?2, ?3)")
        .bind(organizationId, `+1415${String(++numbers).slice(-7)}`, id),
    ]);
    return id;
  };

  it("goes with its credentials and sender, is named by id, and is called back under its own URL", async () => {
    const { id, sender } = await aTwilio(owner, "own-token");
    const asked: { form: URLSearchParams; authorization: string | null }[] = [];
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      const sent = new Request(input as RequestInfo, init as RequestInit);
      asked.push({ form: new URLSearchParams(String(init?.body)), authorization: sent.headers.get("authorization") });
      return Response.json({ sid: `SM${newId()}`, status: "queued" }, { status: 201 });
    });
    const ports = makeActionPorts(testEnv as Env);
    const contactId = await aContact(owner.organizationId);
    const sent = await ports.messages.send(stepOf(owner.organizationId), { text: "Hi", contactId, channel: id });
    expect(sent).toMatchObject({ outcome: "ok", value: { channel: "sms" } });
    expect(asked[0]!.authorization).toBe(`Basic ${btoa("AC1:own-token")}`);
    expect(asked[0]!.form.get("From")).toBe(sender);
    expect(asked[0]!.form.get("StatusCallback")).toMatch(
      `${BASE}/webhooks/status/${owner.organizationId}/${id}?message=`,
    );
    // Nobody else has it.
    const other = await ports.messages.send(stepOf(first.organizationId), {
      text: "Hi",
      contactId: await aContact(first.organizationId),
      channel: id,
    });
    expect(asked.length).toBe(1);
    expect(other).toMatchObject({ outcome: "ok", value: { channel: "inapp" } });
  });
});
