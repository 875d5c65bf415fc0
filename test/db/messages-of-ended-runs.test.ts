// A run that has ended leaves no message behind that waits for ever: what was held back is over, and what nobody knows about is listed.
import { describe, expect, it } from "vitest";
import { MESSAGE_STATUSES } from "../../src/channels/status.ts";
import { listMessages } from "../../src/db/queries/message-list.ts";
import { raiseStatuses } from "../../src/db/queries/messages.ts";
import { claimOutbound, keepBack, type OutboundRow, releaseOutbound } from "../../src/db/queries/outbound.ts";
import { type ProjectedRow, upsertExecutions } from "../../src/db/queries/projections.ts";
import { newId } from "../../src/lib/ids.ts";
import { db } from "../fixtures/identity.ts";

const organizationId = newId();
const contactId = newId();
await db
  .prepare("INSERT INTO contacts (org_id, id, created_at, updated_at) VALUES (?1, ?2, 1, 1)")
  .bind(organizationId, contactId)
  .run();

const say = (executionId: string, seq: number, status: string, of = organizationId) =>
  upsertExecutions(db, [
    {
      ...{ organizationId: of, executionId, workflowId: "w", versionId: "v", status, seq, eventId: null },
      ...{
        triggerType: "MANUAL_TRIGGER",
        startedAt: 1,
        endedAt: null,
        nodesExecuted: 0,
        error: null,
        errorNodeId: null,
      },
      ...{
        priority: 5,
        parentId: null,
        nextWakeAt: null,
        dryRun: false,
        createdAt: 1,
        updatedAt: 100 + seq,
        steps: [],
      },
    } satisfies ProjectedRow,
  ]).run();

const rowOf = (executionId: string, step = "n:1", of = organizationId): OutboundRow => ({
  ...{ organizationId: of, id: newId(), contactId, conversationId: "c", channel: "sms", channelId: null, sender: "" },
  ...{ recipient: "", body: "", content: null, executionId, stepKey: `${executionId}:${step}`, consentEpoch: 0 },
  ...{ segments: null, at: 50 },
});
const held = (row: OutboundRow) => keepBack(db, row, { gates: { failed: "quiet_hours" }, until: 1_000 }).all();
const claimed = (row: OutboundRow) => claimOutbound(db, row, null).all();
const read = (row: OutboundRow) =>
  db
    .prepare("SELECT status, error_code, hold_until, updated_at FROM messages WHERE org_id = ?1 AND id = ?2")
    .bind(row.organizationId, row.id)
    .first();
const idsOf = async (outcome: "unknown" | "held") =>
  (await listMessages(db, organizationId, { outcome }, { limit: 100, offset: 0 })).rows.map(({ id }) => id);

describe("a run that ends", () => {
  it.each(["cancelled", "timed_out", "failed", "completed"])("%s: takes what was held back with it", async (status) => {
    const executionId = newId();
    await say(executionId, 1, "running");
    const [waits, doubted] = [rowOf(executionId), rowOf(executionId, "other:2")];
    await held(waits);
    await claimed(doubted);
    expect(await idsOf("held")).toContain(waits.id);
    await say(executionId, 2, status);
    expect(await read(waits)).toEqual({
      status: "canceled",
      error_code: "RUN_ENDED",
      hold_until: null,
      updated_at: 102,
    });
    expect(await idsOf("held")).not.toContain(waits.id);
    // Whether it left is not known, so it is listed; when it was tried is by what it is looked up.
    expect(await read(doubted)).toEqual({
      ...{ status: "scheduled", error_code: "UNKNOWN_OUTCOME", hold_until: null, updated_at: 50 },
    });
    expect(await idsOf("unknown")).toContain(doubted.id);
  });

  it("with its first word does so too", async () => {
    const executionId = newId();
    const row = rowOf(executionId);
    await held(row);
    await say(executionId, 3, "failed");
    expect(await read(row)).toMatchObject({ status: "canceled", error_code: "RUN_ENDED" });
  });

  it("takes nothing of others, and nothing that was sent or refused", async () => {
    const executionId = newId();
    await say(executionId, 1, "running");
    const [sent, refused] = [rowOf(executionId), rowOf(executionId, "m:2")];
    const [other, foreign] = [rowOf(`${executionId}0`), rowOf(executionId, "n:1", newId())];
    for (const row of [sent, refused]) await claimed(row);
    for (const row of [other, foreign]) await held(row);
    const change = "UPDATE messages SET status = ?2, provider_id = ?3 WHERE id = ?1";
    await db.prepare(change).bind(sent.id, "queued", "SM1").run();
    await db.prepare(change).bind(refused.id, "failed", null).run();
    const rows = [sent, refused, other, foreign];
    const before = await Promise.all(rows.map(read));
    await say(executionId, 2, "cancelled");
    expect(await Promise.all(rows.map(read))).toEqual(before);
  });

  it("is believed by an attempt that comes late: it writes nothing more", async () => {
    const executionId = newId();
    await say(executionId, 1, "running");
    const row = rowOf(executionId);
    await held(row);
    await say(executionId, 2, "cancelled");
    expect((await claimed(row)).results).toEqual([]);
    for (const late of [held, claimed]) {
      const another = rowOf(executionId, "late:2");
      expect((await late(another)).results).toEqual([]);
      expect(await read(another)).toBeNull();
    }
    expect(await read(row)).toMatchObject({ status: "canceled", error_code: "RUN_ENDED" });
  });

  it("between a message's claim and its slot calls it off", async () => {
    const executionId = newId();
    await say(executionId, 1, "running");
    const row = rowOf(executionId);
    await claimed(row);
    await say(executionId, 2, "cancelled");
    await releaseOutbound(db, row, { gates: {}, until: 60 }).run();
    expect(await read(row)).toMatchObject({ status: "canceled", error_code: "RUN_ENDED", hold_until: null });
    expect(await idsOf("unknown")).not.toContain(row.id);
  });

  it("may hear from the provider all the same", async () => {
    const executionId = newId();
    await say(executionId, 1, "running");
    const row = rowOf(executionId);
    await claimed(row);
    await say(executionId, 2, "timed_out");
    const report = {
      organizationId,
      id: row.id,
      providerId: "SM9",
      status: "sent",
      errorCode: null,
      error: null,
      at: 200,
    };
    await raiseStatuses(db, MESSAGE_STATUSES, [report]).run();
    expect(await read(row)).toMatchObject({ status: "sent", error_code: null });
  });

  it("and is begun after all, sends", async () => {
    const executionId = newId();
    // Given up before it came to be (sweep): its row has sequence 0.
    await say(executionId, 0, "failed");
    expect((await claimed(rowOf(executionId))).results.length).toBe(1);
  });

  it("reads only its own messages, however many there are", async () => {
    const others = Array.from({ length: 200 }, () => rowOf(newId()));
    await db.batch(others.map((row) => keepBack(db, row, { gates: {}, until: 1_000 })));
    const executionId = newId();
    await say(executionId, 1, "running");
    await held(rowOf(executionId));
    const { meta } = await say(executionId, 2, "cancelled");
    expect(meta.rows_read).toBeLessThan(50);
  });
});
