// What an action gets of secret variables, and what is told of its result.
import { describe, expect, it } from "vitest";
import { openSecrets } from "../../../src/domain/variable/open-secrets.ts";
import { hideSecretNames, newSecretId, secretNameOf } from "../../../src/domain/variable/secret-name.ts";
import { secretsIn } from "../../../src/engine/expression/secret-text.ts";
import { parseTemplate, renderTemplate } from "../../../src/engine/expression/template.ts";

const STEP = { organizationId: "o", key: "k", workflowId: "w" };

const opened = async (value: string) => {
  const id = newSecretId();
  const secrets = { ownOf: async () => [id], open: async () => new Map([[id, value]]) };
  return openSecrets(secrets, STEP, "http.request", { body: `token=${secretNameOf(id)}` });
};

describe("an opened secret", () => {
  it("is told nowhere in what comes back: as a text, as a name, within either", async () => {
    const secret = await opened("canary/&s3cret");
    if (secret.kind !== "ready") throw new Error(secret.kind);
    expect(secret.input).toEqual({ body: "token=canary/&s3cret" });
    const told = secret.hide({
      form: { "canary/&s3cret": "", "x-canary%2F%26s3cret": [{ "canary/&s3cret": "canary/&s3cret" }] },
    });
    expect(told).toEqual({ form: { "[redacted]": "", "x-[redacted]": [{ "[redacted]": "[redacted]" }] } });
  });

  it("is a text where the run may not open it, and goes into no message where it may", async () => {
    const input = { text: `You said ${secretNameOf(newSecretId())}` };
    const none = { ownOf: async () => [], open: async () => new Map() };
    for (const action of ["http.request", "message.send"])
      expect(await openSecrets(none, STEP, action, input)).toMatchObject({ kind: "ready", input });
    const own = { ownOf: async (_: unknown, ids: readonly string[]) => [...ids], open: async () => new Map() };
    expect(await openSecrets(own, STEP, "message.send", input)).toMatchObject({ code: "SECRET_NOT_ALLOWED" });
  });

  it("has no name that is shown, whatever case a filter gave it", () => {
    const name = secretNameOf(newSecretId());
    const text = `${name} ${name.toUpperCase()} S${name.slice(1)}`;
    expect(hideSecretNames(text, "[redacted]")).toBe("[redacted] [redacted] [redacted]");
  });

  it("leaves alone what merely begins like it", async () => {
    const secret = await opened("Bearer abcdef123456");
    if (secret.kind !== "ready") throw new Error(secret.kind);
    const answer = { token_type: "Bearer", kind: "a Bearer" };
    expect(secret.hide(answer)).toEqual(answer);
  });

  it("is told as no number either", async () => {
    const secret = await opened("48151623");
    if (secret.kind !== "ready") throw new Error(secret.kind);
    expect(secret.hide({ pin: 48151623, other: 48151624, is: true, none: null })).toEqual({
      pin: "[redacted]",
      other: 48151624,
      is: true,
      none: null,
    });
  });

  it("is encoded where it is opened, with what was to be encoded along, and hidden as it then is", async () => {
    const id = newSecretId();
    const secrets = { ownOf: async () => [id], open: async () => new Map([[id, 'pa"ss&word']]) };
    const holdsSecret = secretsIn(() => [secretNameOf(id)]);
    const render = (text: string) => {
      const template = parseTemplate(text);
      if (!template.ok) throw new Error(template.error.message);
      return renderTemplate(template.value, ([name]) => (name === "s" ? secretNameOf(id) : "typed"), {
        now: 0,
        holdsSecret,
      });
    };
    const sent = async (source: string) => {
      const rendered = render(source);
      if (!rendered.ok) throw new Error(rendered.error.message);
      expect(rendered.value).not.toContain(Buffer.from(id).toString("base64").slice(4, 20));
      expect(hideSecretNames(rendered.value as string, "*")).toMatch(/^[^_]*\*[^_]*$/);
      const step = await openSecrets(secrets, STEP, "http.request", { text: rendered.value });
      if (step.kind !== "ready") throw new Error(step.message);
      const { text } = step.input as { text: string };
      expect(JSON.stringify(step.hide({ echo: text }))).toContain("[redacted]");
      return text;
    };
    expect(await sent('Basic {{ "user:" | append: s | base64_encode }}')).toBe(`Basic ${btoa('user:pa"ss&word')}`);
    expect(await sent("k={{ s | url_encode }}&x")).toBe("k=pa%22ss%26word&x");
    expect(await sent("{{ s | json }}")).toBe('"pa\\"ss&word"');
    expect(await sent("{{ s | upcase | base64_encode | url_encode }}")).toBe(encodeURIComponent(btoa('PA"SS&WORD')));
    expect(await sent("{% capture both %}{{ s }}:{{ other }}{% endcapture %}{{ both | base64_encode }}")).toBe(
      btoa('pa"ss&word:typed'),
    );
    expect(render("{{ s | slice: 0, 4 }}")).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining("a secret cannot pass the filter 'slice'") },
    });
    // What somebody typed that looks so is a text, and is filtered at once.
    expect(render("{{ other | slice: 0, 3 }}")).toEqual({ ok: true, value: "typ" });
    expect(secretsIn(() => [])(secretNameOf(id))).toBe(false);
  });
});
