// What the log keeps of an attempt.
import { describe, expect, it } from "vitest";
import { attemptOf } from "../../../src/domain/delivery/delivery.ts";
import type { EgressAnswer } from "../../../src/lib/egress.ts";

const BEGUN = { attempt: 1, startedAt: 0 };

const answered = (text: string): EgressAnswer => ({
  ok: true,
  status: 200,
  headers: new Headers({ "content-type": "application/json" }),
  body: new TextEncoder().encode(text),
  url: "https://shop.example/",
});

describe("the log of an attempt", () => {
  it("holds no credential of the request that the receiver said back", () => {
    const request = {
      url: "https://shop.example/hooks/T0123456789abcdefgh?token=canary%26query&v=2",
      headers: { Authorization: "Bearer canary-header", "X-Tenant": 'canary "quoted"', Accept: "application/json" },
    };
    const echo = {
      authorization: "Bearer canary-header",
      bare: "canary-header",
      tenant: 'canary "quoted"',
      accept: "application/json",
      url: "/hooks/T0123456789abcdefgh?token=canary%26query&v=2",
      query: "canary&query",
    };
    const { responseBody } = attemptOf(BEGUN, request, answered(JSON.stringify(echo)), 5);
    expect(responseBody).not.toMatch(/canary|T0123/);
    expect(JSON.parse(responseBody)).toMatchObject({ bare: "***", accept: "application/json", query: "***" });
  });

  it("names the host that did not answer, whatever the runtime said", () => {
    const request = { url: "https://shop.example/hooks/secret", headers: {} };
    const failure = { ok: false, kind: "network", message: "internal error; reference = 4t3j", sent: true } as const;
    const message = "shop.example did not answer: it cannot be reached";
    expect(attemptOf(BEGUN, request, failure, 5).error).toEqual({ code: "NETWORK_ERROR", message });
  });

  it("masks before it cuts: no beginning of a credential is left at the end", () => {
    const request = { url: "https://shop.example/", headers: { "X-Api-Key": "canary-key" } };
    const { responseBody } = attemptOf(BEGUN, request, answered(`${"x".repeat(996)}canary-key`), 5);
    expect(responseBody).toBe(`${"x".repeat(996)}***`);
  });
});
