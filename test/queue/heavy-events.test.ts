// An organisation whose filters cost much, in one batch with others.
import { expect, it, vi } from "vitest";
import type { StreamEvent } from "../../src/domain/event.ts";
import type { Env } from "../../src/env.ts";
import { newId } from "../../src/lib/ids.ts";
import type { EventMessage } from "../../src/queue/catalogue.ts";
import { db, makeOrganization, testEnv } from "../fixtures/identity.ts";
import { deliver, messageOf, outcomeOf } from "./kit.ts";

it("processes the others' events, and sends the rest to the end of the queue, unacknowledged", async () => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  const heavy = (await makeOrganization()).organizationId;
  const light = (await makeOrganization()).organizationId;
  // Counted as what comparing the lists might take at the worst: with fifteen such waits more than an event's budget, each time.
  const listOf = (length: number) => Array.from({ length }, () => 0);
  const filters = { field: "event.data.list", operator: "equals", value: listOf(400) };
  await db
    .prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 15)
         INSERT INTO waiters (key, org_id, event_type, execution_id, wait_key, filters, since)
         SELECT ?1 || '/' || i, ?1, 'costly', 'none', 'w:' || i, ?2, ?3 FROM n`,
    )
    .bind(heavy, JSON.stringify(filters), 1)
    .run();
  const costly = (organizationId: string): StreamEvent => {
    const now = Date.now();
    const data = { list: listOf(1_000) };
    return { id: newId(now), organizationId, type: "costly", source: "api", data, occurredAt: now, depth: 0 };
  };
  const ofHeavy = Array.from({ length: 30 }, () => costly(heavy));
  const ofLight = Array.from({ length: 30 }, () => costly(light));
  const sent: EventMessage[] = [];
  const acknowledged: string[] = [];
  const stub = { acknowledge: async (ids: string[]) => void acknowledged.push(...ids) };
  const env = {
    ...testEnv,
    EVENTS: {
      sendBatch: async (batch: { body: EventMessage }[]) => void sent.push(...batch.map(({ body }) => body)),
    },
    INBOX: { idFromName: (name: string) => name, get: () => stub },
  } as unknown as Env;
  const { result } = await deliver(
    [...ofHeavy, ...ofLight].map((event) => ({ body: messageOf(event) })),
    env,
  );
  expect(result.explicitAcks.length).toBe(60);
  for (const event of ofLight) expect(await outcomeOf(event.id)).not.toBeNull();
  expect(sent.length).toBeGreaterThan(0);
  expect(sent.length).toBeLessThan(30);
  expect(sent.every((message) => message.organizationId === heavy)).toBe(true);
  for (const message of sent) expect(await outcomeOf(message.id)).toBeNull();
  const deferred = new Set(sent.map((message) => message.id));
  const done = [...ofHeavy, ...ofLight].map((event) => event.id).filter((id) => !deferred.has(id));
  expect(acknowledged.toSorted()).toEqual(done.toSorted());
  // Each delivery gets on, until all are through.
  for (let rest = [...sent]; rest.length > 0; rest = sent.splice(0)) {
    sent.length = 0;
    await deliver(
      rest.map((body) => ({ body })),
      env,
    );
  }
  expect(new Set(acknowledged).size).toBe(60);
});
