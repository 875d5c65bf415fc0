// Users over HTTP: the document's shapes, consent and its history, and what is refused.
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { updateContact } from "../../../src/domain/contact/change-contact.ts";
import type { StreamEvent } from "../../../src/domain/event.ts";
import type { JsonObject } from "../../../src/lib/json.ts";
import { testApp } from "../../fixtures/app.ts";
import { db, join, makeOrganization, type Tenant } from "../../fixtures/identity.ts";

const events: StreamEvent[] = [];
const forgotten: string[] = [];
const inbox = {
  accept: async (event: StreamEvent) => {
    events.push(event);
    return { eventId: event.id, duplicate: false };
  },
};
const contacts = {
  forget: async (_: string, { kind, value }: { kind: string; value: string }) =>
    void forgotten.push(`${kind}:${value}`),
  claimRun: async () => ({ allowed: true }) as const,
};
const { fetch, limiter } = testApp({ ports: { inbox, contacts } });
let owner: Tenant;
beforeAll(async () => {
  owner = await makeOrganization();
});
beforeEach(() => {
  limiter.clear();
  events.length = 0;
  forgotten.length = 0;
});

const call = async (method: string, path: string, body?: unknown, who = owner) => {
  const response = await fetch(`/api/v1/users${path}`, {
    method,
    headers: who.headers,
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: what an answer holds is what is tested
  return { status: response.status, body: (await response.json()) as any };
};
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe("a user", () => {
  it("is made, read, changed, listed and deleted, in the document's shapes", async () => {
    const phone = "+14155551234";
    const made = await call("POST", "", {
      phone_e164: phone,
      consent_state: "OPT_IN",
      attributes: { name: "Jane Smith", city: "Austin", signup_source: "website" },
    });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      phone_e164: phone,
      created_at: expect.stringMatching(INSTANT),
      consent_state: "OPT_IN",
      message: "User created successfully",
    });
    expect(events).toMatchObject([{ type: "USER_CREATED", contactId: made.body.id, source: "api" }]);

    const read = await call("GET", `/${encodeURIComponent(phone)}`);
    expect(read).toMatchObject({
      status: 200,
      body: {
        phone_e164: phone,
        consent_updated_at: expect.stringMatching(INSTANT),
        attributes: { name: "Jane Smith", city: "Austin", signup_source: "website" },
        last_message_received: null,
        consent_history: [{ consent_state: "OPT_IN", epoch: 1, source: "api", actor: `user:${owner.userId}` }],
      },
    });
    expect((await call("GET", `/${phone}`)).body).toEqual(read.body);

    const changed = await call("PUT", `/${phone}`, {
      consent_state: "OPT_OUT",
      attributes: { name: "Jane Smith Updated", tier: "enterprise", last_login: "2024-01-25", city: null },
    });
    expect(changed).toMatchObject({
      status: 200,
      body: {
        message: "User updated successfully",
        consent_state: "OPT_OUT",
        attributes: {
          name: "Jane Smith Updated",
          signup_source: "website",
          tier: "enterprise",
          last_login: "2024-01-25",
        },
      },
    });
    expect(changed.body.attributes).not.toHaveProperty("city");
    const after = await call("GET", `/${phone}`);
    expect(after.body.consent_epoch).toBe(2);
    expect(after.body.consent_history.map((one: { consent_state: string }) => one.consent_state)).toEqual([
      "OPT_OUT",
      "OPT_IN",
    ]);

    expect(await call("DELETE", `/${phone}`)).toEqual({
      status: 200,
      body: { message: "User deleted successfully", phone_e164: phone },
    });
    expect(forgotten).toEqual([`phone:${phone}`]);
    expect(await call("GET", `/${phone}`)).toMatchObject({
      status: 404,
      body: { error: "not_found", message: `User with phone ${phone} not found` },
    });
    const { results } = await db
      .prepare("SELECT action FROM audit WHERE org_id = ?1 AND target_id = ?2 ORDER BY id")
      .bind(owner.organizationId, made.body.id)
      .all<{ action: string }>();
    expect(results.map(({ action }) => action)).toEqual(["contact.created", "contact.updated", "contact.deleted"]);
    for (const table of ["identities", "contact_facts", "consent_history"]) {
      const left = await db
        .prepare(`SELECT count(*) AS n FROM ${table} WHERE org_id = ?1 AND contact_id = ?2`)
        .bind(owner.organizationId, made.body.id)
        .first("n");
      expect([table, left]).toEqual([table, 0]);
    }
  });

  it("is counted by consent as it comes, changes and goes", async () => {
    const tenant = await makeOrganization();
    const totals = async () => {
      const of = async (query: string) => (await call("GET", query, undefined, tenant)).body.total;
      return [
        await of(""),
        await of("?consent_state=OPT_IN"),
        await of("?consent_state=OPT_OUT"),
        await of("?consent_state=STOP"),
      ];
    };
    expect(await totals()).toEqual([0, 0, 0, 0]);
    await call("POST", "", { phone_e164: "+14155550001" }, tenant);
    await call("POST", "", { phone_e164: "+14155550002", consent_state: "STOP" }, tenant);
    await call("POST", "", { phone_e164: "+14155550003", consent_state: "OPT_OUT" }, tenant);
    expect(await totals()).toEqual([3, 1, 1, 1]);
    await call("PUT", "/+14155550001", { consent_state: "STOP" }, tenant);
    await call("DELETE", "/+14155550003", undefined, tenant);
    expect(await totals()).toEqual([2, 0, 0, 2]);
    const page = await call("GET", "?per_page=1&page=2", undefined, tenant);
    expect(page.body).toMatchObject({ total: 2, page: 2, per_page: 1, pages: 2 });
    expect(page.body.users.map((one: { phone_e164: string }) => one.phone_e164)).toEqual(["+14155550001"]);
    const stopped = await call("GET", "?consent_state=STOP", undefined, tenant);
    expect(stopped.body.users).toHaveLength(2);
    expect(await call("GET", "?consent_state=MAYBE", undefined, tenant)).toMatchObject({
      status: 400,
      body: { error: "validation_error", details: { field: "consent_state", provided: "MAYBE" } },
    });
  });

  it("is one person in both spellings of a number, kept as it was given", async () => {
    const tenant = await makeOrganization();
    expect((await call("POST", "", { phone_e164: "+551187654321" }, tenant)).status).toBe(201);
    expect((await call("GET", "/+5511987654321", undefined, tenant)).body.phone_e164).toBe("+551187654321");
    expect((await call("POST", "", { phone_e164: "+5511987654321" }, tenant)).status).toBe(409);
  });

  it("has tags whose changes are events", async () => {
    const tenant = await makeOrganization();
    await call("POST", "", { phone_e164: "+14155550010", tags: ["a", "b", "a"] }, tenant);
    events.length = 0;
    const changed = await call("PUT", "/+14155550010", { tags: ["b", "c"] }, tenant);
    expect(changed.body.tags).toEqual(["b", "c"]);
    expect(events.map(({ type, data }) => [type, data.tag])).toEqual([
      ["TAG_ADDED", "c"],
      ["TAG_REMOVED", "a"],
    ]);
    const untold = "SELECT count(*) AS n FROM untold_events WHERE org_id = ?1";
    expect(await db.prepare(untold).bind(tenant.organizationId).first("n")).toBe(0);
  });

  it("has an outside id and an email that are nobody else's", async () => {
    const tenant = await makeOrganization();
    const one = {
      phone_e164: "+14155550020",
      external_id: "crm-1",
      email: "Ada@Example.com",
      timezone: "Europe/Berlin",
    };
    expect((await call("POST", "", one, tenant)).body).toMatchObject({
      external_id: "crm-1",
      email: "ada@example.com",
      timezone: "Europe/Berlin",
    });
    await call("POST", "", { phone_e164: "+14155550021" }, tenant);
    expect(await call("PUT", "/+14155550021", { external_id: "crm-1" }, tenant)).toMatchObject({
      status: 409,
      body: { error: "conflict", details: { field: "external_id", provided: "crm-1" } },
    });
    expect(
      (await call("POST", "", { ...one, phone_e164: "+14155550022", external_id: "x" }, tenant)).body,
    ).toMatchObject({
      error: "conflict",
      details: { field: "email" },
    });
    expect((await call("PUT", "/+14155550020", { external_id: null, timezone: null }, tenant)).body).toMatchObject({
      external_id: null,
      timezone: null,
      email: "ada@example.com",
    });
    expect((await call("PUT", "/+14155550021", { external_id: "crm-1" }, tenant)).status).toBe(200);
  });

  it("loses nothing when two change it at once", async () => {
    const tenant = await makeOrganization();
    await call("POST", "", { phone_e164: "+14155550030" }, tenant);
    const names = Array.from({ length: 6 }, (_, index) => `a${index}`);
    const answers = await Promise.all(
      names.map((name) => call("PUT", "/+14155550030", { attributes: { [name]: name } }, tenant)),
    );
    expect(answers.map(({ status }) => status)).toEqual(names.map(() => 200));
    const { body } = await call("GET", "/+14155550030", undefined, tenant);
    expect(Object.keys(body.attributes).sort()).toEqual(names);
  });
});

describe("what a person is called", () => {
  it("is their attribute, and nothing once that is taken away, whoever changes it", async () => {
    const tenant = await makeOrganization();
    const phone = "+14155550051";
    const { body } = await call("POST", "", { phone_e164: phone, attributes: { name: "Jane" } }, tenant);
    const called = () =>
      db
        .prepare("SELECT name FROM contacts WHERE org_id = ?1 AND id = ?2")
        .bind(tenant.organizationId, body.id)
        .first("name");
    const put = (attributes: JsonObject) => call("PUT", `/${phone}`, { attributes }, tenant);
    const step = {
      ...{ key: "e:n:1", executionId: "e", organizationId: tenant.organizationId, workflowId: "w", versionId: "v" },
      ...{ startedAt: 1, eventDepth: 0, signal: new AbortController().signal },
    };
    const run = (attributes: JsonObject) => updateContact({ db, inbox, now: Date.now }, step, body.id, attributes);

    await put({ city: "Austin" });
    expect(await called()).toBe("Jane");
    await put({ name: null });
    expect(await called()).toBeNull();
    await run({ name: "Joan" });
    expect(await called()).toBe("Joan");
    await run({ city: null });
    expect(await called()).toBe("Joan");
    await run({ name: null });
    expect(await called()).toBeNull();
  });
});

describe("a step of a workflow", () => {
  it("makes a user hold no more than a caller may", async () => {
    const tenant = await makeOrganization();
    const { body } = await call(
      "POST",
      "",
      { phone_e164: "+14155550050", attributes: { a: "x".repeat(20_000) } },
      tenant,
    );
    const step = {
      ...{ key: "e:n:1", executionId: "e", organizationId: tenant.organizationId, workflowId: "w", versionId: "v" },
      ...{ startedAt: 1, eventDepth: 0, signal: new AbortController().signal },
    };
    const update = (attributes: JsonObject) => updateContact({ db, inbox, now: Date.now }, step, body.id, attributes);
    expect(await update({ b: "x".repeat(10_000), c: null })).toMatchObject({ outcome: "ok" });
    expect(await update({ c: "x".repeat(10_000) })).toMatchObject({ outcome: "refused", code: "INVALID_ATTRIBUTES" });
    expect(await update({ c: Array(101).fill(1) })).toMatchObject({ outcome: "refused", code: "INVALID_ATTRIBUTES" });
    expect(await update({ a: null, d: 1 })).toMatchObject({ outcome: "ok" });
    expect(Object.keys((await call("GET", "/+14155550050", undefined, tenant)).body.attributes)).toEqual(["b", "d"]);
  });
});

describe("who opted out and was deleted", () => {
  const state = async (tenant: Tenant, phone: string) => (await call("GET", `/${phone}`, undefined, tenant)).body;

  it("comes back opted out, unless the new one says otherwise", async () => {
    const tenant = await makeOrganization();
    const phone = "+5511987654321";
    await call("POST", "", { phone_e164: phone, consent_state: "STOP" }, tenant);
    await call("DELETE", `/${phone}`, undefined, tenant);
    const kept = await db.prepare("SELECT * FROM suppressions WHERE org_id = ?1").bind(tenant.organizationId).all();
    expect(JSON.stringify(kept.results)).not.toContain("11987654321");

    expect((await call("POST", "", { phone_e164: "+551187654321" }, tenant)).body.consent_state).toBe("STOP");
    expect(await state(tenant, phone)).toMatchObject({ consent_source: "suppression", consent_epoch: 1 });
    await call("DELETE", `/${phone}`, undefined, tenant);
    expect((await call("POST", "", { phone_e164: phone, consent_state: "OPT_IN" }, tenant)).body.consent_state).toBe(
      "OPT_IN",
    );
    await call("DELETE", `/${phone}`, undefined, tenant);
    expect((await call("POST", "", { phone_e164: phone }, tenant)).body).toMatchObject({
      consent_state: "OPT_IN",
      consent_source: null,
    });
  });

  it("comes back opted out with a mail address that another contact gets, or that they lost before", async () => {
    const tenant = await makeOrganization();
    const [first, second, third] = ["+14155550041", "+14155550042", "+14155550043"] as const;
    await call("POST", "", { phone_e164: first, email: "a@example.com", consent_state: "STOP" }, tenant);
    await call("PUT", `/${first}`, { email: "b@example.com" }, tenant);
    expect((await call("POST", "", { phone_e164: second, email: "a@example.com" }, tenant)).body.consent_state).toBe(
      "STOP",
    );
    await call("DELETE", `/${first}`, undefined, tenant);
    await call("POST", "", { phone_e164: third, email: "c@example.com" }, tenant);
    expect((await call("PUT", `/${third}`, { email: "B@example.com" }, tenant)).body.consent_state).toBe("STOP");
    expect(await state(tenant, third)).toMatchObject({ consent_source: "suppression" });
    const said = await call("PUT", `/${third}`, { consent_state: "OPT_IN", email: "a2@example.com" }, tenant);
    expect(said.body.consent_state).toBe("OPT_IN");
    await call("POST", "", { phone_e164: "+14155550044", email: "b@example.com" }, tenant);
    expect((await state(tenant, "+14155550044")).consent_source).toBe("suppression");
  });

  it("is suppressed in their own organisation only", async () => {
    const [one, other] = [await makeOrganization(), await makeOrganization()];
    await call("POST", "", { phone_e164: "+14155550040", consent_state: "STOP" }, one);
    await call("DELETE", "/+14155550040", undefined, one);
    expect((await call("POST", "", { phone_e164: "+14155550040" }, other)).body.consent_state).toBe("OPT_IN");
  });
});

describe("a user is refused", () => {
  it.each([
    ["without a number", {}, "phone_e164"],
    ["with a number that is none", { phone_e164: "1234567890" }, "phone_e164"],
    ["with a number too long", { phone_e164: "+12345678901234567" }, "phone_e164"],
    ["with a number of another type", { phone_e164: 14155551234 }, "phone_e164"],
    ["with an unknown consent", { phone_e164: "+14155559999", consent_state: "MAYBE" }, "consent_state"],
    ["with an unknown field", { phone_e164: "+14155559999", role: "owner" }, "role"],
    ["with its organisation", { phone_e164: "+14155559999", org_id: "x" }, "org_id"],
    ["with attributes that are a list", { phone_e164: "+14155559999", attributes: ["a"] }, "attributes"],
    [
      "with an attribute that is too large",
      { phone_e164: "+14155559999", attributes: { a: "x".repeat(40_000) } },
      "attributes",
    ],
    ["with too long a list", { phone_e164: "+14155559999", attributes: { a: Array(101).fill(1) } }, "attributes.a"],
    ["with a time zone that is none", { phone_e164: "+14155559999", timezone: "Mars/Olympus" }, "timezone"],
    ["with an email that is none", { phone_e164: "+14155559999", email: "ada" }, "email"],
    ["with an email of no text", { phone_e164: "+14155559999", email: "a\u0000b@x.co" }, "email"],
    ["with a blank tag", { phone_e164: "+14155559999", tags: [" "] }, "tags"],
    ["with a list for its tags' text", { phone_e164: "+14155559999", tags: "a" }, "tags"],
  ])("%s", async (_, body, field) => {
    const { status, body: answer } = await call("POST", "", body);
    expect([status, answer.error, answer.details.field]).toEqual([400, "validation_error", field]);
    expect(answer).toMatchObject({ timestamp: expect.stringMatching(INSTANT), request_id: expect.any(String) });
  });

  it("with the document's words for a bad number", async () => {
    const { body } = await call("POST", "", { phone_e164: "1234567890" });
    expect(body).toMatchObject({
      error: "validation_error",
      message: "Invalid phone number format",
      details: { field: "phone_e164", provided: "1234567890", expected: "E.164 format (+1234567890)" },
    });
  });

  it("when the number is somebody's", async () => {
    await call("POST", "", { phone_e164: "+14155557777" });
    expect(await call("POST", "", { phone_e164: "+14155557777" })).toMatchObject({
      status: 409,
      body: { error: "conflict", details: { field: "phone_e164", provided: "+14155557777" } },
    });
    expect(await call("PUT", "/+14155557777", { phone_e164: "+14155557778" })).toMatchObject({
      status: 422,
      body: { details: { field: "phone_e164" } },
    });
  });

  it("for a name that reaches a prototype", async () => {
    const { status } = await call("POST", "", '{"phone_e164":"+14155556666","attributes":{"__proto__":{"a":1}}}');
    expect(status).toBe(400);
  });

  it.each(["GET", "PUT", "DELETE"])("%s of a number that is none, or nobody's", async (method) => {
    const body = method === "PUT" ? {} : undefined;
    expect((await call(method, "/nobody", body)).status).toBe(400);
    expect((await call(method, "/+14155550000", body)).status).toBe(404);
  });

  it("to viewers, who may look", async () => {
    const viewer = await join(owner.organizationId, "viewer-of-users", "viewer");
    expect((await call("POST", "", { phone_e164: "+14155558888" }, viewer)).status).toBe(403);
    expect((await call("GET", "", undefined, viewer)).status).toBe(200);
  });
});
