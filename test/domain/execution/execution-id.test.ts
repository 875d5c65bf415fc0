import { expect, it } from "vitest";
import { executionIdOf } from "../../../src/domain/execution/execution-id.ts";
import { timeOfId } from "../../../src/lib/ids.ts";

it("is the same for the same event and workflow, and sorts by the event's time", async () => {
  const event = { id: "e1", occurredAt: 1_700_000_000_123 };
  const id = await executionIdOf(event, "w1");
  expect(await executionIdOf({ ...event }, "w1")).toBe(id);
  expect(timeOfId(id)).toBe(event.occurredAt);
  expect(await executionIdOf(event, "w2")).not.toBe(id);
  expect(await executionIdOf({ ...event, id: "e2" }, "w1")).not.toBe(id);
});
