// Open streams over a log, with a clock that the test moves: heartbeats, clients that do not take what there is, and streams that have lasted.
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { LiveEvent } from "../../src/domain/feed/live-event.ts";
import { newId } from "../../src/lib/ids.ts";
import { FeedLog, MAX_EVENTS } from "../../src/objects/feed/log.ts";
import { Streams } from "../../src/objects/feed/streams.ts";
import { testEnv } from "../fixtures/identity.ts";
import { StreamReader } from "./stream-reader.ts";

const LISTENER = { userId: "ann", username: "ann" };
const event = (n: number) =>
  ({ name: "workflow_updated", data: { n, filler: "x".repeat(500) } }) as unknown as LiveEvent;
const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

/** In an object's own storage. */
const over = (test: (log: FeedLog, streams: Streams, left: () => number) => Promise<void>): Promise<void> =>
  runInDurableObject(testEnv.FEED.get(testEnv.FEED.idFromName(`${newId()}/w`)), async (_, state) => {
    const log = new FeedLog(state.storage);
    log.begin(Date.now());
    let gone = 0;
    const streams = new Streams(log, "w", () => gone++);
    await test(log, streams, () => gone);
    streams.end(() => true);
  });

const fill = async (log: FeedLog, streams: Streams, count: number) => {
  for (let n = 0; n < count; n++) log.append(event(n), Date.now());
  await log.show();
  streams.tell();
};

describe("a stream", () => {
  it("says something now and then, so that nobody on the way takes it for dead", () =>
    over(async (_, streams) => {
      const reader = new StreamReader(new Response(streams.open(LISTENER, undefined, Date.now())));
      await settled();
      streams.beat(Date.now());
      await settled();
      streams.beat(Date.now());
      await settled();
      expect(reader.comments).toEqual(["live", "heartbeat", "heartbeat"]);
      await reader.leave();
    }));

  it("holds one piece for a client that takes nothing, and is cut after a while; others are not held up", () =>
    over(async (log, streams, left) => {
      const now = Date.now();
      const slow = streams.open(LISTENER, undefined, now).getReader();
      const reader = new StreamReader(new Response(streams.open(LISTENER, undefined, now)));
      await fill(log, streams, 1_000);
      await settled();
      expect(reader.events.length).toBe(1_001);
      streams.beat(now + 29_000);
      expect(streams.size).toBe(2);
      streams.beat(now + 31_000);
      expect([streams.size, left()]).toEqual([1, 1]);
      await expect(slow.read()).rejects.toThrow(/slow/);
      await reader.leave();
      expect([streams.size, left()]).toEqual([0, 2]);
    }));

  it("says that something is missing when more came than is kept while its client was busy", () =>
    over(async (log, streams) => {
      const body = streams.open(LISTENER, undefined, Date.now());
      await settled();
      await fill(log, streams, MAX_EVENTS + 300);
      const reader = new StreamReader(new Response(body));
      await settled();
      const names = reader.events.map(({ name }) => name);
      expect(names.slice(0, 3)).toEqual(["connected", "gap", "workflow_updated"]);
      expect(reader.events[1]!.data).toEqual({ workflowId: "w", reason: "slow" });
      expect(reader.events.slice(2).map(({ data }) => data.n)).toEqual(
        Array.from({ length: MAX_EVENTS }, (_, n) => n + 300),
      );
      await reader.leave();
    }));

  it("gives nobody what is not durable yet, whatever else wakes it", () =>
    over(async (log, streams) => {
      const reader = new StreamReader(new Response(streams.open(LISTENER, undefined, Date.now())));
      log.append(event(1), Date.now());
      streams.beat(Date.now());
      const shown = log.show();
      expect(reader.events.length).toBe(0);
      await shown;
      streams.tell();
      await settled();
      expect(reader.events.map(({ data }) => data.n)).toEqual([undefined, 1]);
      await reader.leave();
    }));

  it("ends after an hour", () =>
    over(async (_, streams) => {
      const now = Date.now();
      const reader = new StreamReader(new Response(streams.open(LISTENER, undefined, now)));
      await settled();
      streams.beat(now + 3_599_000);
      await settled();
      expect(reader.ended).toBeUndefined();
      streams.beat(now + 3_601_000);
      await settled();
      expect(reader.ended).toBe("closed");
    }));
});
