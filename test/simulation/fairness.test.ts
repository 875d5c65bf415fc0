// Many organisations share one queue. What one of them causes by the thousand delays another's event by a bounded number of batches, and nothing of
// it is lost.
import { expect, it, vi } from "vitest";
import type { StreamEvent } from "../../src/domain/event.ts";
import { newId } from "../../src/lib/ids.ts";
import { INBOX_SHARDS, MAX_OF_INBOX } from "../../src/objects/rpc.ts";
import { MAX_BATCH_MESSAGES } from "../../src/queue/catalogue.ts";
import { Stream } from "./stream.ts";

vi.spyOn(console, "warn").mockImplementation(() => {});

const eventOf = (organizationId: string, depth: number): StreamEvent => {
  const now = Date.now();
  const about = { organizationId, type: "CAUSED", source: "execution:x", data: {}, occurredAt: now, depth };
  return { id: newId(now), ...about };
};

/** Batches until another organisation's event is processed, with a storm before it; the storm goes on to its end then. */
const delayBehind = async (stream: Stream, storm: { events: number; depth: number; workflows: number }) => {
  for (let n = 0; n < storm.workflows; n++) await stream.subscribe("storm", "CAUSED");
  await stream.subscribe("calm", "CAUSED");
  await Promise.all(Array.from({ length: storm.events }, () => stream.accept(eventOf("storm", storm.depth))));
  const other = eventOf("calm", 1);
  await stream.accept(other);
  while (!(await stream.isProcessed(other.id))) await stream.deliver();
  const { batches } = stream;
  await stream.drain();
  return batches;
};

/** Every batch that the storm may have on the queue, and the one that the event is in. */
const BOUND = Math.ceil((INBOX_SHARDS * MAX_OF_INBOX) / MAX_BATCH_MESSAGES) + 1;

it.each([
  { name: "many events", storm: { events: 2_000, depth: 1, workflows: 1 } },
  { name: "many events that start many runs, which have a budget", storm: { events: 600, depth: 2, workflows: 40 } },
])("a storm of $name delays another's event by no more than the storm may have on the queue", async ({ storm }) => {
  const stream = new Stream(MAX_OF_INBOX);
  expect(await delayBehind(stream, storm)).toBeLessThanOrEqual(BOUND);
  expect(stream.pending).toBe(0);
  expect(stream.runs.size).toBe(storm.events * storm.workflows + 1);
  const open = "SELECT id FROM events WHERE outcome IS NULL";
  expect(await stream.rows(open)).toEqual([]);
  expect((await stream.rows("SELECT id FROM events")).length).toBe(stream.accepted.size);
});

it("would delay it by the whole of the storm without that bound", async () => {
  const storm = { events: 2_000, depth: 1, workflows: 1 };
  expect(await delayBehind(new Stream(Number.POSITIVE_INFINITY), storm)).toBeGreaterThan(3 * BOUND);
});
