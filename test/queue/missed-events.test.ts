// What a run hears when its wait stands: the events that came since it began to wait, although nobody found it in the index yet.
import { expect, it } from "vitest";
import { startListening } from "../../src/domain/waiter/listen.ts";
import { newId } from "../../src/lib/ids.ts";
import { db, makeOrganization } from "../fixtures/identity.ts";
import { deliver, messageOf } from "./kit.ts";

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
  const missed = await startListening(db, run, { key: "w:1", wait: { eventType: "MESSAGE_SENT" }, since });
  expect(missed.map(({ data }) => data.hours)).toEqual([20, 0]);
});
