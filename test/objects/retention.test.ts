// Retention: what is too old goes, what is young or unfinished stays, a failure costs nothing but time, and a wake costs little.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { USUAL_DAYS } from "../../src/domain/retention/days.ts";
import type { Env } from "../../src/env.ts";
import { newId } from "../../src/lib/ids.ts";
import { Retention } from "../../src/objects/retention.ts";
import { retentionStub } from "../../src/objects/rpc.ts";
import worker from "../../src/worker.ts";
import { awayAfter } from "../fixtures/away.ts";
import { db, makeOrganization, testEnv } from "../fixtures/identity.ts";
import { CountingWorld } from "./counting.ts";

const DAY = 86_400_000;
const ago = (days: number): number => Date.now() - days * DAY;
const stub = testEnv.RETENTION.get(testEnv.RETENTION.idFromName("retention"));

let organizationId: string;
beforeEach(async () => {
  await db.batch(
    [
      "executions",
      "events",
      "messages",
      "dead_letters",
      "campaigns",
      "parked_statuses",
      "untold_events",
      "deliveries",
      "idempotent_requests",
      "organizations",
    ].map((table) => db.prepare(`DELETE FROM ${table}`)),
  );
  await runInDurableObject(stub, (_, state) => state.storage.deleteAll());
  await evictDurableObject(stub);
  ({ organizationId } = await makeOrganization());
});

/** One wake of the object over another database. */
const wake = (database: D1Database = db): Promise<void> =>
  runInDurableObject(stub, (_, state) => new Retention(state, { ...testEnv, DB: database } as Env).alarm());
const placeOf = () => runInDurableObject(stub, (_, state) => state.storage.kv.get("place"));
/** Wakes until the round is over. */
const round = async (database?: D1Database): Promise<number> => {
  for (let wakes = 1; ; wakes++) {
    await wake(database);
    if ((await placeOf()) === undefined) return wakes;
    if (wakes > 200) throw new Error("the round does not end");
  }
};

/** Of a marketing workflow. */
const ACTION = `a_${crypto.randomUUID()}`;
const stepsOf = (nodes: number): string =>
  JSON.stringify(
    Object.fromEntries(
      Array.from({ length: nodes }, (_, n) => [
        n + 1,
        {
          ...{ nodeId: ACTION, nodeType: "flow_end", visit: n + 1, status: "completed", startedAt: 1, attempts: 0 },
          error: "x".repeat(200),
        },
      ]),
    ),
  );

const insertRun = async (
  days: number,
  over: { status?: string; endedDays?: number; nodes?: number; org?: string } = {},
): Promise<string> => {
  const { status = "completed", endedDays = days, nodes = 2, org = organizationId } = over;
  const id = newId(ago(days));
  const ended = ["running", "waiting", "queued"].includes(status) ? null : ago(endedDays);
  await db
    .prepare(
      `INSERT INTO executions (org_id, id, workflow_id, version_id, status, seq, trigger_type, started_at, ended_at, duration_ms,
         nodes_executed, created_at, updated_at, steps) VALUES (?1, ?2, 'w', 'v', ?3, 1, 'custom', ?4, ?5, 1, ?6, ?4, ?4, ?7)`,
    )
    .bind(org, id, status, ago(days), ended, nodes, stepsOf(nodes))
    .run();
  return id;
};
const insertEvent = async (days: number, outcome: string | null = "{}", data = "{}"): Promise<string> => {
  const id = newId(ago(days));
  await db
    .prepare(
      "INSERT INTO events (org_id, id, type, source, data, occurred_at, received_at, outcome) VALUES (?1, ?2, 'custom', 'api', ?5, ?3, ?3, ?4)",
    )
    .bind(organizationId, id, ago(days), outcome, data)
    .run();
  return id;
};
const insertMessage = async (
  days: number,
  over: { status?: string; executionId?: string; campaignId?: string } = {},
): Promise<string> => {
  const id = newId(ago(days));
  await db
    .prepare(
      `INSERT INTO messages (org_id, id, contact_id, direction, channel, sender, recipient, status, execution_id, campaign_id, created_at, updated_at)
       VALUES (?1, ?2, 'c', 'outbound', 'inapp', 's', 'r', ?3, ?4, ?5, ?6, ?6)`,
    )
    .bind(organizationId, id, over.status ?? "delivered", over.executionId ?? null, over.campaignId ?? null, ago(days))
    .run();
  return id;
};
const insertLetter = async (
  days: number,
  replayedDays: number | null = null,
  org = organizationId,
): Promise<string> => {
  const id = `events-${newId(ago(days))}`;
  await db
    .prepare(
      "INSERT INTO dead_letters (org_id, id, queue, body, error, attempts, created_at, replayed_at) VALUES (?1, ?2, 'events', '{}', 'e', 1, ?3, ?4)",
    )
    .bind(org, id, ago(days), replayedDays === null ? null : ago(replayedDays))
    .run();
  return id;
};
const insertCampaign = async (status: string): Promise<string> => {
  const id = newId();
  await db
    .prepare(
      `INSERT INTO campaigns (org_id, id, name, status, template_id, segment_id, created_by, created_at, updated_at)
       VALUES (?1, ?2, 'c', ?3, 't', 's', 'u', 1, 1)`,
    )
    .bind(organizationId, id, status)
    .run();
  return id;
};
const idsOf = async (table: string, column = "id"): Promise<string[]> =>
  (await db.prepare(`SELECT DISTINCT ${column} AS id FROM ${table} ORDER BY id`).all<{ id: string }>()).results.map(
    ({ id }) => id,
  );

describe("what goes and what stays", () => {
  it("runs: by their end, with their steps; what is not final stays", async () => {
    const kept = [
      await insertRun(400, { status: "waiting" }),
      await insertRun(400, { status: "running" }),
      await insertRun(400, { endedDays: USUAL_DAYS.executions - 1 }),
      await insertRun(1),
    ];
    for (const status of ["completed", "failed", "cancelled", "timed_out"])
      await insertRun(USUAL_DAYS.executions + 1, { status });
    await round();
    expect(await idsOf("executions")).toEqual(kept.toSorted());
    expect(await idsOf("execution_steps", "execution_id")).toEqual(kept.toSorted());
    expect(await idsOf("execution_actions", "execution_id")).toEqual(kept.toSorted());
  });

  it("totals follow, rollups outlive", async () => {
    await insertRun(USUAL_DAYS.executions + 1);
    await insertRun(1);
    const rollups = () =>
      db.prepare("SELECT sum(completed) AS n FROM execution_rollups WHERE org_id = ?1").bind(organizationId).first("n");
    await round();
    expect(await rollups()).toBe(2);
    expect(await db.prepare("SELECT n FROM execution_counts WHERE org_id = ?1").bind(organizationId).first("n")).toBe(
      1,
    );
  });

  it("what errors said goes with the executions that they were of", async () => {
    const days = USUAL_DAYS.executions;
    for (const [code, daysAgo] of [
      ["OLD", days + 1],
      ["NEW", days - 1],
    ] as const) {
      await insertRun(days + 2);
      await db
        .prepare(
          "INSERT INTO execution_errors (org_id, day, workflow_id, code, node_id, n, message, first_at, last_at, samples) VALUES (?1, 0, 'w', ?2, '', 3, 'to +1555', 1, ?3, '[\"e\"]')",
        )
        .bind(organizationId, code, ago(daysAgo))
        .run();
    }
    await round();
    const { results } = await db
      .prepare("SELECT code, n, message, samples FROM execution_errors WHERE org_id = ?1 ORDER BY code")
      .bind(organizationId)
      .all();
    expect(results).toEqual([
      { code: "NEW", n: 3, message: "to +1555", samples: '["e"]' },
      { code: "OLD", n: 3, message: "", samples: "[]" },
    ]);
  });

  it("events: one that nobody has processed stays as long as its dead letter may", async () => {
    const days = USUAL_DAYS.events + 1;
    const kept = [await insertEvent(1), await insertEvent(USUAL_DAYS.events - 1)];
    await insertEvent(days);
    await db
      .prepare(`UPDATE organizations SET retention = '{"deadLetters": 200}' WHERE id = ?1`)
      .bind(organizationId)
      .run();
    kept.push(await insertEvent(days, null));
    await insertEvent(201, null);
    await round();
    expect(await idsOf("events")).toEqual(kept.toSorted());
  });

  it("messages: not while in doubt, and not while their run or campaign goes on", async () => {
    const days = USUAL_DAYS.messages + 1;
    const kept = [
      await insertMessage(1),
      await insertMessage(days, { status: "scheduled" }),
      await insertMessage(days, { executionId: await insertRun(days, { status: "waiting" }) }),
      await insertMessage(days, { campaignId: await insertCampaign("paused") }),
    ];
    await insertMessage(days);
    await insertMessage(days, { status: "failed", executionId: newId() });
    await insertMessage(days, { campaignId: await insertCampaign("completed") });
    await round();
    expect(await idsOf("messages")).toEqual(kept.toSorted());
  });

  it("dead letters: replayed ones soon, open ones late, those of nobody too", async () => {
    const days = USUAL_DAYS.deadLetters + 1;
    const kept = [
      await insertLetter(1),
      await insertLetter(USUAL_DAYS.deadLetters - 1),
      await insertLetter(days, 1),
      await insertLetter(1, null, ""),
    ];
    await insertLetter(days);
    await insertLetter(40, 31);
    await insertLetter(days, null, "");
    await round();
    expect(await idsOf("dead_letters")).toEqual(kept.toSorted());
  });

  it("each organisation by its own days", async () => {
    const mine = await insertRun(100);
    await db
      .prepare(`UPDATE organizations SET retention = '{"executions": 365}' WHERE id = ?1`)
      .bind(organizationId)
      .run();
    const other = await makeOrganization();
    await insertRun(100, { org: other.organizationId });
    await round();
    expect(await idsOf("executions")).toEqual([mine]);
  });

  it("audit rows stay for good", async () => {
    await db
      .prepare("INSERT INTO audit (org_id, id, actor, action, at) VALUES (?1, ?2, 'system', 'x.done', 1)")
      .bind(organizationId, newId(ago(9_000)))
      .run();
    await insertRun(9_000);
    await round();
    expect(await idsOf("audit")).toHaveLength(1);
  });
});

/** 1,201 old runs of three steps each, every tenth of them unfinished. */
const many = async (): Promise<void> => {
  const rows = Array.from({ length: 1_201 }, (_, index) => ({
    id: newId(ago(200) + index),
    status: index % 10 === 0 ? "waiting" : "completed",
  }));
  await db
    .prepare(
      `INSERT INTO executions (org_id, id, workflow_id, version_id, status, seq, trigger_type, ended_at, nodes_executed, created_at, updated_at, steps)
       SELECT ?1, value ->> 'id', 'w', 'v', value ->> 'status', 1, 'custom', 1, 3, 1, 1, ?3 FROM json_each(?2)`,
    )
    .bind(organizationId, JSON.stringify(rows), stepsOf(3))
    .run();
};
const countOf = (table: string) => db.prepare(`SELECT count(*) AS n FROM ${table}`).first<number>("n");

describe("the walk", () => {
  it("goes on where it was when the database comes back", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    await many();
    const before = await countOf("executions");
    // Away at each question in turn: nothing is lost, nothing is looked at twice.
    let left = before;
    for (let answers = 0; (await countOf("executions"))! > 121; answers = (answers + 1) % 7) {
      await wake(awayAfter(answers).db);
      expect(await placeOf()).toBeDefined();
      const now = await countOf("executions");
      expect(now).toBeLessThanOrEqual(left!);
      left = now;
      const alarm = await runInDurableObject(stub, (_, state) => state.storage.getAlarm());
      expect(alarm).toBeGreaterThan(Date.now());
    }
    await round();
    expect([await countOf("executions"), await countOf("execution_steps")]).toEqual([121, 363]);
    vi.restoreAllMocks();
  });

  it("reads and writes a bounded number of rows a wake", async () => {
    await many();
    const world = new CountingWorld();
    const wakes: number[] = [];
    do {
      await wake(world.env.DB);
      const { d1 } = world.take();
      // Five pages of at most 500 rows, read three times, and their steps; each row deleted changes its indexes and the counter.
      expect(d1.requests).toBeLessThanOrEqual(15);
      expect(d1.rowsRead).toBeLessThan(20_000);
      expect(d1.rowsWritten).toBeLessThan(15_000);
      wakes.push(d1.requests);
    } while ((await placeOf()) !== undefined);
    expect(await countOf("executions")).toBe(121);
    // A second round looks at the 121 that stay, once, and at nothing else.
    await runInDurableObject(stub, (_, state) => state.storage.kv.delete("nextAt"));
    await round(world.env.DB);
    const { d1 } = world.take();
    expect(d1.rowsRead).toBeLessThan(800);
    expect(d1.rowsWritten).toBe(0);
  });

  it("takes few long runs, or few long texts, at a time", async () => {
    for (let runs = 0; runs < 10; runs++) await insertRun(100, { nodes: 5_000 });
    await wake(awayAfter(7).db).catch(() => undefined);
    const left = (await countOf("executions"))!;
    // Four runs of 1.6 MB are a page.
    expect(left).toBe(6);
    await round();
    expect([await countOf("executions"), await countOf("execution_steps")]).toEqual([0, 0]);
  });

  it("is held up by no organisation's trouble", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    await insertRun(100);
    const other = await makeOrganization();
    await insertRun(100, { org: other.organizationId });
    const troubled = new Proxy(db, {
      get: (target, name) =>
        name === "prepare"
          ? (query: string) => {
              const statement = target.prepare(query);
              const bind = statement.bind.bind(statement);
              statement.bind = (...values: unknown[]) => {
                if (values[0] === organizationId && /^SELECT id/.test(query))
                  throw new Error("D1_ERROR: malformed JSON");
                return bind(...values);
              };
              return statement;
            }
          : target[name as "batch"].bind(target),
    });
    await round(troubled);
    expect(await db.prepare("SELECT org_id FROM executions").first("org_id")).toBe(organizationId);
    expect(logged.mock.calls.flat().join()).toContain("malformed JSON");
    vi.restoreAllMocks();
  });

  it("passes hundreds of organisations without anything old in a few questions", async () => {
    const ids = Array.from({ length: 250 }, () => newId());
    await db
      .prepare("INSERT INTO organizations (id, name, created_at) SELECT value, value, 1 FROM json_each(?1)")
      .bind(JSON.stringify(ids))
      .run();
    const world = new CountingWorld();
    expect(await round(world.env.DB)).toBe(1);
    // The letters of nobody, and three looks at a hundred organisations.
    expect(world.take().d1.requests).toBe(5);
  });
});

describe("the alarm", () => {
  const alarmAt = () => runInDurableObject(stub, (_, state) => state.storage.getAlarm());

  it("is made sure of by the cron, for organisations that were there before", async () => {
    expect(await alarmAt()).toBeNull();
    await worker.scheduled({} as ScheduledController, testEnv);
    expect(await alarmAt()).toBeGreaterThan(Date.now());
  });

  it("comes from the first ensure on, and every day", async () => {
    await retentionStub(testEnv).ensure();
    const first = (await alarmAt())!;
    expect(first).toBeGreaterThan(Date.now());
    expect(first).toBeLessThan(Date.now() + 120_000);
    await insertRun(100);
    do await runDurableObjectAlarm(stub);
    while ((await placeOf()) !== undefined);
    expect(await idsOf("executions")).toEqual([]);
    const next = (await alarmAt())!;
    expect(next).toBeGreaterThan(Date.now() + DAY - 60_000);
    await retentionStub(testEnv).ensure();
    expect(await alarmAt()).toBe(next);
    // Woken early: nothing is due.
    await insertRun(100);
    await runDurableObjectAlarm(stub);
    expect(await idsOf("executions")).toHaveLength(1);
    expect(await alarmAt()).toBe(next);
  });
});

describe("what is left over", () => {
  const park = (days: number) =>
    db
      .prepare("INSERT INTO parked_statuses (org_id, provider_id, status, told_at) VALUES (?1, ?2, 'sent', ?3)")
      .bind(organizationId, `SM${days}`, ago(days))
      .run();
  const leaveUntold = (days: number) =>
    db
      .prepare("INSERT INTO untold_events (org_id, id, event, dedupe_key, created_at) VALUES (?1, ?2, '{}', 'k', ?3)")
      // Its time is when it was last tried: the id has its age.
      .bind(organizationId, newId(ago(days)), Date.now())
      .run();
  const left = async () => ({
    parked: (await db.prepare("SELECT provider_id AS id FROM parked_statuses ORDER BY 1").all()).results,
    untold: (await db.prepare("SELECT count(*) AS n FROM untold_events").first<{ n: number }>())!.n,
  });

  it("statuses that no message came for in a week go, of an organisation with nothing else too", async () => {
    await park(8);
    await park(6);
    await round();
    expect(await left()).toEqual({ parked: [{ id: "SM6" }], untold: 0 });
  });

  it("events that could not be told go with those that nobody processed", async () => {
    await leaveUntold(USUAL_DAYS.events + 1);
    await leaveUntold(USUAL_DAYS.events - 1);
    await round();
    expect(await left()).toEqual({ parked: [], untold: 1 });
  });

  it("outgoing webhooks whose object did not take them along, and answers of requests after a day", async () => {
    const deliver = (days: number) =>
      db
        .prepare(
          `INSERT INTO deliveries (org_id, id, url, method, headers, message_id, status, attempts, max_attempts, created_by, created_at)
           VALUES (?1, ?2, 'https://example.com', 'POST', '{}', ?3, 'pending', '[]', 1, 'user:1', ?4)`,
        )
        .bind(organizationId, newId(ago(days)), `${days}`, ago(days))
        .run();
    const answer = (days: number) =>
      db
        .prepare(
          "INSERT INTO idempotent_requests (org_id, key, fingerprint, request_id, at) VALUES (?1, ?2, '', '', ?3)",
        )
        .bind(organizationId, `${days}`, ago(days))
        .run();
    for (const days of [46, 44]) await deliver(days);
    for (const days of [1.1, 0.9]) await answer(days);
    await round();
    const { results: deliveries } = await db.prepare("SELECT message_id AS id FROM deliveries").all();
    const { results: answers } = await db.prepare("SELECT key AS id FROM idempotent_requests").all();
    expect([deliveries, answers]).toEqual([[{ id: "44" }], [{ id: "0.9" }]]);
  });
});
