// What a run hears when its wait stands: the events that came since it began to wait, although nobody found it in the index yet.
import { expect, it } from "vitest";
import { LOG_SCAN } from "../../src/db/queries/waiters.ts";
import { missedEvents } from "../../src/domain/waiter/listen.ts";
import { newId } from "../../src/lib/ids.ts";
import { executionStub } from "../../src/objects/execution/rpc.ts";
import { db, makeOrganization, testEnv } from "../fixtures/identity.ts";
import { definition, eventually, makeWorkflow } from "../objects/kit.ts";
import { deliver, messageOf, missedBy } from "./kit.ts";

/** Events of a type that is told by nobody, as a consumer would have logged them while the run was away. */
const logMany = (organizationId: string, type: string, from: number, n: number, data = "json_object('n', value)") =>
  db
    .prepare(
      `WITH RECURSIVE c (value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM c WHERE value < ?5 - 1)
       INSERT INTO events (org_id, id, type, source, data, occurred_at, received_at, depth, outcome)
       SELECT ?1, ?3 || printf('%012d', value), ?2, 'x', ${data}, ?4, ?4, 0, '{}' FROM c`,
    )
    .bind(organizationId, type, newId(from).slice(0, 24), from, n)
    .run();

it("hears of a message that was held back for hours and left as soon as the run waited for it", async () => {
  const { organizationId } = await makeOrganization();
  const contactId = newId();
  const since = Date.now();
  // The event's id follows from the message's, which was planned in the evening before.
  const sent = (hours: number, occurredAt: number) => ({
    ...{ id: newId(since - hours * 3_600_000), organizationId, type: "MESSAGE_SENT", source: "execution:x", contactId },
    ...{ data: { hours }, occurredAt, depth: 1 },
  });
  const events = [sent(20, since + 1), sent(0, since + 2), sent(1, since - 1)];
  await deliver(events.map((event) => ({ body: messageOf(event) })));
  const run = { executionId: newId(), organizationId, contact: { id: contactId } };
  const missed = await missedBy(run, "MESSAGE_SENT", since);
  expect(missed.map(({ data }) => data.hours)).toEqual([20, 0]);
});

it("looks at so many events at once, whatever their type, and goes on behind them", async () => {
  const { organizationId } = await makeOrganization();
  const since = Date.now();
  await logMany(organizationId, "OTHER", since, LOG_SCAN);
  await logMany(organizationId, "WANTED", since + 1, 1);
  const run = { executionId: newId(), organizationId, contact: null };
  const wait = { wait: { eventType: "WANTED" }, since };
  const first = await missedEvents(db, run, wait, null);
  expect(first).toEqual({ events: [], next: expect.stringMatching(/009999$/) });
  const second = await missedEvents(db, run, wait, first.next);
  expect(second).toMatchObject({ events: [{ type: "WANTED" }], next: null });
});

it("has no more in memory than it may, however large they are", async () => {
  const { organizationId } = await makeOrganization();
  const since = Date.now();
  await logMany(organizationId, "LARGE", since, 7, "json_object('n', value, 'text', hex(zeroblob(700000)))");
  const run = { executionId: newId(), organizationId, contact: null };
  const pages: number[][] = [];
  for (let after: string | null = null, page = 0; page === 0 || after !== null; page++) {
    const { events, next } = await missedEvents(db, run, { wait: { eventType: "LARGE" }, since }, after);
    pages.push(events.map(({ data }) => data.n as number));
    after = next;
  }
  expect(pages).toEqual([[0, 1], [2, 3], [4, 5], [6]]);
});

it("is heard by a run a page at a time, in order, the last page as well; then the run listens", async () => {
  const { organizationId } = await makeOrganization();
  const wanted = { field: "event.data.n", operator: "equals", value: 1_234 };
  const nodes = {
    t: { type: "trigger_manual", config: {} },
    w: { type: "action_wait_for_event", config: { event_type: "OUTAGE", filters: wanted } },
  };
  const workflow = await makeWorkflow(organizationId, definition(nodes, ["t", "w"]));
  // A minute ahead, so that all of them come after the wait begins.
  await logMany(organizationId, "OUTAGE", Date.now() + 60_000, 1_300);
  const executionId = newId();
  const execution = executionStub(testEnv, executionId);
  const manual = { id: newId(), type: "MANUAL_TRIGGER", source: "api", data: {}, occurredAt: 1 };
  await execution.start({
    ...{ ...workflow, executionId, startNodes: [], event: manual, variables: {}, metadata: {} },
    ...{ dryRun: false, eventDepth: 0 },
  });
  await eventually(async () => (await execution.read(organizationId))?.status === "completed");
  const journal = (await execution.journal(organizationId))!.map(({ input }) => input as { type: string });
  expect(journal.map(({ type }) => type)).toEqual(["start", "event"]);
  expect(journal[1]).toMatchObject({ event: { data: { n: 1_234 } } });
  expect(await execution.verify(organizationId)).toMatchObject({ equal: true });
});
