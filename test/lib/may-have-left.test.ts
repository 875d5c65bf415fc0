import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { mayHaveLeft } from "../../src/lib/may-have-left.ts";

describe("mayHaveLeft", () => {
  it("is false only for a connection that was never made", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const refused = await fetch(`http://127.0.0.1:${port}/`).catch((error: unknown) => error);
    expect(mayHaveLeft(refused)).toBe(false);
    expect(mayHaveLeft(Object.assign(new Error("x"), { code: "ENOTFOUND" }))).toBe(false);
  });
  it.each([
    new Error("Network connection lost."),
    new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code: "ECONNRESET" }) }),
    new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code: "UND_ERR_HEADERS_TIMEOUT" }) }),
    new DOMException("late", "TimeoutError"),
    "a string",
    null,
    undefined,
  ])("is true for %s", (error) => {
    expect(mayHaveLeft(error)).toBe(true);
  });
});
