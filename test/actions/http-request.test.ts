import { describe, expect, it } from "vitest";
import type { EgressAnswer, EgressFailure, EgressRequest } from "../../src/lib/egress.ts";
import { run } from "./kit.ts";

const answer = (status: number, body: string, headers: Record<string, string> = {}): EgressAnswer => ({
  ok: true,
  status,
  headers: new Headers(headers),
  body: new TextEncoder().encode(body),
  url: "https://example.com/secret-path",
});

const input = { url: "https://example.com/secret-path", method: "POST", headers: {}, body: { a: 1 } };

/** Runs the action against one answer; also what the target was sent. */
const send = async (reply: EgressAnswer | EgressFailure, more: object = {}) => {
  let sent: EgressRequest | undefined;
  const request = async (asked: EgressRequest) => {
    sent = asked;
    return reply;
  };
  const result = await run("http.request", { http: { request } }, { ...input, ...more });
  return { result, sent };
};

describe("what is sent", () => {
  it("carries the step key, JSON, and the depth of the event as hops", async () => {
    const { sent } = await send(answer(200, ""));
    expect(sent).toMatchObject({ url: input.url, method: "POST", body: '{"a":1}', hops: 2 });
    expect(sent?.headers).toEqual({ "content-type": "application/json", "idempotency-key": "x1:n1:3" });
  });

  it("keeps the author's content type and never their idempotency key", async () => {
    const headers = { "Content-Type": "text/csv", "Idempotency-Key": "mine" };
    const { sent } = await send(answer(200, ""), { headers, body: "a,b" });
    expect(sent).toMatchObject({ headers: { "content-type": "text/csv", "idempotency-key": "x1:n1:3" }, body: "a,b" });
  });

  it("has no body when there is none", async () => {
    const { sent } = await send(answer(200, ""), { method: "GET", body: null });
    expect(sent).not.toHaveProperty("body");
    expect(sent?.headers).not.toHaveProperty("content-type");
  });

  it("is nothing when a header cannot be one", async () => {
    const { result, sent } = await send(answer(200, ""), { headers: { "X-A": "1\r\nX-B: 2" } });
    expect(sent).toBeUndefined();
    expect(result).toMatchObject({ outcome: "failed", error: { code: "INVALID_INPUT" } });
  });
});

describe("an answer", () => {
  it.each([
    ['{"id":7}', { "content-type": "application/json" }, { id: 7 }],
    ['{"id":7}', { "content-type": "application/problem+json; charset=utf-8" }, { id: 7 }],
    ["7", { "content-type": "application/json" }, 7],
    ["7", { "content-type": "text/plain" }, "7"],
    [" [1]", {}, [1]],
    ["{broken", { "content-type": "application/json" }, "{broken"],
    ["<p>", { "content-type": "text/html" }, "<p>"],
    ["", { "content-type": "application/json" }, null],
    // What would break us when it is stored, shown or passed on stays a text.
    ["[".repeat(20_000) + "]".repeat(20_000), {}, "[".repeat(20_000) + "]".repeat(20_000)],
    ['{"x":1e999}', { "content-type": "application/json" }, '{"x":1e999}'],
  ])("%j with %o is read as %j", async (body, headers, read) => {
    const { result } = await send(answer(200, body, headers as Record<string, string>));
    expect(result).toMatchObject({ outcome: "ok", output: { status: 200, headers, body: read } });
  });

  it.each([200, 204, 301, 399])("of %i is a success", async (status) => {
    expect((await send(answer(status, ""))).result.outcome).toBe("ok");
  });

  it.each([
    [400, false],
    [404, false],
    [408, true],
    [410, false],
    [425, true],
    [429, true],
    [500, true],
    [503, true],
  ])("of %i is a failure, retryable: %s, and shows no path", async (status, retryable) => {
    const { result } = await send(answer(status, '{"why":"no"}'));
    expect(result).toMatchObject({
      error: { code: "HTTP_ERROR", retryable, details: { status, body: { why: "no" } } },
      service: "example.com",
    });
    expect(JSON.stringify(result)).not.toContain("secret-path");
  });

  it.each([
    [{ "retry-after": "7" }, 7_000],
    [{ "retry-after": "Thu, 01 Jan 2026 00:00:30 GMT", date: "Thu, 01 Jan 2026 00:00:00 GMT" }, 30_000],
    [{ "retry-after": "Thu, 01 Jan 2026 00:00:00 GMT", date: "Thu, 01 Jan 2026 00:00:30 GMT" }, 0],
    [{ "retry-after": "soon" }, undefined],
    [{}, undefined],
  ])("with %o waits %s ms", async (headers, retryAfterMs) => {
    const { result } = await send(answer(503, "", headers as Record<string, string>));
    expect(result.outcome === "failed" && result.error.retryAfterMs).toBe(retryAfterMs);
  });
});

describe("no answer", () => {
  const failure = (kind: EgressFailure["kind"], sent: boolean): EgressFailure => ({
    ok: false,
    kind,
    message: "why",
    sent,
  });

  it.each(["timeout", "network"] as const)(
    "(%s) may be tried again, and is uncertain when the target may have seen it",
    async (kind) => {
      expect((await send(failure(kind, true))).result).toMatchObject({
        outcome: "failed",
        error: { message: expect.stringMatching(/^\S+ did not answer: why$/), retryable: true, uncertain: true },
      });
      const unseen = (await send(failure(kind, false))).result;
      expect(unseen).toMatchObject({ outcome: "failed", error: { retryable: true } });
      expect(unseen).not.toHaveProperty("error.uncertain");
    },
  );

  it("names the host where the runtime says nothing but a reference of its own", async () => {
    const silent = { ...failure("network", true), message: "internal error; reference = 4t3j" };
    const { result } = await send(silent);
    expect(result).toMatchObject({
      error: { message: expect.stringMatching(/^\S+ did not answer: it cannot be reached$/) },
    });
  });

  it.each([
    ["refused", false, "EGRESS_REFUSED"],
    ["too_large", true, "RESPONSE_TOO_LARGE"],
    ["too_many_redirects", true, "TOO_MANY_REDIRECTS"],
  ] as const)("(%s) fails for good", async (kind, sent, code) => {
    expect((await send(failure(kind, sent))).result).toMatchObject({ error: { code, retryable: false } });
  });
});
