// What the log says of an event stays small, however large the event is and however many listen for it in vain.
import { expect, it } from "vitest";
import type { StreamEvent } from "../../src/domain/event.ts";
import { newId } from "../../src/lib/ids.ts";
import { db, makeOrganization } from "../fixtures/identity.ts";
import { makeWorkflow, subscribe, trivial } from "../objects/kit.ts";
import { deliver, messageOf, outcomeOf } from "./kit.ts";

const missed = (field: string) => ({ field, operator: "equals", value: "never" });

const organizationWith = async (workflows: number, field: string): Promise<string> => {
  const { organizationId } = await makeOrganization();
  for (let n = 0; n < workflows; n++) {
    const workflow = await makeWorkflow(organizationId, trivial("trigger_event", { event_type: "long" }));
    await subscribe(workflow, { eventType: "long", filters: missed(field) });
  }
  return organizationId;
};

const long = (organizationId: string, chars: number): StreamEvent => {
  const now = Date.now();
  const data = { text: "ü".repeat(chars), list: ["ü".repeat(chars)] };
  return { id: newId(now), organizationId, type: "long", source: "api", data, occurredAt: now, depth: 0 };
};

const sizeOf = (id: string) =>
  db.prepare("SELECT octet_length(outcome) AS n FROM events WHERE id = ?1").bind(id).first<number>("n");

it.each(["event.data.text", "event.data.list"])(
  "a large %s that many filters read is shown by its beginning",
  async (field) => {
    const event = long(await organizationWith(52, field), 12_000);
    const { result } = await deliver([{ body: messageOf(event) }]);
    expect(result.retryMessages).toEqual([]);
    const outcome = await outcomeOf(event.id);
    expect(outcome.missed).toHaveLength(50);
    expect(outcome.missed[0].failed).toMatchObject({ field, operator: "equals", expected: "never" });
    expect(outcome.missed[0].failed.actual).toMatch(/^(\[")?ü{400,}…$/);
    expect(await sizeOf(event.id)).toBeLessThan(100_000);
  },
);

it("a batch whose outcomes are more than a statement holds is processed at once", async () => {
  const organizationId = await organizationWith(50, "event.data.text");
  const events = Array.from({ length: 60 }, () => long(organizationId, 1_000));
  const { result } = await deliver(events.map((event) => ({ body: messageOf(event) })));
  expect(result.retryMessages).toEqual([]);
  let bytes = 0;
  for (const event of events) bytes += (await sizeOf(event.id))!;
  expect(bytes).toBeGreaterThan(2_000_000);
});
