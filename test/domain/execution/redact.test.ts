// What is secret of a run is shown nowhere: values of secret variables wherever they turn up, credentials in headers, bodies and URLs.
import { describe, expect, it } from "vitest";
import { redactorOf } from "../../../src/domain/execution/redact.ts";
import { REDACTED } from "../../../src/domain/variable/hide-values.ts";

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

  it("hides values as they are encoded, with whatever else was encoded along", () => {
    const told = redactorOf(["key"], [{ key: 'k/é"y & 1' }]);
    const value = 'k/é"y & 1';
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    for (const text of [
      encodeURIComponent(value),
      encodeURIComponent(value).replaceAll("%20", "+").toLowerCase().replace("%c3%a9", "%c3%a9"),
      JSON.stringify(value).slice(1, -1),
      'k/\\u00e9\\"y & 1',
      'k\\/é\\"y & 1',
      "k/é&quot;y &amp; 1",
      Buffer.from(value).toString("hex"),
      Buffer.from(JSON.stringify(value).slice(1, -1)).toString("hex").toUpperCase(),
      base64(JSON.stringify({ key: value })),
      JSON.stringify(JSON.stringify(value)).slice(3, -3),
      ...["", "a", "ab", "user:"].map((before) => base64(before + value)),
      Buffer.from(`x${value}`).toString("base64url"),
    ]) {
      expect(told({ text: `<${text}>` }), text).toEqual({ text: `<${REDACTED}>` });
    }
    // Cut off in the middle, which happens to long texts only.
    for (const text of [value.slice(0, 6), encodeURIComponent(value).slice(0, 8), base64(`a:${value}`).slice(0, -4)])
      expect(told({ text: `${"said ".repeat(40)}${text}` }).text, text).toMatch(/said \S{0,4}\[redacted\]$/);
    expect(told({ text: base64("nothing secret here") })).toEqual({ text: base64("nothing secret here") });
  });

  it("leaves everything as it is where nothing is secret, and what is too short to be looked for", () => {
    const plain = { a: [1, "x", { b: null }], text: "ab ab" };
    expect(redactorOf([], [])(plain)).toEqual(plain);
    expect(redactorOf(["s"], [{ s: "ab" }])({ text: "ab ab", s: "ab" })).toEqual({ text: "ab ab", s: REDACTED });
  });
});
