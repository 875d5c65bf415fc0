// Queues while the database is away: nothing becomes a dead letter for it, and nothing gets lost.
import { createMessageBatch } from "cloudflare:test";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { StreamEvent } from "../../src/domain/event.ts";
import type { Env } from "../../src/env.ts";
import { newId } from "../../src/lib/ids.ts";
import { QUEUES } from "../../src/queue/catalogue.ts";
import worker from "../../src/worker.ts";
import { awayAfter } from "../fixtures/away.ts";
import { db, makeOrganization, testEnv } from "../fixtures/identity.ts";
import { deliver, messageOf, outcomeOf } from "./kit.ts";

let organizationId: string;
beforeEach(async () => {
  ({ organizationId } = await makeOrganization());
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});

const eventOf = (at = Date.now()): StreamEvent => ({
  id: newId(at),
  organizationId,
  type: "custom",
  source: "api",
  data: {},
  occurredAt: at,
  depth: 0,
});
/** Away for so many questions on; dead letters could be written again right after. */
const blinking = (answers: number, awayFor: number): Env => {
  let asked = 0;
  const away = awayAfter(0).db;
  const isAway = () => ++asked > answers && asked <= answers + awayFor;
  const DB = {
    prepare: (query: string) => db.prepare(query),
    batch: (all: D1PreparedStatement[]) => (isAway() ? away.batch([]) : db.batch(all)),
  };
  return { ...testEnv, DB: DB as unknown as D1Database };
};
const letters = async () =>
  (await db.prepare("SELECT subject_id FROM dead_letters WHERE org_id = ?1").bind(organizationId).all()).results;
const lastAttempt = QUEUES.events.retries + 1;

describe("events", () => {
  it("are tried again, later and later, as one batch", async () => {
    const events = [eventOf(), eventOf()];
    const batch = createMessageBatch(
      "events",
      events.map((event, index) => ({
        id: event.id,
        timestamp: new Date(),
        attempts: 3 + index,
        body: messageOf(event),
      })),
    ) as MessageBatch;
    const retries = batch.messages.map((message) => vi.spyOn(message, "retry"));
    await worker.queue(batch, blinking(0, 1));
    // One question, though the batch comes back: each message alone would only add to the load.
    expect(retries.map((retry) => retry.mock.calls)).toEqual([[[{ delaySeconds: 16 }]], [[{ delaySeconds: 32 }]]]);
    expect(await outcomeOf(events[0]!.id)).toBeNull();
  });

  it("are left to their outboxes at the last attempt, not buried", async () => {
    const event = eventOf();
    // Away when it is read and when its outcome is written: the log has it then.
    for (const answers of [0, 1]) {
      const { result } = await deliver([{ body: messageOf(event), attempts: lastAttempt }], blinking(answers, 1));
      expect([result.explicitAcks.length, result.retryMessages.length]).toEqual([1, 0]);
      expect(await outcomeOf(event.id)).toBeNull();
    }
    expect(await letters()).toEqual([]);
    // Sent again.
    await deliver([{ body: messageOf(event) }]);
    expect(await outcomeOf(event.id)).not.toBeNull();
  });

  it("are buried when they did not get through for hours", async () => {
    const event = eventOf(Date.now() - 7 * 3_600_000);
    await deliver([{ body: messageOf(event), attempts: lastAttempt }], blinking(0, 1));
    expect(await letters()).toEqual([{ subject_id: event.id }]);
  });
});

describe("what the platform gave up", () => {
  it("waits for the database, and is a dead letter then", async () => {
    const event = eventOf();
    const waiting = await deliver([{ body: messageOf(event) }], blinking(0, 1), QUEUES.events.dead);
    expect([waiting.result.retryBatch.retry, waiting.result.ackAll]).toEqual([true, false]);
    expect(await letters()).toEqual([]);
    const stored = await deliver([{ body: messageOf(event), attempts: 2 }], testEnv, QUEUES.events.dead);
    expect(stored.result.ackAll).toBe(true);
    expect(await letters()).toEqual([{ subject_id: event.id }]);
  });

  it("goes back to the platform for a bug of ours", async () => {
    const broken = { ...testEnv, DB: awayAfter(0, "D1_ERROR: no such table: dead_letters").db };
    const unread = deliver([{ body: messageOf(eventOf()) }], broken, QUEUES.projections.dead);
    await expect(unread).rejects.toThrow("no such table");
  });
});
