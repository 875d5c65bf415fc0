// Rollups follow the messages table by triggers: right whatever is written, in whatever order, however often, and true to what was deleted.
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";

const { DB } = env as unknown as { DB: D1Database };
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const T = 20_000 * DAY;

type Message = {
  id: string;
  direction?: "inbound" | "outbound";
  campaign?: string | null;
  status?: string;
  at?: number;
  sentAt?: number | null;
  deliveredAt?: number | null;
  code?: string | null;
  name?: string | null;
  consent?: string | null;
  or?: "IGNORE";
};

const insert = (m: Message) =>
  DB.prepare(
    `INSERT ${m.or ? `OR ${m.or}` : ""} INTO messages (org_id, id, contact_id, direction, channel, sender, recipient, status, campaign_id,
       created_at, updated_at, sent_at, delivered_at, error_code, error_name, consent)
     VALUES ('o', ?1, 'c', ?2, 'sms', '', '', ?3, ?4, ?5, ?5, ?6, ?7, ?8, ?9, ?10)`,
  )
    .bind(
      m.id,
      m.direction ?? "outbound",
      m.status ?? "scheduled",
      m.campaign ?? null,
      m.at ?? T,
      m.sentAt ?? null,
      m.deliveredAt ?? null,
      m.code ?? null,
      m.name ?? null,
      m.consent ?? null,
    )
    .run();

const change = (id: string, m: Message & { updatedAt?: number }) =>
  DB.prepare(
    `UPDATE messages SET status = ?2, sent_at = ?3, delivered_at = ?4, error_code = ?5, error_name = ?6, updated_at = ?7 WHERE id = ?1`,
  )
    .bind(
      id,
      m.status,
      m.sentAt ?? null,
      m.deliveredAt ?? null,
      m.code ?? null,
      m.name ?? null,
      m.updatedAt ?? T + HOUR,
    )
    .run();

const rows = async (sql: string) => (await DB.prepare(sql).all<Record<string, number | string | null>>()).results;

/** What is in the rollups, without what is zero. */
const FOUND = `SELECT r.campaign_id AS campaign, r.span, r.start, c.key AS status, c.value AS n FROM message_rollups r, json_each(r.counts) c
  WHERE c.value <> 0 ORDER BY 1, 2, 3, 4`;
/** As reports count: nobody knows whether it left. */
const KIND =
  "CASE WHEN status = 'scheduled' AND error_code IS 'UNKNOWN_OUTCOME' THEN 'unknown' ELSE status END AS status";
const COUNTED = `SELECT '' AS campaign, k.value AS span, created_at / (k.value * ${HOUR}) * (k.value * ${HOUR}) AS start, ${KIND}, count(*) AS n
    FROM messages, json_each('[1, 24]') k WHERE direction = 'outbound' GROUP BY 2, 3, 4
  UNION ALL SELECT campaign_id, 1, created_at / ${HOUR} * ${HOUR}, ${KIND}, count(*)
    FROM messages WHERE direction = 'outbound' AND campaign_id IS NOT NULL GROUP BY 1, 3, 4
  UNION ALL SELECT campaign_id, 0, 0, ${KIND}, count(*)
    FROM messages WHERE direction = 'outbound' AND campaign_id IS NOT NULL GROUP BY 1, 4
  ORDER BY 1, 2, 3, 4`;
const DELIVERED = "status IN ('delivered', 'read')";
const FAILED = "status IN ('failed', 'undelivered')";
const TIMED = `(${DELIVERED} AND sent_at IS NOT NULL AND delivered_at IS NOT NULL)`;
const SUMS_FOUND =
  "SELECT span, sum(sent) AS sent, sum(timed) AS timed, sum(timed_ms) AS ms FROM message_rollups WHERE campaign_id = '' GROUP BY span";
const SUMS_COUNTED = `SELECT k.value AS span, sum(sent_at IS NOT NULL) AS sent, sum(${TIMED}) AS timed,
    sum(CASE WHEN ${TIMED} THEN max(0, delivered_at - sent_at) ELSE 0 END) AS ms
  FROM messages, json_each('[1, 24]') k WHERE direction = 'outbound' GROUP BY 1`;
const ACTIVITY_FOUND = `SELECT hour, sent, delivered, failed, timed, timed_ms AS ms FROM message_activity
  WHERE sent <> 0 OR delivered <> 0 OR failed <> 0 OR timed <> 0 OR timed_ms <> 0 ORDER BY 1`;
const ACTIVITY_COUNTED = `SELECT coalesce(sent_at, created_at) / ${HOUR} * ${HOUR} AS hour, sum(sent_at IS NOT NULL) AS sent,
    sum(sent_at IS NOT NULL AND ${DELIVERED}) AS delivered, sum(${FAILED}) AS failed, sum(${TIMED}) AS timed,
    sum(CASE WHEN ${TIMED} THEN max(0, delivered_at - sent_at) ELSE 0 END) AS ms
  FROM messages WHERE direction = 'outbound' AND (sent_at IS NOT NULL OR ${FAILED}) GROUP BY 1 ORDER BY 1`;
const ERRORS_FOUND = "SELECT campaign_id AS campaign, hour, code, n FROM message_errors WHERE n <> 0 ORDER BY 1, 2, 3";
const ERRORS_COUNTED = `SELECT * FROM (
    SELECT '' AS campaign, coalesce(sent_at, created_at) / ${HOUR} * ${HOUR} AS hour, coalesce(error_code, '') AS code, count(*) AS n
      FROM messages WHERE direction = 'outbound' AND ${FAILED} GROUP BY 2, 3
    UNION ALL SELECT campaign_id, 0, coalesce(error_code, ''), count(*)
      FROM messages WHERE direction = 'outbound' AND ${FAILED} AND campaign_id IS NOT NULL GROUP BY 1, 2, 3
  ) ORDER BY 1, 2, 3`;

let seed = 11;
/** The same numbers on every run. */
const random = (below: number): number => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return Math.floor((seed / 2_147_483_648) * below);
};
const STATUSES = ["scheduled", "accepted", "queued", "sent", "delivered", "read", "failed", "undelivered", "canceled"];
const CODES = [null, "21211", "30003", "UNKNOWN_OUTCOME"];
const anything = (id: string): Message & { updatedAt: number } => {
  const sentAt = random(3) === 0 ? null : T + random(40) * HOUR + random(HOUR);
  return {
    id,
    campaign: [null, "a", "b"][random(3)]!,
    status: STATUSES[random(STATUSES.length)]!,
    at: T + random(50) * HOUR,
    sentAt,
    // Clocks of others may say that it was delivered before it was sent.
    deliveredAt: sentAt === null || random(2) === 0 ? null : sentAt + random(100_000) - 10_000,
    code: CODES[random(4)]!,
    updatedAt: T + random(80) * HOUR,
  };
};

beforeEach(async () => {
  for (const table of ["messages", "contacts", "message_rollups", "message_activity", "message_errors"]) {
    await DB.exec(`DELETE FROM ${table}`);
  }
});

describe("rollups of messages", () => {
  it("equal a recount after any sequence of inserts and updates", async () => {
    for (let round = 0; round < 400; round++) {
      const message = anything(`m${random(60)}`);
      if (random(2) === 0) await insert({ ...message, or: "IGNORE" });
      else await change(message.id, message);
    }
    const counted = await rows(COUNTED);
    expect(counted.length).toBeGreaterThan(60);
    expect(await rows(FOUND)).toEqual(counted);
    expect(counted.some(({ status }) => status === "unknown")).toBe(true);
    expect(await rows(SUMS_FOUND)).toEqual(await rows(SUMS_COUNTED));
    expect(await rows(ACTIVITY_FOUND)).toEqual(await rows(ACTIVITY_COUNTED));
    expect(await rows(ERRORS_FOUND)).toEqual(await rows(ERRORS_COUNTED));
    expect((await rows(ERRORS_COUNTED)).length).toBeGreaterThan(5);
  });

  it("equal a recount of what is left after deletes, and remember what is gone", async () => {
    for (let n = 0; n < 120; n++) await insert(anything(`m${n}`));
    const before = {
      sums: await rows(SUMS_FOUND),
      activity: await rows(ACTIVITY_FOUND),
      errors: await rows(ERRORS_FOUND),
    };
    const perStatus = `SELECT c.key AS status, sum(c.value) AS n FROM message_rollups r, json_each(r.counts) c WHERE r.campaign_id = 'a' GROUP BY 1 HAVING n <> 0`;
    const was = await rows(perStatus);
    for (let n = 0; n < 120; n++) if (random(3) > 0) await DB.exec(`DELETE FROM messages WHERE id = 'm${n}'`);
    expect((await rows(COUNTED)).length).toBeGreaterThan(20);
    expect(await rows(FOUND)).toEqual(await rows(COUNTED));
    expect(await rows(SUMS_FOUND)).toEqual(before.sums);
    expect(await rows(ACTIVITY_FOUND)).toEqual(before.activity);
    expect(await rows(ERRORS_FOUND)).toEqual(before.errors);
    const all = `SELECT status, sum(n) AS n FROM (
      SELECT c.key AS status, c.value AS n FROM message_rollups r, json_each(r.counts) c WHERE r.campaign_id = 'a'
      UNION ALL SELECT c.key, c.value FROM message_rollups r, json_each(r.gone) c WHERE r.campaign_id = 'a') GROUP BY 1 HAVING sum(n) <> 0`;
    expect(await rows(all)).toEqual(was);
    expect(
      await rows("SELECT sum(sent - sent_gone) AS n FROM message_rollups WHERE campaign_id = '' AND span = 1"),
    ).toEqual(await rows("SELECT count(*) AS n FROM messages WHERE sent_at IS NOT NULL"));
  });

  it("count in the hour of the provider's acceptance what happened, in that of its making what was made", async () => {
    await insert({ id: "m", status: "scheduled", campaign: "a" });
    await change("m", { id: "m", status: "delivered", sentAt: T + 30 * HOUR, deliveredAt: T + 30 * HOUR + 90_000 });
    expect(await rows(FOUND)).toEqual([
      { campaign: "", span: 1, start: T, status: "delivered", n: 1 },
      { campaign: "", span: 24, start: T, status: "delivered", n: 1 },
      { campaign: "a", span: 0, start: 0, status: "delivered", n: 1 },
      { campaign: "a", span: 1, start: T, status: "delivered", n: 1 },
    ]);
    expect(await rows(ACTIVITY_FOUND)).toEqual([
      { hour: T + 30 * HOUR, sent: 1, delivered: 1, failed: 0, timed: 1, ms: 90_000 },
    ]);
  });

  it("take a failure back that proof of delivery refutes", async () => {
    await insert({ id: "m", status: "undelivered", sentAt: T, code: "30003", name: "Unreachable destination handset" });
    expect(await rows("SELECT code, name, n FROM message_errors")).toEqual([
      { code: "30003", name: "Unreachable destination handset", n: 1 },
    ]);
    await change("m", { id: "m", status: "delivered", sentAt: T, deliveredAt: T + 1 });
    expect(await rows(ERRORS_FOUND)).toEqual([]);
    expect(await rows(ACTIVITY_FOUND)).toMatchObject([{ sent: 1, delivered: 1, failed: 0 }]);
  });

  it("count what comes in, and what of it withdraws consent, once however often it comes", async () => {
    for (let round = 0; round < 2; round++) {
      await insert({ id: "i1", direction: "inbound", or: "IGNORE" });
      await insert({ id: "i2", direction: "inbound", consent: "opt_out", or: "IGNORE" });
      await insert({ id: "i3", direction: "inbound", consent: "help", at: T + HOUR, or: "IGNORE" });
    }
    expect(await rows("SELECT hour, inbound, opt_outs FROM message_activity ORDER BY 1")).toEqual([
      { hour: T, inbound: 2, opt_outs: 1 },
      { hour: T + HOUR, inbound: 1, opt_outs: 0 },
    ]);
    expect(await rows(FOUND)).toEqual([]);
  });

  it("know who wrote last in which hour", async () => {
    const contact = (id: string, heard: number | null) =>
      DB.prepare(
        `INSERT INTO contacts (org_id, id, last_received_at, created_at, updated_at) VALUES ('o', ?1, ?2, 1, 1)
         ON CONFLICT DO UPDATE SET last_received_at = excluded.last_received_at`,
      )
        .bind(id, heard)
        .run();
    for (let round = 0; round < 200; round++) {
      if (random(9) === 0) await DB.exec(`DELETE FROM contacts WHERE id = 'c${random(20)}'`);
      else await contact(`c${random(20)}`, random(8) === 0 ? null : T + random(5) * HOUR + random(HOUR));
    }
    const counted = await rows(
      `SELECT last_received_at / ${HOUR} * ${HOUR} AS hour, count(*) AS n FROM contacts WHERE last_received_at IS NOT NULL GROUP BY 1 ORDER BY 1`,
    );
    expect(counted.length).toBeGreaterThan(2);
    expect(await rows("SELECT hour, last_heard AS n FROM message_activity WHERE last_heard <> 0 ORDER BY 1")).toEqual(
      counted,
    );
  });

  it("refuse a change of what they are grouped by", async () => {
    await insert({ id: "m", campaign: "a" });
    for (const set of [
      "campaign_id = 'b'",
      "campaign_id = NULL",
      "created_at = 1",
      "direction = 'inbound'",
      "id = 'n'",
    ]) {
      await expect(DB.exec(`UPDATE messages SET ${set}`)).rejects.toThrow("never change");
    }
  });

  it("cost, with the indexes of the row itself, 20 rows for a message that is made, queued, sent and delivered, 33 for one of a campaign", async () => {
    await insert({ id: "warm", campaign: "a", status: "delivered", sentAt: T, deliveredAt: T });
    const written = async (result: Promise<D1Result>) => (await result).meta.rows_written;
    const plain = [
      await written(insert({ id: "p" })),
      await written(change("p", { id: "p", status: "queued", sentAt: T })),
      await written(change("p", { id: "p", status: "sent", sentAt: T })),
      await written(change("p", { id: "p", status: "delivered", sentAt: T, deliveredAt: T })),
    ];
    const ofCampaign = [
      await written(insert({ id: "c", campaign: "a" })),
      await written(change("c", { id: "c", status: "queued", sentAt: T })),
      await written(change("c", { id: "c", status: "sent", sentAt: T })),
      await written(change("c", { id: "c", status: "delivered", sentAt: T, deliveredAt: T })),
    ];
    expect({ plain, ofCampaign }).toEqual({ plain: [6, 5, 4, 5], ofCampaign: [10, 8, 7, 8] });
  });
});
