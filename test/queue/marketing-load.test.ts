// Events of which one in a hundred matches one of many marketing workflows with nested filters, through the consumer in full batches: what they cost.
// `npm run bench -- marketing` runs it in mode `bench`: ten thousand events, two hundred workflows, each with runs that keep nothing in the database
// and with runs that send a message. As a test it is small.
import { beforeAll, expect, it, vi } from "vitest";
import type { StreamEvent } from "../../src/domain/event.ts";
import { newId } from "../../src/lib/ids.ts";
import { MAX_BATCH_MESSAGES } from "../../src/queue/catalogue.ts";
import { call, make } from "../api/marketing/kit.ts";
import { db, makeOrganization, type Tenant, testEnv } from "../fixtures/identity.ts";
import { dataOf, filtersOf, meantOf } from "../fixtures/marketing-load.ts";
import { CountingWorld, type Counts } from "../objects/counting.ts";
import { eventually } from "../objects/kit.ts";
import { messageOf } from "./kit.ts";

const { MODE } = (import.meta as unknown as { env: { MODE: string } }).env;
const { workflows: WORKFLOWS, events: EVENTS } =
  MODE === "bench" ? { workflows: 200, events: 10_000 } : { workflows: 12, events: 600 };
const PEOPLE = 50;
const MEANT = meantOf(EVENTS);

const ACTIONS = {
  webhook: { url: "https://example.com/hook", method: "POST", payload: { name: "{{user.first_name}}" } },
  send_message: { message: "خوش آمدید {{user.first_name}}!" },
};

const world = new CountingWorld();
const people = Array.from({ length: PEOPLE }, () => newId());
const table: Record<string, number | string>[] = [];
let owner: Tenant;
let action: string;

/** Made as the document makes it. */
const campaign = async (n: number): Promise<void> => {
  const trigger = { name: `T${n}`, trigger_type: "MESSAGE_RECEIVED", filters: filtersOf(n) };
  const trigger_id = await make(owner, "/triggers/", trigger);
  const id = await make(owner, "/workflows/", { name: `Campaign ${n}`, max_executions: 0 });
  await call(owner, "POST", `/workflows/${id}/add_trigger/`, { trigger_id, priority: n });
  await call(owner, "POST", `/workflows/${id}/add_action/`, { action_id: action });
  expect((await call(owner, "POST", `/workflows/${id}/activate/`)).body).toMatchObject({ status: "ACTIVE" });
};

beforeAll(async () => {
  vi.spyOn(globalThis, "fetch").mockImplementation(async () => Response.json({ ok: true }));
  owner = await makeOrganization();
  const contact = db.prepare(
    `INSERT INTO contacts (org_id, id, attributes, created_at, updated_at) VALUES (?1, ?2, '{"first_name":"زهرا"}', 1, 1)`,
  );
  await db.batch(people.map((id) => contact.bind(owner.organizationId, id)));
  action = await make(owner, "/actions/", { name: "A", action_type: "webhook", configuration: ACTIONS.webhook });
  for (let n = 0; n < WORKFLOWS; n++) await campaign(n);
}, 600_000);

const count = (rest: string) =>
  db.prepare(`SELECT count(*) AS n FROM ${rest}`).bind(owner.organizationId).first<number>("n");

/** What full batches of them cost, one after the other. */
const carry = async (): Promise<{ spent: Counts[]; ms: number }> => {
  const { organizationId } = owner;
  const bodies = Array.from({ length: EVENTS }, (_, n) => {
    const event: StreamEvent = {
      ...{ id: newId(), organizationId, type: "MESSAGE_RECEIVED", source: "api", depth: 0 },
      ...{ contactId: people[n % PEOPLE]!, data: dataOf(n, WORKFLOWS, MEANT.has(n)), occurredAt: Date.now() },
    };
    return { body: messageOf(event) };
  });
  const spent: Counts[] = [];
  let ms = 0;
  world.take();
  for (let from = 0; from < EVENTS; from += MAX_BATCH_MESSAGES) {
    await world.env.EVENTS.sendBatch(bodies.slice(from, from + MAX_BATCH_MESSAGES));
    const begun = performance.now();
    await world.deliver("events");
    ms += performance.now() - begun;
    spent.push(world.take());
  }
  return { spent, ms };
};

const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((a, b) => a + b, 0);

const told = (runs: string, { spent, ms }: Awaited<ReturnType<typeof carry>>) => {
  const each = (of: (counts: Counts) => number) => spent.reduce((all, counts) => all + of(counts), 0) / EVENTS;
  const statements = each(({ d1 }) => d1.statements);
  table.push({
    "its runs": runs,
    events: EVENTS,
    workflows: WORKFLOWS,
    "events a second": Math.round((1000 * EVENTS) / ms),
    "D1 round trips an event": each(({ d1 }) => d1.requests).toFixed(3),
    "D1 statements an event": statements.toFixed(3),
    "D1 rows read an event": each(({ d1 }) => d1.rowsRead).toFixed(1),
    "D1 rows written an event": each(({ d1 }) => d1.rowsWritten).toFixed(1),
    "object calls an event": each(({ calls }) => sum(calls)).toFixed(3),
  });
  return statements;
};

it("the consumer needs less than a statement for ten events", { timeout: 600_000 }, async () => {
  const carried = await carry();
  expect(await count("executions WHERE org_id = ?1")).toBe(MEANT.size);
  // The log says of each event whom it started, and why it did not start the others.
  const most = Math.min(50, WORKFLOWS);
  const missed = (least: number) => `events WHERE org_id = ?1 AND json_array_length(outcome, '$.missed') >= ${least}`;
  expect(await count(missed(most))).toBeGreaterThanOrEqual(EVENTS - MEANT.size);
  expect(await count(missed(most - 1))).toBe(EVENTS);
  expect(fetch).toHaveBeenCalledTimes(MEANT.size);
  // What starts nothing takes the log, three reads and the outcomes.
  expect(Math.min(...carried.spent.map(({ d1 }) => d1.statements))).toBe(5);
  expect(told("one request", carried)).toBeLessThan(0.1);
});

it("a run that sends a message adds its own", { timeout: 600_000 }, async () => {
  const change = { action_type: "send_message", configuration: ACTIONS.send_message };
  expect((await call(owner, "PATCH", `/actions/${action}/`, change)).body).toMatchObject(change);
  const carried = await carry();
  await eventually(async () => (await count("messages WHERE org_id = ?1")) === MEANT.size, 20_000);
  const read = testEnv.DB.prepare("SELECT DISTINCT body FROM messages WHERE org_id = ?1").bind(owner.organizationId);
  expect((await read.all()).results).toEqual([{ body: "خوش آمدید زهرا!" }]);
  expect(told("one message", carried)).toBeLessThan(0.3);
  console.log(`counted: ${JSON.stringify(table)}`);
});
