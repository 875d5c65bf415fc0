// What a sender hears when its event could not be kept: that it may come again, or that it need not.
import { expect, it, vi } from "vitest";
import { DomainError } from "../../src/domain/errors.ts";
import { MAX_EVENT_BYTES, type StreamEvent } from "../../src/domain/event.ts";
import { newId } from "../../src/lib/ids.ts";
import { inboxPort, stored } from "../../src/objects/inbox-port.ts";
import { testEnv } from "../fixtures/identity.ts";

const eventOf = (text: string): StreamEvent => ({
  ...{ id: newId(), organizationId: newId(), type: "T", source: "test", data: { text }, occurredAt: 1, depth: 0 },
});

it("refuses for good what is too large, over the call of the object too", async () => {
  const error = await inboxPort(testEnv)
    .accept(eventOf("x".repeat(MAX_EVENT_BYTES)))
    .catch((thrown) => thrown);
  expect(error).toBeInstanceOf(DomainError);
  expect(error).toMatchObject({
    code: "payload_too_large",
    message: expect.stringMatching(/^An event has \d+ bytes$/),
  });
});

it("asks to come again when the object did not answer, or says what nobody knows", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  const strange = Object.assign(new Error("x"), { name: "DomainError", code: "strange" });
  for (const error of [new Error("reset"), strange])
    await expect(stored("test", Promise.reject(error))).rejects.toMatchObject({ code: "unavailable" });
  log.mockRestore();
});
