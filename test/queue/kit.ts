// The consumer of events by itself: batches are made here and delivered to it.
import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import type { StreamEvent } from "../../src/domain/event.ts";
import { missedEvents } from "../../src/domain/waiter/listen.ts";
import type { RunEvent } from "../../src/engine/contract.ts";
import type { Env } from "../../src/env.ts";
import { newId } from "../../src/lib/ids.ts";
import type { EventMessage } from "../../src/queue/catalogue.ts";
import worker from "../../src/worker.ts";
import { db, testEnv } from "../fixtures/identity.ts";

export const messageOf = (event: StreamEvent): EventMessage => ({
  id: event.id,
  organizationId: event.organizationId,
  outbox: { kind: "inbox", name: `${event.organizationId}/test` },
  acceptedAt: event.occurredAt,
  event,
});

type Delivered = { body: unknown; attempts?: number };

export const deliver = async (messages: Delivered[], env: Env = testEnv, queue = "events") => {
  const batch = createMessageBatch(
    queue,
    messages.map(({ body, attempts = 1 }) => ({ id: newId(), timestamp: new Date(), attempts, body })),
  );
  const context = createExecutionContext();
  await worker.queue(batch as MessageBatch, env);
  return { batch, result: await getQueueResult(batch as MessageBatch, context) };
};

export const outcomeOf = async (id: string) => {
  const text = await db.prepare("SELECT outcome FROM events WHERE id = ?1").bind(id).first<string>("outcome");
  return text === null ? null : JSON.parse(text);
};

/** All events of a type that a run's wait since then has missed. */
export const missedBy = async (
  run: Parameters<typeof missedEvents>[1],
  eventType: string,
  since: number,
): Promise<RunEvent[]> => {
  const all: RunEvent[] = [];
  for (let after: string | null = null, isFirst = true; isFirst || after !== null; isFirst = false) {
    const { events, next } = await missedEvents(db, run, { wait: { eventType }, since }, after);
    all.push(...events);
    after = next;
  }
  return all;
};
