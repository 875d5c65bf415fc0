// Which runs a word that withdraws consent ends; that they end is test/queue's and the contact's.
import { expect, it } from "vitest";
import { talksToEnd } from "../../../src/domain/event/end-talks.ts";
import type { StreamEvent } from "../../../src/domain/event.ts";

const optOut = (content: StreamEvent["data"][string]): StreamEvent => ({
  id: "00000000-0000-7000-8000-000000000002",
  organizationId: "o",
  type: "MESSAGE_RECEIVED",
  source: "twilio",
  contactId: "c",
  data: { content, consent: "opt_out", ended: ["e", 5] },
  occurredAt: 10,
  depth: 0,
});
const ended = (content: StreamEvent["data"][string]) => talksToEnd({ event: optOut(content), starts: [] }, [], []);

it("says with which word", () => {
  expect(ended("STOP")).toEqual({ contactId: "c", executionIds: ["e"], reason: "The contact has opted out: STOP" });
});

it.each([[{ toString: 1, valueOf: 1 }], [null], [[]], [7]])(
  "ends them whatever is said to have been said: %j",
  (content) => {
    expect(ended(content)).toMatchObject({ executionIds: ["e"], reason: "The contact has opted out" });
  },
);

it("ends nothing by what an API says: consent is withdrawn to a provider", () => {
  expect(talksToEnd({ event: { ...optOut("STOP"), source: "api" }, starts: [] }, [], [])).toBeUndefined();
});
