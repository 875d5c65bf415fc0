// /api/v1/monitoring: the document's shapes, and figures that are what was put in.
import { runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import type { Uptime } from "../../../src/domain/monitoring/uptime.ts";
import { noVitals } from "../../../src/lib/vitals.ts";
import { makePorts } from "../../../src/objects/ports.ts";
import { testApp } from "../../fixtures/app.ts";
import { db, join, makeOrganization, type Tenant, testEnv } from "../../fixtures/identity.ts";
import { HOUR, putCampaign, putMessages, type Told } from "./reporting-kit.ts";

/** Twenty past ten: hours are looked at as rollups have them. */
const NOW = Date.UTC(2024, 0, 25, 10, 20);
const heartbeat = { upSince: async () => NOW - 720.5 * HOUR, vitals: async () => noVitals() };
const ports = { now: () => NOW, heartbeat };
const { fetch } = testApp({ ports });
let owner: Tenant;
beforeEach(async () => {
  owner = await makeOrganization();
});

// biome-ignore lint/suspicious/noExplicitAny: any answer.
type Body = any;
const get = async (path: string, who: Tenant = owner): Promise<{ status: number; body: Body }> => {
  const answer = await fetch(`/api/v1/monitoring${path}`, { headers: who.headers });
  return { status: answer.status, body: await answer.json() };
};
const many = (n: number, told: Told): Told[] => Array.from({ length: n }, () => told);
const putContact = (id: string, phone: string | null, consent: string | null, heard: number | null = null) =>
  db.batch([
    db
      .prepare(
        "INSERT INTO contacts (org_id, id, consent_state, last_received_at, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, 1, 1)",
      )
      .bind(owner.organizationId, id, consent, heard),
    ...(phone === null
      ? []
      : [
          db
            .prepare("INSERT INTO identities (org_id, kind, value, contact_id) VALUES (?1, 'phone', ?2, ?3)")
            .bind(owner.organizationId, phone, id),
        ]),
  ]);

describe("the dashboard", () => {
  it("has the document's shape, with what was measured", async () => {
    await putContact("a", "+14155550001", "OPT_IN");
    await putContact("b", "+14155550002", null);
    await putContact("c", "+14155550003", "OPT_OUT");
    await putContact("d", "+14155550004", "STOP");
    await putContact("no number", null, "OPT_IN");
    await putCampaign(owner.organizationId);
    await putCampaign(owner.organizationId);
    await putCampaign(owner.organizationId, { status: "paused" });
    const sentAt = NOW - HOUR;
    const badNumber = { status: "failed", code: "21211", name: "Invalid 'To' Phone Number" };
    await putMessages(owner.organizationId, [
      ...many(30, { status: "delivered", at: NOW - 30 * HOUR, sentAt, deliveredAt: sentAt + 60_000 }),
      ...many(8, { status: "read", at: sentAt, sentAt, deliveredAt: sentAt + 240_000 }),
      ...many(1, { status: "sent", at: sentAt, sentAt }),
      ...many(1, { status: "undelivered", at: sentAt, sentAt, code: "30003", name: "Unreachable destination handset" }),
      ...many(2, { ...badNumber, at: NOW - 5 * HOUR }),
      ...many(1, { ...badNumber, at: NOW - 2 * HOUR }),
      ...many(3, { direction: "inbound", status: "received", at: NOW - 23 * HOUR }),
      // Too long ago to count.
      ...many(9, { status: "delivered", at: NOW - 26 * HOUR, sentAt: NOW - 26 * HOUR, deliveredAt: NOW - HOUR }),
      ...many(9, { direction: "inbound", status: "received", at: NOW - 26 * HOUR }),
      ...many(9, { ...badNumber, code: "30005", at: NOW - 26 * HOUR }),
      ...many(9, { status: "scheduled", at: NOW - HOUR }),
    ]);
    expect(await get("/dashboard")).toEqual({
      status: 200,
      body: {
        system_health: { active_campaigns: 2, total_users: 4, opted_in_users: 2, opted_out_users: 2 },
        activity_24h: {
          messages_sent: 40,
          messages_delivered: 38,
          messages_failed: 4,
          inbound_messages: 3,
          delivery_rate: 95,
          since: "2024-01-24T10:00:00.000Z",
        },
        performance_metrics: {
          average_delivery_time_minutes: 1.632,
          system_uptime_hours: 720.5,
          error_rate_percent: 10,
        },
        recent_errors: [
          {
            timestamp: "2024-01-25T09:20:00.000Z",
            error_code: 30003,
            error_name: "unreachable_destination_handset",
            message: "Unreachable destination handset",
            count: 1,
          },
          {
            timestamp: "2024-01-25T08:20:00.000Z",
            error_code: 21211,
            error_name: "invalid_to_phone_number",
            message: "Invalid 'To' Phone Number",
            count: 3,
          },
        ],
      },
    });
  });

  it("is all zeros for who has nothing, and says that all failed when all did", async () => {
    const { body } = await get("/dashboard");
    expect(body.system_health).toEqual({ active_campaigns: 0, total_users: 0, opted_in_users: 0, opted_out_users: 0 });
    expect(body.performance_metrics).toMatchObject({ average_delivery_time_minutes: 0, error_rate_percent: 0 });
    expect(body.recent_errors).toEqual([]);
    await putMessages(owner.organizationId, many(2, { status: "failed", at: NOW, code: "21211" }));
    await putMessages(owner.organizationId, many(1, { status: "failed", at: NOW + 1, code: "MISSING_VARIABLE" }));
    const { body: failed } = await get("/dashboard");
    expect(failed.performance_metrics.error_rate_percent).toBe(100);
    const ours = { error_code: "MISSING_VARIABLE", error_name: "missing_variable", message: "Missing variable" };
    expect(failed.recent_errors[0]).toMatchObject(ours);
  });

  it("measures for how long the service has been up", async () => {
    const { heartbeat } = makePorts(testEnv);
    const real = testApp({ ports: { heartbeat } });
    const hours = async () => {
      const answer = await real.fetch("/api/v1/monitoring/dashboard", { headers: owner.headers });
      return ((await answer.json()) as Body).performance_metrics.system_uptime_hours;
    };
    const before = await hours();
    expect(before).toBeGreaterThanOrEqual(0);
    expect(before).toBeLessThan(1);
    const stub = testEnv.HEARTBEAT.get(testEnv.HEARTBEAT.idFromName("heartbeat"));
    await runInDurableObject(stub, (_, { storage }) => {
      const { since, last } = storage.kv.get<Uptime>("uptime")!;
      storage.kv.put("uptime", { since: since - 26 * HOUR, last });
    });
    expect(await hours()).toBeCloseTo(before + 26, 1);
  });

  it("is a viewer's to see, and nobody else's", async () => {
    await putMessages(owner.organizationId, many(2, { status: "sent", at: NOW, sentAt: NOW }));
    const viewer = await join(owner.organizationId, "viewer", "viewer");
    expect((await get("/dashboard", viewer)).body.activity_24h.messages_sent).toBe(2);
    expect((await get("/dashboard", await makeOrganization())).body.activity_24h.messages_sent).toBe(0);
  });
});

describe("inbound activity", () => {
  const inbound = (at: number, contact: string, consent: string | null = null): Told => ({
    direction: "inbound",
    status: "received",
    at,
    contact,
    recipient: "+15551234567",
    consent,
  });

  it("has the document's shape, newest first, with what was measured", async () => {
    await putContact("a", "+14155550001", "OPT_IN", NOW - HOUR);
    await putContact("b", null, "STOP", NOW - 2 * HOUR);
    await putContact("c", null, null, NOW - 40 * HOUR);
    await putMessages(owner.organizationId, [
      { ...inbound(NOW - HOUR, "a"), id: "last" },
      { ...inbound(NOW - 2 * HOUR, "b", "opt_out"), id: "stop" },
      { ...inbound(NOW - 3 * HOUR, "a", "help"), id: "help" },
      { ...inbound(NOW - 40 * HOUR, "c"), id: "old" },
      ...many(2, { status: "sent", at: NOW, sentAt: NOW }),
    ]);
    const { status, body } = await get("/inbound");
    expect(status).toBe(200);
    expect(body).toEqual({
      inbound_events: [
        {
          id: "last",
          from_phone: "+15550000000",
          to_phone: "+15551234567",
          body: "hello",
          channel: "twilio",
          command: null,
          received_at: "2024-01-25T09:20:00.000Z",
          message_sid: "SMlast",
        },
        expect.objectContaining({ id: "stop", command: "opt_out" }),
        expect.objectContaining({ id: "help" }),
      ],
      summary: {
        total_inbound_24h: 3,
        total_inbound: 3,
        unique_senders: 2,
        average_per_hour: 0.13,
        stop_commands: 1,
        hours: 24,
        since: "2024-01-24T10:00:00.000Z",
      },
    });
    expect((await get("/inbound?hours=48&limit=1")).body).toMatchObject({
      inbound_events: [{ id: "last" }],
      summary: { total_inbound_24h: 3, total_inbound: 4, unique_senders: 3, average_per_hour: 0.08, hours: 48 },
    });
  });

  it.each([
    ["hours=0", "hours"],
    ["hours=721", "hours"],
    ["hours=-1", "hours"],
    ["hours=1.5", "hours"],
    ["limit=abc", "limit"],
    ["limit=501", "limit"],
  ])("%s is a mistake in %s", async (query, field) => {
    const { status, body } = await get(`/inbound?${query}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({
      error: "validation_error",
      field,
      details: { field, expected: expect.stringMatching(/^1 to \d+$/) },
    });
  });
});
