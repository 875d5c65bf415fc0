// Events that were written with what they tell of, and that nobody lived to tell: the sweeper does, whichever of them cannot be told.

import { runDurableObjectAlarm } from "cloudflare:test";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { conversationIdOf } from "../../src/domain/conversation/conversation-id.ts";
import { tellLeftBehind, tellUntold } from "../../src/domain/event/tell-untold.ts";
import type { StreamEvent } from "../../src/domain/event.ts";
import { newId } from "../../src/lib/ids.ts";
import { inboxPort } from "../../src/objects/inbox-port.ts";
import { sweeperStub } from "../../src/objects/rpc.ts";
import { db, testEnv } from "../fixtures/identity.ts";
import { eventually } from "./kit.ts";

const organizationId = newId();
const left = async () =>
  (await db.prepare("SELECT id FROM untold_events ORDER BY id").all<{ id: string }>()).results.map(({ id }) => id);
const eventOf = (at: number): StreamEvent => ({
  ...{ id: newId(at), organizationId, type: "MESSAGE_SENT", source: "test", data: {}, occurredAt: at, depth: 1 },
});
const write = async (event: StreamEvent, at: number) => {
  await db
    .prepare("INSERT INTO untold_events (org_id, id, event, dedupe_key, created_at) VALUES (?1, ?2, ?3, ?2, ?4)")
    .bind(organizationId, event.id, JSON.stringify(event), at)
    .run();
  return event.id;
};

beforeEach(async () => {
  await db.prepare("DELETE FROM untold_events").run();
});

describe("an event that was left behind", () => {
  it("is told although the process died right after it was written", async () => {
    const id = newId();
    // What the claim's batch leaves behind when nobody lives to tell it.
    const conversationId = await conversationIdOf(id, "sms");
    const event = {
      id: newId(),
      organizationId,
      type: "CONVERSATION_CREATED",
      source: "execution:x",
      contactId: id,
      conversationId,
      data: { conversation_id: conversationId, channel: "sms" },
      occurredAt: 1,
      depth: 1,
    };
    await db
      .prepare("INSERT INTO untold_events (org_id, id, event, dedupe_key, created_at) VALUES (?1, ?2, ?3, ?4, 1)")
      .bind(organizationId, event.id, JSON.stringify(event), `conversation.created:${conversationId}`)
      .run();
    const world = { db: testEnv.DB, inbox: inboxPort(testEnv), now: () => Date.now() };
    expect(await tellLeftBehind(world)).toBe(false);
    await eventually(
      async () =>
        (await db.prepare("SELECT outcome FROM events WHERE id = ?1").bind(event.id).first("outcome")) !== null,
    );
    expect(await left()).toEqual([]);
  });

  it("is found by the sweeper", async () => {
    const id = await write(eventOf(1), 1);
    await sweeperStub(testEnv).ensure();
    await runDurableObjectAlarm(testEnv.SWEEPER.get(testEnv.SWEEPER.idFromName("sweeper")));
    expect(await left()).toEqual([]);
    await eventually(
      async () => (await db.prepare("SELECT outcome FROM events WHERE id = ?1").bind(id).first("outcome")) !== null,
    );
  });

  it("holds up no other when it cannot be told", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const bad = await Promise.all(Array.from({ length: 50 }, (_, index) => write(eventOf(index + 1), index + 1)));
    const good = await write(eventOf(1_000), 1_000);
    const accept = async ({ id }: StreamEvent) => {
      if (bad.includes(id)) throw new Error("too large");
      return { id, duplicate: false };
    };
    let now = 100_000;
    const world = { db: testEnv.DB, inbox: { accept }, now: () => now } as unknown as Parameters<
      typeof tellLeftBehind
    >[0];
    expect(await tellLeftBehind(world)).toBe(true);
    expect(await left()).toEqual([...bad, good].sort());
    expect(await tellLeftBehind(world)).toBe(false);
    expect(await left()).toEqual([...bad].sort());
    // They are not given up.
    bad.splice(0, 25);
    now += 60_000;
    await tellLeftBehind(world);
    expect(await left()).toEqual([...bad].sort());
    log.mockRestore();
  });

  it("is answered for when some cannot be told", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const events = [eventOf(1), eventOf(2), eventOf(3)];
    for (const event of events) await write(event, 1);
    const accept = async ({ id }: StreamEvent) => {
      if (id === events[0]!.id) throw new Error("inbox is down");
    };
    const rows = events.map((event) => ({ organizationId, id: event.id, event: { ...event }, dedupeKey: event.id }));
    const world = { db: testEnv.DB, inbox: { accept } } as unknown as Parameters<typeof tellUntold>[0];
    expect((await tellUntold(world, rows as never)).map(({ id }) => id)).toEqual([events[0]!.id]);
    expect(await left()).toEqual([events[0]!.id]);
    log.mockRestore();
  });
});
