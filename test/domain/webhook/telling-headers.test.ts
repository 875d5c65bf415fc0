import { expect, it } from "vitest";
import { tellingHeaders } from "../../../src/domain/webhook/telling-headers.ts";

it("keeps what tells of the event, and nothing that proves or routes", () => {
  const kept = tellingHeaders({
    "x-github-event": "push",
    "content-type": "application/json",
    "user-agent": "GitHub-Hookshot/1",
    authorization: "Bearer x",
    cookie: "a=b",
    "x-hub-signature-256": "sha256=…",
    "x-shopify-hmac-sha256": "…",
    "x-api-key": "k",
    "x-gitlab-token": "t",
    "x-functions-key": "k",
    "x-session-id": "s",
    "x-csrf": "c",
    "x-jwt-assertion": "j",
    "x-credential": "c",
    "x-passwd": "p",
    "idempotency-key": "1",
    "cf-connecting-ip": "1.2.3.4",
    "x-forwarded-for": "1.2.3.4",
    host: "here",
  });
  expect(Object.keys(kept).sort()).toEqual(["content-type", "idempotency-key", "user-agent", "x-github-event"]);
});

it("is bounded", () => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`x-${n}`, "v".repeat(2_000)]));
  const kept = tellingHeaders(many);
  expect(Object.keys(kept)).toHaveLength(40);
  expect(Object.values(kept)[0]).toHaveLength(500);
});
