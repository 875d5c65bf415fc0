// What is secret of a run is shown nowhere: values of secret variables wherever they turn up, credentials in headers, bodies and URLs.
import { describe, expect, it } from "vitest";
import { REDACTED, redactorOf } from "../../../src/domain/execution/redact.ts";

describe("redactorOf", () => {
  const redact = redactorOf(
    ["apiKey", "pin", "config"],
    [{ apiKey: "sk-live-123456", pin: 123_456, config: { inner: "deep-secret" } }, { apiKey: "sk-old-9999" }],
  );

  it("hides secret variables by name, and their values wherever they are, as they are and were", () => {
    expect(
      redact({
        variables: { apiKey: "sk-live-123456", pin: 123_456, name: "Ann" },
        text: "Your key is sk-live-123456 (before: sk-old-9999), pin 123456",
        list: ["deep-secret", 123_456, 7, null, true],
      }),
    ).toEqual({
      variables: { apiKey: REDACTED, pin: REDACTED, name: "Ann" },
      text: `Your key is ${REDACTED} (before: ${REDACTED}), pin ${REDACTED}`,
      list: [REDACTED, REDACTED, 7, null, true],
    });
  });

  it("hides credentials in headers, whatever they are called, and keeps what is none", () => {
    expect(
      redact({
        url: "https://ann:hunter2@example.com/a?token=abc&page=2&api_key=xyz",
        headers: {
          Authorization: "Bearer x",
          "X-Custom-Token": "t",
          "x-api-key": "k",
          Cookie: "a=b",
          "X-Shop-Signature": "s",
          "content-type": "application/json",
        },
        body: { access_token: "a", refreshToken: "r", password: "p", tokens: 3, note: "kept" },
      }),
    ).toEqual({
      url: `https://${REDACTED}@example.com/a?token=${REDACTED}&page=2&api_key=${REDACTED}`,
      headers: {
        Authorization: REDACTED,
        "X-Custom-Token": REDACTED,
        "x-api-key": REDACTED,
        Cookie: REDACTED,
        "X-Shop-Signature": REDACTED,
        "content-type": "application/json",
      },
      body: { access_token: REDACTED, refreshToken: REDACTED, password: REDACTED, tokens: 3, note: "kept" },
    });
  });

  it("leaves everything as it is where nothing is secret, and what is too short to be looked for", () => {
    const plain = { a: [1, "x", { b: null }], text: "ab ab" };
    expect(redactorOf([], [])(plain)).toEqual(plain);
    expect(redactorOf(["s"], [{ s: "ab" }])({ text: "ab ab", s: "ab" })).toEqual({ text: "ab ab", s: REDACTED });
  });
});
