// Messages as people see them: in lists, why one was not sent, whether one could be, and the organisation's policy.
import { beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../../src/lib/ids.ts";
import { testApp } from "../../fixtures/app.ts";
import { db, join, makeOrganization, type Tenant } from "../../fixtures/identity.ts";

const { fetch } = testApp();
let owner: Tenant;
beforeAll(async () => {
  owner = await makeOrganization();
});

const call = async (method: string, path: string, body?: unknown, who = owner) => {
  const response = await fetch(`/api/v2${path}`, {
    method,
    headers: { ...who.headers, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Answer };
};
type Answer = {
  messages: { id: string }[];
  message: { id: string };
  pagination: object;
  validation: { field: string }[];
  gates: { gate: string }[];
};

const REPORT = {
  passed: false,
  failed: "consent",
  earliestAt: null,
  useTemplate: false,
  gates: [
    { gate: "consent", passed: false, reason: "The contact has opted out (STOP)" },
    { gate: "quiet_hours", passed: false, reason: "It is quiet in UTC", earliestAt: 1_800_000_000_000 },
  ],
};
/** Ids sort by their millisecond, and two of one do not: each message here has a later one. */
let made = Date.now();
const aMessage = async (more: Record<string, unknown> = {}) => {
  const row: Record<string, unknown> = {
    org_id: owner.organizationId,
    id: newId(made++),
    contact_id: newId(),
    direction: "outbound",
    channel: "sms",
    sender: "+15550000000",
    recipient: "+15550000001",
    body: "Hi",
    status: "queued",
    created_at: Date.now(),
    updated_at: 1,
    ...more,
  };
  const names = Object.keys(row);
  await db
    .prepare(`INSERT INTO messages (${names.join(", ")}) VALUES (${names.map((_, n) => `?${n + 1}`).join(", ")})`)
    .bind(...Object.values(row))
    .run();
  return row as { id: string; contact_id: string };
};
const aContact = async (consent: string | null) => {
  const id = newId();
  await db
    .prepare("INSERT INTO contacts (org_id, id, consent_state, created_at, updated_at) VALUES (?1, ?2, ?3, 1, 1)")
    .bind(owner.organizationId, id, consent)
    .run();
  return id;
};

describe("why a message was not sent", () => {
  it("is one request: the gates in order, the first that failed, the earliest time", async () => {
    const { id } = await aMessage({ status: "canceled", gates: JSON.stringify(REPORT) });
    const { status, body } = await call("GET", `/messages/${id}/gates`);
    expect(status).toBe(200);
    expect(body).toEqual({
      messageId: id,
      status: "canceled",
      outcome: "suppressed",
      answer: "It was not sent: The contact has opted out (STOP)",
      passed: false,
      failed: "consent",
      earliestAt: null,
      gates: [
        { gate: "consent", passed: false, reason: "The contact has opted out (STOP)" },
        { gate: "quiet_hours", passed: false, reason: "It is quiet in UTC", earliestAt: "2027-01-15T08:00:00.000Z" },
      ],
      error: null,
    });
  });

  it.each([
    [{ provider_id: "SM1", status: "sent" }, "sent", "The provider has it: sent"],
    [
      { status: "failed", error_code: "21211", error_name: "Invalid 'To' Phone Number", error: "no such number" },
      "failed",
      "It failed (21211): Invalid 'To' Phone Number: no such number",
    ],
    [
      { status: "scheduled", error_code: "UNKNOWN_OUTCOME", error: "no answer" },
      "unknown",
      "Nobody knows whether it was sent, so it is not sent again: no answer",
    ],
    [{ status: "scheduled" }, "sending", "It is on its way to the provider"],
    [
      {
        status: "scheduled",
        hold_until: 1,
        gates: JSON.stringify({ ...REPORT, failed: "quiet_hours", earliestAt: 1_800_000_000_000 }),
      },
      "held",
      "It waits: It is quiet in UTC",
    ],
  ])("%j is %s", async (columns, outcome, answer) => {
    const { id } = await aMessage(columns);
    expect((await call("GET", `/messages/${id}/gates`)).body).toMatchObject({ outcome, answer });
  });
});

describe("messages", () => {
  it("are listed newest first, by contact, status, and by what nobody knows", async () => {
    const contact_id = newId();
    const [unknown, queued, conflicting] = [
      await aMessage({
        contact_id,
        status: "scheduled",
        error_code: "UNKNOWN_OUTCOME",
        error: "cut off",
        created_at: 1,
      }),
      await aMessage({ contact_id, provider_id: "SM2", created_at: 2 }),
      await aMessage({
        contact_id,
        provider_id: "SM3",
        status: "delivered",
        created_at: 3,
        conflict: JSON.stringify({ status: "failed", error_code: "30008", at: 5 }),
      }),
    ];
    const all = (await call("GET", `/messages?contactId=${contact_id}`)).body;
    expect(all.messages.map(({ id }) => id)).toEqual([conflicting.id, queued.id, unknown.id]);
    expect(all.pagination).toEqual({ total: 3, page: 1, limit: 20, totalPages: 1 });
    expect(all.messages[0]).toMatchObject({
      text: "Hi",
      conflict: { status: "failed", errorCode: "30008", at: "1970-01-01T00:00:00.005Z" },
    });
    const of = async (query: string) =>
      (await call("GET", `/messages?contactId=${contact_id}&${query}`)).body.messages.map(({ id }) => id);
    expect(await of("outcome=unknown")).toEqual([unknown.id]);
    expect(await of("status=queued")).toEqual([queued.id]);
    expect(await of("direction=inbound")).toEqual([]);
    expect(await of("outcome=held")).toEqual([]);
    expect((await call("GET", "/messages?status=lost")).body.validation[0]?.field).toBe("status");
    expect((await call("GET", `/messages/${queued.id}`)).body.message).toMatchObject({
      id: queued.id,
      outcome: "sent",
    });
  });
});

describe("can-send", () => {
  it("says what the gate would say, and does nothing", async () => {
    const [open, out] = [await aContact(null), await aContact("STOP")];
    expect((await call("POST", "/messages/can-send", { to: open, text: "Hi" })).body).toMatchObject({
      canSend: true,
      contactId: open,
      channel: "inapp",
      failed: null,
      useTemplate: false,
    });
    const refused = (await call("POST", "/messages/can-send", { to: out, text: "Hi" })).body;
    expect(refused).toMatchObject({ canSend: false, failed: "consent", earliestAt: null });
    expect(refused.gates.map(({ gate }) => gate)).toEqual([
      ...["consent", "window", "quiet_hours", "rate", "cap", "template"],
    ]);
    expect((await call("POST", "/messages/can-send", { to: newId(), text: "Hi" })).status).toBe(404);
    expect((await call("POST", "/messages/can-send", { text: "Hi" })).body.validation[0]?.field).toBe("to");
    expect(
      (await db
        .prepare("SELECT count(*) AS n FROM messages WHERE contact_id IN (?1, ?2)")
        .bind(open, out)
        .first<{ n: number }>())!.n,
    ).toBe(0);
  });
});

describe("the messaging policy", () => {
  const policy = {
    quietHours: { start: "22:00", end: "08:00" },
    frequencyCap: { max: 3, windowSeconds: 86_400 },
    timezone: "Europe/Berlin",
  };
  it("is none until it is set, by an admin", async () => {
    const tenant = await makeOrganization();
    expect((await call("GET", "/messaging-policy", undefined, tenant)).body).toEqual({
      quietHours: null,
      frequencyCap: null,
      timezone: "UTC",
    });
    expect((await call("PUT", "/messaging-policy", policy, tenant)).body).toEqual(policy);
    expect((await call("GET", "/messaging-policy", undefined, tenant)).body).toEqual(policy);
    const editor = await join(tenant.organizationId, newId(), "editor");
    expect((await call("PUT", "/messaging-policy", policy, editor)).status).toBe(403);
    const { results } = await db
      .prepare("SELECT details FROM audit WHERE org_id = ?1 AND action = 'messaging_policy.changed'")
      .bind(tenant.organizationId)
      .all();
    expect(results.length).toBe(1);
  });
  it.each([
    [{ ...policy, timezone: "Mars/Olympus" }, "timezone"],
    [{ ...policy, quietHours: { start: "8:00", end: "22:00" } }, "quietHours.start"],
    [{ ...policy, quietHours: { start: "08:00", end: "08:00" } }, "quietHours.end"],
    [{ ...policy, frequencyCap: { max: 0, windowSeconds: 86_400 } }, "frequencyCap.max"],
    [{ ...policy, extra: 1 }, "extra"],
    [{ quietHours: null, frequencyCap: null }, "timezone"],
  ])("%j is refused at %s", async (body, field) => {
    const answer = await call("PUT", "/messaging-policy", body);
    expect([answer.status, answer.body.validation[0]?.field]).toEqual([400, field]);
  });
});
