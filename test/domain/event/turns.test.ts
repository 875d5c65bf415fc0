// The higher priority starts first, whatever the calls take.
import { expect, it } from "vitest";
import { Turns } from "../../../src/domain/event/turns.ts";
import type { StartRequest } from "../../../src/domain/ports.ts";
import { mapConcurrently } from "../../../src/lib/map-concurrently.ts";

const startsOf = (ids: string[]) => ids.map((executionId) => ({ executionId }) as StartRequest);

it("begins the next when all before it have begun, or failed to", async () => {
  const priorities = new Map([
    ["a", 200],
    ["b", 200],
    ["c", 100],
  ]);
  const ids = ["a", "b", "c", "d"];
  const turns = new Turns({ starts: startsOf(ids), priorities });
  const seen: string[] = [];
  const call = (id: string, ms: number) => async () => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    seen.push(id);
    if (id === "b") throw new Error("no");
  };
  const slow: Record<string, number> = { a: 20, b: 10, c: 5, d: 0 };
  const results = await mapConcurrently(ids, 4, (id) =>
    turns.take(id, call(id, slow[id]!)).then(
      () => "begun",
      () => "failed",
    ),
  );
  expect(seen).toEqual(["b", "a", "c", "d"]);
  expect(results).toEqual(["begun", "failed", "begun", "begun"]);
});

it("lets those of one priority begin together", async () => {
  const turns = new Turns({ starts: startsOf(["a", "b"]), priorities: new Map() });
  const { promise, resolve } = Promise.withResolvers<void>();
  await Promise.all([turns.take("a", () => promise), turns.take("b", async () => resolve())]);
});
