// Channels of an organisation: made, shown without their secrets, changed, checked and removed.
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { newId } from "../../../src/lib/ids.ts";
import { testApp } from "../../fixtures/app.ts";
import { db, join, makeOrganization, type Tenant } from "../../fixtures/identity.ts";

const { fetch: request } = testApp();
let owner: Tenant;
beforeAll(async () => {
  owner = await makeOrganization();
});
afterEach(() => {
  vi.restoreAllMocks();
});

type Channel = {
  id: string;
  credentials: Record<string, string>;
  webhookUrls: Record<string, string> | null;
  verifiedAt: string | null;
};
type Answer = {
  channel: Channel;
  channels: Channel[];
  validation: { field: string }[];
  verified: boolean;
  reason: string | null;
};
const call = async (method: string, path: string, body?: unknown, who = owner) => {
  const response = await request(`/api/v2/channels${path}`, {
    method,
    headers: { ...who.headers, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, text, body: JSON.parse(text) as Answer };
};

const CANARY = "canary-4f1c9d7e";
const twilio = {
  name: "Support",
  provider: "twilio",
  kind: "sms",
  sender: "+15551112222",
  settings: { accountSid: "AC9" },
  credentials: { authToken: CANARY },
};
const cloud = {
  name: "WhatsApp",
  provider: "whatsapp_cloud",
  sender: "+15551113333",
  settings: { phoneNumberId: "1065" },
  credentials: { accessToken: `${CANARY}-a`, appSecret: `${CANARY}-b`, verifyToken: `${CANARY}-c` },
};
const mail = {
  name: "Mail",
  provider: "smtp",
  sender: "a@example.com",
  credentials: { url: `smtp://u:${CANARY}@mail.example.com` },
};

describe("channels", () => {
  it("keep their secrets to themselves, sealed for the organisation and the channel", async () => {
    const made = await Promise.all([twilio, cloud, mail].map((body) => call("POST", "", body)));
    expect(made.map(({ status }) => status)).toEqual([201, 201, 201]);
    const [sms, whatsapp, email] = made.map(({ body }) => body.channel);
    expect(sms).toMatchObject({
      name: "Support",
      kind: "sms",
      status: "active",
      rate: null,
      credentials: { authToken: "********" },
    });
    expect(sms!.webhookUrls!.inbound).toBe(
      `https://signalbox.test/webhooks/inbound/${owner.organizationId}/${sms!.id}`,
    );
    expect(whatsapp).toMatchObject({
      kind: "whatsapp",
      credentials: { accessToken: "********", appSecret: "********" },
    });
    expect(email).toMatchObject({ kind: "email", webhookUrls: null });
    const list = await call("GET", "");
    expect(list.body.channels.map(({ id }) => id)).toEqual([sms!.id, whatsapp!.id, email!.id]);
    const read = await call("GET", `/${sms!.id}`);
    const changed = await call("PATCH", `/${sms!.id}`, { name: "Other", rate: 5 });
    expect(changed.body.channel).toMatchObject({ name: "Other", rate: 5, sender: "+15551112222" });
    for (const { text } of [...made, list, read, changed]) expect(text).not.toContain(CANARY);
    // Nowhere in the database either, audit rows included.
    const { results: tables } = await db
      .prepare(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_cf_*'",
      )
      .all<{ name: string }>();
    for (const { name } of tables)
      expect(JSON.stringify((await db.prepare(`SELECT * FROM "${name}"`).all()).results), name).not.toContain(CANARY);
    const { results } = await db
      .prepare("SELECT credentials_sealed AS sealed FROM channels WHERE org_id = ?1")
      .bind(owner.organizationId)
      .all<{ sealed: string }>();
    for (const { sealed } of results) expect(sealed).toMatch(/^0\.[A-Za-z0-9+/=]+$/);
    expect((await call("DELETE", `/${sms!.id}`)).body).toMatchObject({ success: true });
    expect((await call("GET", `/${sms!.id}`)).status).toBe(404);
  });

  it.each([
    [{ ...twilio, credentials: {} }, "credentials.authToken"],
    [{ ...twilio, settings: {} }, "settings.accountSid"],
    [{ ...twilio, settings: { accountSid: "AC9", extra: "x" } }, "settings.extra"],
    [{ ...twilio, settings: { accountSid: "AC9", constructor: "x" } }, "settings.constructor"],
    [{ ...twilio, kind: "email" }, "kind"],
    [{ ...twilio, provider: "pigeon" }, "provider"],
    [{ ...twilio, rate: 0 }, "rate"],
    [{ ...twilio, sender: "" }, "sender"],
    [{ ...twilio, settings: { accountSid: "AC9", apiBaseUrl: "http://169.254.169.254" } }, "settings.apiBaseUrl"],
    [{ ...twilio, settings: { accountSid: "AC9", contentBaseUrl: "https://10.0.0.1" } }, "settings.contentBaseUrl"],
    [{ ...cloud, settings: { phoneNumberId: "1", apiBaseUrl: "https://localhost" } }, "settings.apiBaseUrl"],
    [{ ...mail, credentials: { url: "smtp://u:p@127.0.0.1:25" } }, "credentials.url"],
    [{ ...mail, credentials: { url: "smtp://u:p@mail.example.com:6379" } }, "credentials.url"],
    [{ ...mail, credentials: { url: "https://mail.example.com" } }, "credentials.url"],
  ])("%j is refused at %s", async (body, field) => {
    const answer = await call("POST", "", body);
    expect([answer.status, answer.body.validation.map((one) => one.field)]).toEqual([
      400,
      expect.arrayContaining([field]),
    ]);
    expect(answer.text).not.toContain(CANARY);
  });

  it("do not send their secrets to another address without being given them again", async () => {
    const { id } = (await call("POST", "", twilio)).body.channel;
    const settings = { accountSid: "AC9", apiBaseUrl: "https://evil.example.com" };
    const refused = await call("PATCH", `/${id}`, { settings });
    expect([refused.status, refused.body.validation[0]?.field]).toEqual([400, "credentials"]);
    expect((await call("PATCH", `/${id}`, { settings, credentials: { authToken: "new" } })).status).toBe(200);
  });

  it("are an admin's to change and a viewer's to see", async () => {
    const { id } = (await call("POST", "", twilio)).body.channel;
    const editor = await join(owner.organizationId, newId(), "editor");
    expect((await call("POST", "", twilio, editor)).status).toBe(403);
    expect((await call("PATCH", `/${id}`, { name: "x" }, editor)).status).toBe(403);
    expect((await call("DELETE", `/${id}`, undefined, editor)).status).toBe(403);
    expect((await call("POST", `/${id}/verify`, undefined, editor)).status).toBe(403);
    expect((await call("GET", `/${id}`, undefined, editor)).status).toBe(200);
  });

  it("are checked with the provider, which sends nothing to anybody", async () => {
    const { id } = (await call("POST", "", twilio)).body.channel;
    const ask = vi.spyOn(globalThis, "fetch");
    ask.mockResolvedValueOnce(Response.json({ sid: "AC9" }));
    const good = await call("POST", `/${id}/verify`);
    expect(good.body).toMatchObject({ verified: true, reason: null, channel: { verifiedAt: expect.any(String) } });
    const [url, init] = ask.mock.calls[0]!;
    expect([url, (init as RequestInit).method]).toEqual(["https://api.twilio.com/2010-04-01/Accounts/AC9.json", "GET"]);
    ask.mockResolvedValueOnce(Response.json({ code: 20003 }, { status: 401 }));
    const bad = await call("POST", `/${id}/test`);
    expect(bad.body).toMatchObject({
      verified: false,
      reason: "Twilio answered HTTP 401",
      channel: { verifiedAt: null },
    });
  });
});

describe("how many", () => {
  it("an organisation may have is bounded, and said", async () => {
    const tenant = await makeOrganization();
    const ids = Array.from({ length: 49 }, (_, n) => `c${n}`);
    await db
      .prepare(
        `INSERT INTO channels (org_id, id, kind, provider, name, sender, credentials_sealed, settings, created_by, created_at, updated_at)
         SELECT ?1, value, 'sms', 'twilio', 'c', '+15550001111', '', '{}', 'test', 1, 1 FROM json_each(?2)`,
      )
      .bind(tenant.organizationId, JSON.stringify(ids))
      .run();
    const { status, body } = await call("POST", "", twilio, tenant);
    expect(status).toBe(201);
    const refused = await call("POST", "", twilio, tenant);
    expect(refused.status).toBe(422);
    expect(refused.text).toContain("at most 50 channels");
    await call("DELETE", `/${body.channel.id}`, undefined, tenant);
    expect((await call("POST", "", twilio, tenant)).status).toBe(201);
  });
});
