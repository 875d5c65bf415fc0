// Contacts of the enhanced API: the same people as everywhere, found by whatever they are known by.
import { beforeAll, describe, expect, it } from "vitest";
import { makePorts } from "../../../src/objects/ports.ts";
import { testApp } from "../../fixtures/app.ts";
import { makeOrganization, type Tenant, testEnv } from "../../fixtures/identity.ts";

const { inbox, contacts } = makePorts(testEnv);
const { fetch } = testApp({ ports: { inbox, contacts } });
let owner: Tenant;
beforeAll(async () => {
  owner = await makeOrganization();
});

const call = async (method: string, path: string, body?: unknown) => {
  const answer = await fetch(`/api/v2/contacts${path}`, {
    method,
    headers: owner.headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, never> };
};

const jane = {
  phone: "+14155550101",
  email: "Jane@Example.com",
  externalId: "crm-1",
  attributes: { name: "Jane", city: "Austin" },
  tags: ["vip"],
  timezone: "America/Chicago",
};

describe("contacts", () => {
  it("are made, read with their history, changed and deleted", async () => {
    const made = await call("POST", "", jane);
    expect(made).toMatchObject({
      status: 201,
      body: { contact: { ...jane, email: "jane@example.com", name: "Jane", consentState: "OPT_IN" } },
    });
    const { id } = (made.body as unknown as { contact: { id: string } }).contact;
    const change = { attributes: { city: null, plan: "pro" }, tags: ["b"], consentState: "OPT_OUT", email: null };
    expect(await call("PATCH", `/${id}`, change)).toMatchObject({
      status: 200,
      body: { contact: { attributes: { name: "Jane", plan: "pro" }, tags: ["b"], email: null, phone: jane.phone } },
    });
    expect(await call("GET", `/${id}`)).toMatchObject({
      status: 200,
      body: { contact: { consentState: "OPT_OUT" }, consentHistory: [{ consentState: "OPT_OUT", source: "api" }] },
    });
    expect(await call("DELETE", `/${id}`)).toMatchObject({ status: 200, body: { success: true, contact: { id } } });
    expect((await call("GET", `/${id}`)).status).toBe(404);
  });

  it("are found by what they are known by, and listed by consent with totals", async () => {
    const phones = ["+14155550201", "+14155550202", "+14155550203"];
    for (const [n, phone] of phones.entries())
      await call("POST", "", { phone, externalId: `ext-${n}`, consentState: n === 0 ? "STOP" : "OPT_IN" });
    const listed = (path: string) =>
      call("GET", path).then(({ body }) => {
        const { contacts: rows, pagination } = body as unknown as {
          contacts: { phone: string }[];
          pagination: { total: number };
        };
        return { phones: rows.map(({ phone }) => phone), total: pagination.total };
      });
    expect(await listed("?limit=2")).toEqual({ phones: phones.toReversed().slice(0, 2), total: 3 });
    expect(await listed("?consentState=STOP")).toEqual({ phones: [phones[0]], total: 1 });
    expect(await listed("?externalId=ext-1")).toEqual({ phones: [phones[1]], total: 1 });
    expect(await listed(`?phone=${encodeURIComponent(phones[2]!)}&consentState=STOP`)).toEqual({
      phones: [],
      total: 0,
    });
    expect(await listed("?email=nobody@example.com")).toEqual({ phones: [], total: 0 });
    // Who has no number is a contact like the others, here; a user of the messaging API has one.
    const { body } = await call("GET", "?externalId=ext-2");
    const [{ id }] = (body as unknown as { contacts: [{ id: string }] }).contacts;
    expect(await call("PUT", `/${id}`, { phone: null })).toMatchObject({
      status: 200,
      body: { contact: { phone: null } },
    });
    expect(await listed("")).toEqual({ phones: [null, phones[1], phones[0]], total: 3 });
    expect(await listed("?consentState=OPT_IN")).toEqual({ phones: [null, phones[1]], total: 2 });
    const users = await fetch("/api/v1/users", { headers: owner.headers });
    expect(await users.json()).toMatchObject({
      total: 2,
      users: [{ phone_e164: phones[1] }, { phone_e164: phones[0] }],
    });
  });

  it("are made by an email or an id of the caller's alone, which are then nobody else's", async () => {
    const made = await call("POST", "", { email: "Only@Example.com", attributes: { name: "Mail" } });
    expect(made).toMatchObject({
      status: 201,
      body: { contact: { phone: null, email: "only@example.com", externalId: null, name: "Mail" } },
    });
    const other = await call("POST", "", { externalId: "only-1", phone: null, consentState: "OPT_OUT" });
    expect(other).toMatchObject({
      status: 201,
      body: { contact: { phone: null, email: null, externalId: "only-1", consentState: "OPT_OUT" } },
    });
    const idOf = ({ body }: typeof made) => (body as unknown as { contact: { id: string } }).contact.id;
    expect(await call("GET", "?externalId=only-1")).toMatchObject({ body: { contacts: [{ id: idOf(other) }] } });
    for (const [taken, field] of [
      [{ email: "ONLY@example.com" }, "email"],
      [{ externalId: "only-1", phone: "+14155550401" }, "externalId"],
    ] as const) {
      const refused = await call("POST", "", taken);
      expect(refused.status).toBe(409);
      expect(JSON.stringify(refused.body)).toContain(field);
    }
    const { results } = await testEnv.DB.prepare(
      "SELECT data ->> 'identity' AS identity FROM events WHERE org_id = ? AND type = 'USER_CREATED' AND contact_id IN (?, ?) ORDER BY id",
    )
      .bind(owner.organizationId, idOf(made), idOf(other))
      .all<{ identity: string }>();
    expect(results.map(({ identity }) => JSON.parse(identity))).toEqual([
      { kind: "email", value: "only@example.com" },
      { kind: "contact", value: idOf(other) },
    ]);
    // Who had opted out comes back so, by an email as by a number.
    await call("PATCH", `/${idOf(made)}`, { consentState: "STOP" });
    await call("DELETE", `/${idOf(made)}`);
    expect(await call("POST", "", { email: "only@example.com" })).toMatchObject({
      status: 201,
      body: { contact: { consentState: "STOP", consentSource: "suppression" } },
    });
  });

  it("are refused with the field that is wrong", async () => {
    const wrong = [
      [{}, "phone"],
      [{ phone: null, email: null, tags: ["x"] }, "At least one of phone, email and externalId is needed."],
      [{ email: "nobody" }, "email"],
      [{ externalId: "" }, "externalId"],
      [{ phone: "12" }, "phone"],
      [{ phone: 12 }, "phone"],
      [{ phone: "+14155550301", timezone: "Mars" }, "timezone"],
      [{ phone: "+14155550301", surprise: 1 }, "surprise"],
      [{ phone: "+14155550301", consentState: "YES" }, "consentState"],
    ] as const;
    for (const [body, field] of wrong) {
      const answer = await call("POST", "", body);
      expect(answer).toMatchObject({ status: 400, body: { error: { code: "VALIDATION_ERROR" } } });
      expect(JSON.stringify(answer.body)).toContain(field);
    }
    expect(await call("POST", "", { phone: "+14155550202" })).toMatchObject({ status: 409 });
    expect(await call("GET", "?phone=%2B1415&email=a")).toMatchObject({ status: 400 });
    expect(await call("GET", "?consentState=YES")).toMatchObject({ status: 400 });
  });
});
