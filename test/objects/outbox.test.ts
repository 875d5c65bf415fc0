// The outbox over a real object's SQLite, with a queue that the test can fail.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { MAX_EVENT_BYTES, type StreamEvent } from "../../src/domain/event.ts";
import { newId } from "../../src/lib/ids.ts";
import { Outbox, RESEND_FIRST_MS, SEEN_MS, SWEEP } from "../../src/objects/outbox.ts";
import type { InboxRpc } from "../../src/objects/rpc.ts";
import type { EventMessage } from "../../src/queue/catalogue.ts";
import { db, testEnv } from "../fixtures/identity.ts";
import { eventually } from "./kit.ts";

const address = { kind: "inbox", name: "test/0" } as const;

const eventOf = (data: StreamEvent["data"] = {}): StreamEvent => ({
  id: newId(),
  organizationId: "org",
  type: "custom",
  source: "api",
  data,
  occurredAt: 1_000,
  depth: 0,
});

/** Remembers batches; `fail` rejects the next ones; `hold` keeps them until released. */
const fakeQueue = () => {
  const batches: EventMessage[][] = [];
  let failing = false;
  let gate = Promise.resolve();
  const queue = {
    sendBatch: async (messages: { body: EventMessage }[]) => {
      await gate;
      if (failing) throw new Error("queue is down");
      batches.push(messages.map((message) => message.body));
    },
  } as unknown as Queue;
  return {
    queue,
    batches,
    ids: () => batches.flat().map((message) => message.id),
    fail: (on: boolean) => {
      failing = on;
    },
    hold: () => {
      let release = () => {};
      gate = new Promise((resolve) => {
        release = () => resolve();
      });
      return release;
    },
  };
};

const stubOf = (name: string) => testEnv.INBOX.get(testEnv.INBOX.idFromName(name));

/** Runs `test` with the storage of a fresh object. A second outbox over the same storage is what a restart makes. */
const withStorage = (test: (sql: SqlStorage) => Promise<void>) =>
  runInDurableObject(stubOf(`outbox-${newId()}`), (_, state) => test(state.storage.sql));

describe("outbox", () => {
  it("leads a dedupe key to one event, also after it was acknowledged and after a restart", () =>
    withStorage(async (sql) => {
      const { queue } = fakeQueue();
      const outbox = new Outbox(sql, queue, address);
      const first = eventOf();
      expect(outbox.accept(first, "k", 5)).toEqual({
        eventId: first.id,
        occurredAt: 1_000,
        acceptedAt: 5,
        duplicate: false,
      });
      const repeated = { eventId: first.id, occurredAt: 1_000, acceptedAt: 5, duplicate: true };
      expect(outbox.accept(eventOf(), "k", 6)).toEqual(repeated);
      outbox.acknowledge([first.id]);
      expect(new Outbox(sql, queue, address).accept(eventOf(), "k", 7)).toEqual(repeated);
      expect(outbox.accept(eventOf(), "other", 8).duplicate).toBe(false);
    }));

  it("keeps two events without a key apart, and knows the same event by its id", () =>
    withStorage(async (sql) => {
      const outbox = new Outbox(sql, fakeQueue().queue, address);
      const event = eventOf({ same: true });
      expect(outbox.accept(event, undefined, 1).duplicate).toBe(false);
      expect(outbox.accept(eventOf({ same: true }), undefined, 1).duplicate).toBe(false);
      expect(outbox.accept(event, undefined, 2)).toMatchObject({ eventId: event.id, acceptedAt: 1, duplicate: true });
    }));

  it("stores nothing until something is accepted", () =>
    withStorage(async (sql) => {
      const outbox = new Outbox(sql, fakeQueue().queue, address);
      expect(outbox.find("k", 1)).toBeUndefined();
      expect(outbox.take(["x"])).toEqual([]);
      outbox.acknowledge(["x"]);
      expect(await outbox.sweep(1)).toBeNull();
      expect(sql.exec("SELECT name FROM sqlite_master WHERE name IN ('pending', 'seen')").toArray()).toEqual([]);
    }));

  it("sends what comes together in one batch, and what comes while it sends in the next", () =>
    withStorage(async (sql) => {
      const fake = fakeQueue();
      const outbox = new Outbox(sql, fake.queue, address);
      const release = fake.hold();
      const accept = () => {
        const event = eventOf();
        outbox.accept(event, undefined, 1);
        void outbox.flush();
        return event.id;
      };
      const first = Array.from({ length: 20 }, accept);
      await new Promise((resolve) => setTimeout(resolve, 100));
      const others = Array.from({ length: 20 }, accept);
      release();
      await outbox.flush();
      expect(fake.batches.map((batch) => batch.map((message) => message.id))).toEqual([first, others]);
      expect(fake.batches[0]![0]).toMatchObject({ organizationId: "org", outbox: address, acceptedAt: 1 });
    }));

  it("keeps batches within 100 messages and the queue's bytes, and sends large events by reference", () =>
    withStorage(async (sql) => {
      const fake = fakeQueue();
      const outbox = new Outbox(sql, fake.queue, address, 1_000);
      const large = eventOf({ text: "é".repeat(40_000) });
      const medium = Array.from({ length: 10 }, () => eventOf({ text: "x".repeat(50_000) }));
      const small = Array.from({ length: 250 }, () => eventOf());
      for (const event of [large, ...medium, ...small]) outbox.accept(event, undefined, 1);
      await outbox.flush();
      expect(fake.ids()).toEqual([large, ...medium, ...small].map((event) => event.id));
      for (const batch of fake.batches) {
        expect(batch.length).toBeLessThanOrEqual(100);
        expect(Buffer.byteLength(JSON.stringify(batch))).toBeLessThanOrEqual(256_000);
      }
      const reference = fake.batches[0]![0]!;
      expect(reference.event).toBeUndefined();
      expect(outbox.take([reference.id])).toEqual([large]);
      expect(fake.batches[0]![1]!.event).toEqual(medium[0]);
    }));

  it("sends again what is not acknowledged, ever more rarely, and stops when it is", () =>
    withStorage(async (sql) => {
      vi.useFakeTimers({ toFake: ["Date"] });
      try {
        const start = Date.now();
        const fake = fakeQueue();
        const outbox = new Outbox(sql, fake.queue, address);
        const event = eventOf();
        outbox.accept(event, undefined, start);
        await outbox.flush();
        const sendTimes: number[] = [];
        let due: number | null = start + RESEND_FIRST_MS;
        while (due !== null && due < start + 1_200_000) {
          vi.setSystemTime(due);
          const before = fake.batches.length;
          const next: number | null = await outbox.sweep(due);
          if (fake.batches.length > before) sendTimes.push((due - start) / 1000);
          expect(next === null || next > due).toBe(true);
          due = next;
        }
        expect(sendTimes).toEqual([10, 30, 70, 150, 310, 610, 910]);
        outbox.acknowledge([event.id]);
        expect(await outbox.sweep(due!)).toBeNull();
        expect(fake.batches.length).toBe(8);
      } finally {
        vi.useRealTimers();
      }
    }));

  it("keeps an event that could not be sent, and sends it when its time comes", () =>
    withStorage(async (sql) => {
      const fake = fakeQueue();
      const outbox = new Outbox(sql, fake.queue, address);
      fake.fail(true);
      const event = eventOf();
      const now = Date.now();
      expect(outbox.accept(event, "k", now).duplicate).toBe(false);
      await outbox.flush();
      expect(fake.batches).toEqual([]);
      fake.fail(false);
      await outbox.sweep(now + 2 * RESEND_FIRST_MS);
      expect(fake.ids()).toEqual([event.id]);
    }));

  it("after a restart sends at once what was pending", () =>
    withStorage(async (sql) => {
      const before = fakeQueue();
      const event = eventOf();
      new Outbox(sql, before.queue, address).accept(event, undefined, Date.now());
      const after = fakeQueue();
      await new Outbox(sql, after.queue, address).sweep(Date.now());
      expect(before.batches).toEqual([]);
      expect(after.ids()).toEqual([event.id]);
    }));

  it("after a restart sends all that was pending, a part each wake, while none of it is acknowledged", () =>
    withStorage(async (sql) => {
      const now = Date.now();
      const before = new Outbox(sql, fakeQueue().queue, address);
      const ids = Array.from({ length: 2 * SWEEP + 5 }, (_, index) => {
        const event = { ...eventOf(), id: String(index).padStart(6, "0") };
        before.accept(event, undefined, now);
        return event.id;
      });
      const fake = fakeQueue();
      const outbox = new Outbox(sql, fake.queue, address, 10 * SWEEP);
      const next = await outbox.sweep(now);
      expect(fake.ids()).toEqual(ids.slice(0, SWEEP));
      expect(next).toBeLessThanOrEqual(now + 1_000);
      await outbox.sweep(now);
      expect(await outbox.sweep(now)).toBeGreaterThan(now + 1_000);
      expect(fake.ids()).toEqual(ids);
      expect(await outbox.sweep(now)).toBeLessThanOrEqual(now + 1_000);
      expect(fake.ids()).toEqual(ids);
    }));

  it("has no more on the queue than it may, goes on as it is acknowledged, in order, and after a restart as well", () =>
    withStorage(async (sql) => {
      const now = Date.now();
      const first = fakeQueue();
      let outbox = new Outbox(sql, first.queue, address, 20);
      const ids = Array.from({ length: 55 }, (_, index) => {
        const event = { ...eventOf({ text: "x".repeat(index) }), id: String(index).padStart(6, "0") };
        outbox.accept(event, undefined, now);
        return event.id;
      });
      await outbox.flush();
      expect(first.ids()).toEqual(ids.slice(0, 20));
      outbox.acknowledge(ids.slice(5, 15));
      await outbox.flush();
      expect(first.ids()).toEqual(ids.slice(0, 30));
      // Nothing else goes before its time, and what is not acknowledged goes again then.
      await outbox.sweep(now);
      expect(first.ids()).toEqual(ids.slice(0, 30));
      await outbox.sweep(now + 60_000);
      expect(first.ids().slice(30)).toEqual([...ids.slice(0, 5), ...ids.slice(15, 30)]);

      const second = fakeQueue();
      outbox = new Outbox(sql, second.queue, address, 20);
      const left = [...ids.slice(0, 5), ...ids.slice(15)];
      for (let round = 0; round < 3; round++) {
        await outbox.sweep(now);
        await outbox.flush();
        expect(second.ids()).toEqual(left.slice(0, 20 * (round + 1)));
        outbox.acknowledge(second.batches.at(-1)!.map(({ id }) => id));
        await outbox.flush();
      }
      expect(outbox.size).toBe(0);
      expect(second.batches.flat().map(({ event }) => event!.data.text)).toHaveLength(45);
    }));

  it("forgets keys when their time is over, and wants no alarm then", () =>
    withStorage(async (sql) => {
      const outbox = new Outbox(sql, fakeQueue().queue, address);
      const event = eventOf();
      outbox.accept(event, "k", 1);
      outbox.acknowledge([event.id]);
      expect(await outbox.sweep(2)).toBeGreaterThan(2);
      const later = new Outbox(sql, fakeQueue().queue, address);
      const at = SEEN_MS + 86_400_000;
      expect(later.accept(eventOf(), "k", SEEN_MS).duplicate).toBe(true);
      expect(await later.sweep(at)).toBeNull();
      expect(later.accept(eventOf(), "k", at).duplicate).toBe(false);
    }));

  it("knows a key after the clock went back, and forgets many keys a part at a time", () =>
    withStorage(async (sql) => {
      const outbox = new Outbox(sql, fakeQueue().queue, address);
      const day = 86_400_000;
      outbox.accept(eventOf(), "k", 20 * day);
      expect(outbox.accept(eventOf(), "k", 20 * day - 60_000).duplicate).toBe(true);
      sql.exec(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)
         INSERT INTO seen (day, key, event_id, occurred_at, accepted_at) SELECT 1, i, 'e', 1, 1 FROM n`,
      );
      const left = () => sql.exec<{ n: number }>("SELECT count(*) AS n FROM seen").one().n;
      const wakes = [];
      for (let wake = 0; wake < 3; wake++) wakes.push([(await outbox.sweep(20 * day))! - 20 * day, left()]);
      expect(wakes.map(([, keys]) => keys)).toEqual([7_001, 2_001, 1]);
      expect(wakes[0]![0]).toBeLessThanOrEqual(1_000);
    }));

  it("accepts nothing that no row would hold", () =>
    withStorage(async (sql) => {
      const outbox = new Outbox(sql, fakeQueue().queue, address);
      const event = eventOf({ text: "x".repeat(MAX_EVENT_BYTES) });
      expect(() => outbox.accept(event, "k", 1)).toThrow(/bytes/);
      expect(outbox.find("k", 1)).toBeUndefined();
    }));

  it("sends again what is large and what is small, each as it was sent first", () =>
    withStorage(async (sql) => {
      const events = [
        eventOf({ text: "x".repeat(100_000) }),
        eventOf({ n: 1 }),
        eventOf({ text: "é".repeat(100_000) }),
      ];
      const before = fakeQueue();
      const outbox = new Outbox(sql, before.queue, address);
      for (const event of events) outbox.accept(event, undefined, 1);
      await outbox.flush();
      const after = fakeQueue();
      await new Outbox(sql, after.queue, address).sweep(Date.now());
      const byId = ({ batches }: typeof after) => batches.flat().toSorted((a, b) => (a.id < b.id ? -1 : 1));
      expect(byId(after)).toEqual(byId(before));
      expect(after.batches.flat().flatMap(({ event }) => event ?? [])).toEqual([events[1]]);
    }));
});

describe("inbox", () => {
  const processed = (id: string) =>
    eventually(() =>
      db.prepare("SELECT outcome FROM events WHERE id = ?1 AND outcome IS NOT NULL").bind(id).first<string>("outcome"),
    );
  const emptied = (stub: DurableObjectStub) =>
    eventually(() =>
      runInDurableObject(stub, (_, state) => state.storage.sql.exec("SELECT count(*) AS n FROM pending").one().n === 0),
    );

  it("accepts with an alarm, is processed, and is acknowledged", async () => {
    const event = eventOf();
    const stub = stubOf(`org-${newId()}/0`);
    const answer = await (stub as unknown as InboxRpc).accept(event);
    expect(answer).toEqual({ eventId: event.id, duplicate: false });
    const alarm = await runInDurableObject(stub, (_, state) => state.storage.getAlarm());
    expect(alarm).toBeGreaterThan(Date.now());
    expect(alarm).toBeLessThanOrEqual(Date.now() + RESEND_FIRST_MS);
    expect(JSON.parse(await processed(event.id))).toEqual({ started: [], delivered: [], missed: [] });
    await emptied(stub);
  });

  it("sends by its alarm what a killed life accepted and the queue lost", async () => {
    const event = eventOf();
    const name = `org-${newId()}/0`;
    const stub = stubOf(name);
    await runInDurableObject(stub, async (_, state) => {
      // The local queue is lost with its process: here it never gets the message.
      new Outbox(state.storage.sql, fakeQueue().queue, { kind: "inbox", name }).accept(event, undefined, Date.now());
      await state.storage.setAlarm(Date.now() + RESEND_FIRST_MS);
    });
    await evictDurableObject(stub);
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    await processed(event.id);
    await emptied(stub);
  });
});
