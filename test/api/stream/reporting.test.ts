// /api/v1/reporting: the document's shapes, and every figure against a recount of what was put in.
import { beforeAll, describe, expect, it } from "vitest";
import { testApp } from "../../fixtures/app.ts";
import { db, join, makeOrganization, type Tenant } from "../../fixtures/identity.ts";
import { DAY, HOUR, putCampaign, putMessages, type Told } from "./reporting-kit.ts";

const { fetch } = testApp();
const T = Date.UTC(2024, 0, 25);
let owner: Tenant;
beforeAll(async () => {
  owner = await makeOrganization();
});

// biome-ignore lint/suspicious/noExplicitAny: any answer.
type Body = any;
const get = async (path: string, who: Tenant = owner): Promise<{ status: number; body: Body }> => {
  const answer = await fetch(`/api/v1/reporting${path}`, { headers: who.headers });
  return { status: answer.status, body: await answer.json() };
};

const many = (n: number, told: Told): Told[] => Array.from({ length: n }, () => told);
/** Accepted at `T + 10:15`, delivered two minutes later. */
const delivered: Told = {
  status: "delivered",
  at: T + 10 * HOUR,
  sentAt: T + 10.25 * HOUR,
  deliveredAt: T + 10.25 * HOUR + 120_000,
};
const failed = (code: string, name: string | null, sent: boolean): Told => ({
  status: sent ? "undelivered" : "failed",
  at: T + 10 * HOUR,
  sentAt: sent ? T + 10 * HOUR : null,
  code,
  name,
});

describe("the summary of a campaign", () => {
  it("has the document's shape, with what its messages add up to", async () => {
    const campaign = await putCampaign(owner.organizationId, {
      status: "completed",
      startedAt: T + 9 * HOUR,
      endedAt: T + 9.75 * HOUR,
    });
    const messages = [
      ...many(95, delivered),
      ...many(1, { ...delivered, status: "read", deliveredAt: delivered.sentAt! + 408_000 }),
      ...many(3, failed("21211", "Invalid 'To' Phone Number", false)),
      ...many(2, failed("30003", "Unreachable destination handset", true)),
      ...many(1, failed("30099", null, true)),
      ...many(1, failed("UNKNOWN_OUTCOME", null, false)),
      ...many(1, { status: "sent", at: T, sentAt: T }),
      ...many(4, { status: "scheduled", at: T }),
      ...many(5, { status: "canceled", at: T + 30 * HOUR }),
      ...many(2, { status: "scheduled", at: T, code: "UNKNOWN_OUTCOME" }),
    ];
    await putMessages(
      owner.organizationId,
      messages.map((one) => ({ ...one, campaign })),
    );
    await putMessages(owner.organizationId, many(7, delivered));
    const expected = {
      campaign_id: campaign,
      campaign_name: "Welcome Campaign",
      campaign_status: "COMPLETED",
      recipients: 1000,
      performance_metrics: {
        messages_sent: 100,
        messages_delivered: 96,
        messages_failed: 7,
        messages_pending: 5,
        // Those whose turn did not come among them: nobody is left out of the sum.
        messages_not_sent: 1000 - 96 - 7 - 5 - 2,
        messages_unknown: 2,
        delivery_rate: 96,
        average_delivery_time_minutes: 2.05,
      },
      status_breakdown: {
        DELIVERED: 95,
        READ: 1,
        FAILED: 4,
        UNDELIVERED: 3,
        SENT: 1,
        SCHEDULED: 4,
        CANCELED: 5,
        UNKNOWN: 2,
      },
      error_analysis: {
        invalid_to_phone_number: 3,
        unreachable_destination_handset: 2,
        error_30099: 1,
        unknown_outcome: 1,
      },
      execution_timeline: {
        started_at: "2024-01-25T09:00:00.000Z",
        completed_at: "2024-01-25T09:45:00.000Z",
        duration_minutes: 45,
      },
    };
    const path = `/campaigns/${campaign}/summary`;
    expect(await get(path)).toEqual({ status: 200, body: expected });

    // What retention deletes was sent all the same.
    await db.prepare("DELETE FROM messages WHERE campaign_id = ?1").bind(campaign).run();
    expect(await get(path)).toEqual({ status: 200, body: expected });
    expect((await get(`/messages/status?campaign_id=${campaign}`)).body.summary.total_messages).toBe(0);
  });

  it("is all zeros for one that did not start, and counts the time while one runs", async () => {
    const idle = await putCampaign(owner.organizationId, { status: "draft" });
    expect((await get(`/campaigns/${idle}/summary`)).body).toMatchObject({
      performance_metrics: { messages_sent: 0, delivery_rate: 0, average_delivery_time_minutes: 0 },
      status_breakdown: { DELIVERED: 0, FAILED: 0, UNDELIVERED: 0, SENT: 0 },
      error_analysis: {},
      execution_timeline: { started_at: null, completed_at: null, duration_minutes: 0 },
    });
    const running = await putCampaign(owner.organizationId, { startedAt: Date.now() - 90_000 });
    const { execution_timeline } = (await get(`/campaigns/${running}/summary`)).body;
    expect(execution_timeline.completed_at).toBeNull();
    expect(execution_timeline.duration_minutes).toBeGreaterThanOrEqual(1.5);
    expect(execution_timeline.duration_minutes).toBeLessThan(3);
  });

  it("is 404 for one that is not there, and open to viewers", async () => {
    expect(await get("/campaigns/nothing/summary")).toMatchObject({ status: 404, body: { error: "not_found" } });
    const campaign = await putCampaign(owner.organizationId);
    const viewer = await join(owner.organizationId, "viewer-of-reports", "viewer");
    expect((await get(`/campaigns/${campaign}/summary`, viewer)).status).toBe(200);
  });
});

describe("the status of messages", () => {
  it("has the document's shape", async () => {
    const tenant = await makeOrganization();
    const campaign = await putCampaign(tenant.organizationId);
    await putMessages(tenant.organizationId, [
      { ...delivered, id: "m1", campaign },
      { ...failed("21211", "Invalid 'To' Phone Number", false), id: "m2", at: T + HOUR },
    ]);
    expect(await get("/messages/status", tenant)).toEqual({
      status: 200,
      body: {
        messages: [
          {
            id: "m1",
            recipient_phone: "+15551234567",
            campaign_id: campaign,
            campaign_name: "Welcome Campaign",
            channel: "twilio",
            status: "DELIVERED",
            created_at: "2024-01-25T10:00:00.000Z",
            sent_at: "2024-01-25T10:15:00.000Z",
            delivered_at: "2024-01-25T10:17:00.000Z",
            delivery_time_seconds: 120,
            held_by: null,
            held_until: null,
            error_code: null,
            error_name: null,
            error_message: null,
          },
          expect.objectContaining({
            id: "m2",
            campaign_name: null,
            status: "FAILED",
            sent_at: null,
            delivered_at: null,
            delivery_time_seconds: null,
            error_code: 21211,
            error_name: "invalid_to_phone_number",
          }),
        ],
        summary: {
          total_messages: 2,
          delivered: 1,
          failed: 1,
          pending: 0,
          not_sent: 0,
          unknown: 0,
          delivery_rate: 100,
        },
        total: 2,
        page: 1,
        per_page: 20,
        pages: 1,
        next_cursor: null,
      },
    });
  });

  it("shows the contact's number where a message went without one", async () => {
    const tenant = await makeOrganization();
    await db.batch([
      db
        .prepare("INSERT INTO identities (org_id, kind, value, contact_id) VALUES (?1, 'phone', '+14155550001', 'p')")
        .bind(tenant.organizationId),
      db
        .prepare("INSERT INTO contacts (org_id, id, created_at, updated_at) VALUES (?1, 'p', 1, 1)")
        .bind(tenant.organizationId),
    ]);
    await putMessages(tenant.organizationId, [{ at: T, contact: "p", recipient: "p" }]);
    expect((await get("/messages/status", tenant)).body.messages[0].recipient_phone).toBe("+14155550001");
  });

  describe("with any filter", () => {
    let tenant: Tenant;
    let campaigns: string[];
    const model: (Told & { id: string; status: string })[] = [];
    let seed = 5;
    const random = (below: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return Math.floor((seed / 2_147_483_647) * below);
    };
    const STATUSES = [
      "scheduled",
      "unknown",
      "queued",
      "sent",
      "delivered",
      "delivered",
      "read",
      "failed",
      "undelivered",
      "accepted",
    ];
    beforeAll(async () => {
      tenant = await makeOrganization();
      campaigns = [await putCampaign(tenant.organizationId), await putCampaign(tenant.organizationId)];
      for (let n = 0; n < 700; n++) {
        const at = T - 2 * DAY + random(6 * DAY);
        const status = STATUSES[random(STATUSES.length)]!;
        const wasSent = !["scheduled", "unknown"].includes(status) && !(status === "failed" && random(2) === 0);
        model.push({
          id: `m${String(n).padStart(4, "0")}`,
          at,
          status,
          sentAt: wasSent ? at + 1_000 : null,
          campaign: [null, ...campaigns][random(3)]!,
        });
      }
      // Some at one moment, and some on the border of a day.
      for (let n = 0; n < 30; n++) model.push({ id: `s${n}`, at: T + DAY, status: "sent", sentAt: T + DAY });
      const rowOf = (told: (typeof model)[number]): Told =>
        told.status === "unknown" ? { ...told, status: "scheduled", code: "UNKNOWN_OUTCOME" } : told;
      await putMessages(tenant.organizationId, model.map(rowOf));
      model.sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
    });

    const expected = (keep: (told: Told) => boolean, withStatus = false) => {
      const rows = model.filter(keep);
      const n = (...statuses: string[]) => rows.filter(({ status }) => statuses.includes(status)).length;
      const [ok, bad, unknown] = [n("delivered", "read"), n("failed", "undelivered"), n("unknown")];
      const sent = withStatus ? ok : rows.filter(({ sentAt }) => sentAt).length;
      return {
        ids: rows.map(({ id }) => id),
        summary: {
          total_messages: rows.length,
          delivered: ok,
          failed: bad,
          pending: rows.length - ok - bad - unknown,
          not_sent: 0,
          unknown,
          delivery_rate: sent === 0 ? 0 : Math.round((ok / sent) * 1000) / 10,
        },
      };
    };
    /** All pages, by number and by cursor. */
    const walk = async (query: string) => {
      const byPage: string[] = [];
      const byCursor: string[] = [];
      const first = (await get(`/messages/status?per_page=37&${query}`, tenant)).body;
      for (let page = 1; page <= first.pages; page++) {
        const { body } = await get(`/messages/status?per_page=37&page=${page}&${query}`, tenant);
        byPage.push(...body.messages.map(({ id }: { id: string }) => id));
        expect(body.summary).toEqual(first.summary);
      }
      for (let body = first; ; ) {
        byCursor.push(...body.messages.map(({ id }: { id: string }) => id));
        if (body.next_cursor === null) break;
        body = (await get(`/messages/status?per_page=37&cursor=${body.next_cursor}&${query}`, tenant)).body;
      }
      expect(byCursor).toEqual(byPage);
      return { ids: byPage, summary: first.summary };
    };
    const iso = (at: number) => new Date(at).toISOString();

    it.each<[string, () => string, (told: Told) => boolean, boolean?]>([
      ["none", () => "", () => true],
      ["a campaign", () => `campaign_id=${campaigns[0]}`, ({ campaign }) => campaign === campaigns[0]],
      ["a status", () => "status=undelivered", ({ status }) => status === "undelivered", true],
      ["a status of which most were accepted", () => "status=DELIVERED", ({ status }) => status === "delivered", true],
      ["what is still to go", () => "status=SCHEDULED", ({ status }) => status === "scheduled", true],
      ["what nobody knows", () => "status=unknown", ({ status }) => status === "unknown", true],
      [
        "what nobody knows of a campaign in a time",
        () => `campaign_id=${campaigns[0]}&status=UNKNOWN&start_date=${iso(T - DAY + 1_234_567)}`,
        ({ campaign, status, at }) => campaign === campaigns[0] && status === "unknown" && at >= T - DAY + 1_234_567,
        true,
      ],
      [
        "both",
        () => `campaign_id=${campaigns[1]}&status=ACCEPTED`,
        ({ campaign, status }) => campaign === campaigns[1] && status === "accepted",
        true,
      ],
      ["a day", () => "start_date=2024-01-25&end_date=2024-01-25", ({ at }) => at >= T && at < T + DAY],
      ["from a day on", () => "start_date=2024-01-26", ({ at }) => at >= T + DAY],
      [
        "times inside hours",
        () => `start_date=${iso(T - DAY + 1_234_567)}&end_date=${iso(T + 2 * DAY + 7_654_321)}`,
        ({ at }) => at >= T - DAY + 1_234_567 && at <= T + 2 * DAY + 7_654_321,
      ],
      [
        "times inside one hour",
        () => `start_date=${iso(T + 60_000)}&end_date=${iso(T + 55 * 60_000)}`,
        ({ at }) => at >= T + 60_000 && at <= T + 55 * 60_000,
      ],
      ["a moment", () => `start_date=${iso(T + DAY)}&end_date=${iso(T + DAY)}`, ({ at }) => at === T + DAY],
      [
        "a time with an offset",
        () => `start_date=${encodeURIComponent("2024-01-26T01:30:00+02:00")}`,
        ({ at }) => at >= T + DAY - HOUR / 2,
      ],
      [
        "everything at once",
        () => `campaign_id=${campaigns[0]}&status=SENT&start_date=${iso(T + 1_800_001)}&end_date=2024-01-27`,
        ({ campaign, status, at }) =>
          campaign === campaigns[0] && status === "sent" && at >= T + 1_800_001 && at < T + 3 * DAY,
        true,
      ],
    ])("lists what it lets through, and counts it: %s", async (_, query, keep, withStatus) => {
      const told = expected(keep, withStatus);
      expect(told.ids.length).toBeGreaterThan(0);
      expect(await walk(query())).toEqual(told);
    });

    it("is empty behind the last page", async () => {
      const { body } = await get("/messages/status?page=500", tenant);
      expect(body.messages).toEqual([]);
      expect(body.summary.total_messages).toBe(model.length);
    });
  });

  it.each([
    ["start_date=yesterday", "start_date"],
    ["end_date=2024-13-45", "end_date"],
    ["end_date=2024-01-25T99:00:00Z", "end_date"],
    ["start_date=2024-01-26&end_date=2024-01-25", "end_date"],
    ["status=GONE", "status"],
    ["status=PENDING", "status"],
    ["page=0", "page"],
    ["per_page=many", "per_page"],
    ["cursor=..", "cursor"],
  ])("%s is a mistake in %s", async (query, field) => {
    const { status, body } = await get(`/messages/status?${query}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: "validation_error", field, details: { field } });
  });

  it("is nobody else's", async () => {
    const stranger = await makeOrganization();
    const campaign = await putCampaign(owner.organizationId);
    await putMessages(owner.organizationId, many(3, { ...delivered, campaign }));
    expect((await get("/messages/status", stranger)).body.summary.total_messages).toBe(0);
    expect((await get(`/messages/status?campaign_id=${campaign}`, stranger)).status).toBe(404);
    expect((await get("/messages/status?campaign_id=nothing", stranger)).status).toBe(404);
  });
});
