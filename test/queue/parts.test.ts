// In which order a batch's events are processed, when what they cost may end the batch before its last part.
import { expect, it } from "vitest";
import type { EventMessage } from "../../src/queue/catalogue.ts";
import { partsOf } from "../../src/queue/events.ts";

const message = (id: string, acceptedAt: number, whole: boolean): EventMessage => ({
  ...{ id, organizationId: "o", outbox: { kind: "inbox", name: "o/1" }, acceptedAt },
  ...(whole && {
    event: { id, organizationId: "o", type: "T", source: "api", data: {}, occurredAt: acceptedAt, depth: 0 },
  }),
});
const idsOf = (parts: EventMessage[][]) => parts.map((part) => part.map(({ id }) => id));

it("begins with whoever has waited longest, so that a large event is not deferred each time", () => {
  const whole = [message("w1", 30, true), message("w2", 20, true)];
  expect(idsOf(partsOf([...whole, message("l1", 40, false)]))).toEqual([["w1", "w2"], ["l1"]]);
  expect(idsOf(partsOf([...whole, message("l1", 10, false)]))).toEqual([["l1"], ["w1", "w2"]]);
});

it("fetches large ones a few at a time, the oldest first", () => {
  const large = Array.from({ length: 10 }, (_, n) => message(`l${n}`, 100 - n, false));
  expect(idsOf(partsOf([...large, message("w", 95, true)]))).toEqual([
    ["l9", "l8", "l7", "l6", "l5", "l4", "l3", "l2"],
    ["w"],
    ["l1", "l0"],
  ]);
});
