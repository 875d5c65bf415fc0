import { describe, expect, it } from "vitest";
import { inapp } from "../../src/channels/inapp.ts";

describe("inapp", () => {
  it("delivers at once under the message's own id, and again the same", async () => {
    const net = { fetch: () => Promise.reject(new Error("must not be called")), now: () => 0 };
    const message = { id: "m-1", to: "contact-1", text: "hi" };
    const first = await inapp.send(message, net);
    expect(first).toEqual({ outcome: "accepted", providerId: "m-1", status: "delivered" });
    expect(await inapp.send(message, net)).toEqual(first);
  });
  it("has no provider that could call back", async () => {
    const request = { method: "POST", url: "https://x/", headers: new Headers(), body: new Uint8Array() };
    expect(await inapp.verify(request)).toBe(false);
    expect(inapp.parse(request)).toEqual([]);
  });
});
