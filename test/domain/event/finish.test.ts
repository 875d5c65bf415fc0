// What is written at the end of a batch fits the database, however many runs the batch has begun.
import { expect, it } from "vitest";
import { databaseOf } from "../../../src/domain/database.ts";
import { finishEvents } from "../../../src/domain/event/finish.ts";
import type { Plan } from "../../../src/domain/event/plan.ts";
import { newId } from "../../../src/lib/ids.ts";
import { LocalD1 } from "../../simulation/d1.ts";

it("lists ten thousand runs of one event in statements that production takes", async () => {
  const local = new LocalD1();
  const [organizationId, workflowId, versionId] = [newId(), newId(), newId()];
  const starts = Array.from({ length: 10_000 }, () => ({
    organizationId,
    workflowId,
    versionId,
    executionId: newId(),
  }));
  const event = { id: newId(), organizationId, type: "T", source: "api", data: {}, occurredAt: 1, depth: 0 };
  const plan = { event, starts, outcome: { started: [], delivered: [], missed: [] } } as unknown as Plan;
  await finishEvents(databaseOf(local as unknown as D1Database), { done: [plan], open: [], reports: [] }, 5);
  expect((await local.prepare("SELECT count(*) AS n FROM executions").all()).results).toEqual([{ n: 10_000 }]);
});
