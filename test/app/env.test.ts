// The operator's variables: what is missing or wrong is one line that names it and never shows it.
import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../../src/env.ts";

const KEY = btoa("k".repeat(32));
const good = { JWT_SECRET: "s".repeat(32), ENCRYPTION_KEY: KEY };
const errorOf = (vars: object) => {
  const parsed = parseConfiguration(vars);
  return parsed.ok ? undefined : parsed.error;
};
const configurationFrom = (vars: object) => {
  const parsed = parseConfiguration(vars);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};

describe("parseConfiguration", () => {
  it("needs a secret or a key set, and an encryption key", () => {
    expect(errorOf({ ENCRYPTION_KEY: KEY })).toBe("JWT_SECRET: is missing: set it (32 bytes or more), or JWT_JWKS_URL");
    expect(errorOf({ JWT_SECRET: "s".repeat(32) })).toBe("ENCRYPTION_KEY: is missing: 32 random bytes in base64");
    expect(errorOf({ JWT_JWKS_URL: "https://id.example.com/keys", ENCRYPTION_KEY: KEY })).toBeUndefined();
  });

  it.each([
    ["JWT_SECRET", "s".repeat(31)],
    ["JWT_SECRET", `${"é".repeat(15)}s`],
    ["JWT_JWKS_URL", "file:///etc/passwd"],
    ["ENCRYPTION_KEY", "not base64!"],
    ["ENCRYPTION_KEY", btoa("k".repeat(31))],
    ["ENCRYPTION_KEY", `a:${KEY},a:${KEY}`],
    ["ENCRYPTION_KEY", `a b:${KEY}`],
    ["ENCRYPTION_KEY", `a:${KEY},`],
    ["ENVIRONMENT", "staging"],
    ["PUBLIC_URL", "signalbox.example.com"],
    ["TWILIO_API_BASE_URL", "ftp://twilio"],
    ["SMTP_URL", "http://mail.example.com"],
    ["EGRESS_ALLOW_HOSTS", "localhost"],
    ["RELEASE_MODE", "maybe"],
    ["FLOW_GATEWAY_SECRET", "let me in"],
    ["CORS_ORIGINS", "*"],
    ["CORS_ORIGINS", "https://app.example.com/path"],
  ])("refuses %s = %j by name, without its value", (name, value) => {
    const error = errorOf({ ...good, [name]: value })!;
    expect(error).toMatch(new RegExp(`^${name}: \\S.*$`));
    expect(error).not.toContain(value);
  });

  it.each([
    ["TWILIO_AUTH_TOKEN", { TWILIO_ACCOUNT_SID: "AC1" }],
    ["TWILIO_ACCOUNT_SID", { TWILIO_AUTH_TOKEN: "t" }],
    ["WHATSAPP_PHONE_NUMBER_ID", { WHATSAPP_ACCESS_TOKEN: "t" }],
    ["EMAIL_FROM", { SMTP_URL: "smtp://u:p@mail:25" }],
    ["FLOW_TRUST_USER_HEADER", { FLOW_TRUST_USER_HEADER: "true", ENVIRONMENT: "production" }],
  ])("names %s when its company is missing", (name, vars) => {
    expect(errorOf({ ...good, ...vars })).toMatch(new RegExp(`^${name}: `));
  });

  it("takes empty texts as absent and ignores bindings", () => {
    const value = configurationFrom({ ...good, JWT_JWKS_URL: "", PUBLIC_URL: " ", DB: { prepare: () => {} } });
    expect(value.jwt.jwksUrl).toBeUndefined();
    expect(value.publicUrl).toBeUndefined();
    expect(value.environment).toBe("production");
  });

  it("reads several encryption keys, the first to seal", () => {
    const value = configurationFrom({ ...good, ENCRYPTION_KEY: `new:${KEY}, old:${btoa("o".repeat(32))}` });
    expect(value.encryptionKeys.map(({ id }) => id)).toEqual(["new", "old"]);
    expect(value.encryptionKeys[1]!.bytes[0]).toBe("o".charCodeAt(0));
    expect(configurationFrom(good).encryptionKeys[0]!.id).toBe("0");
  });

  it("gives providers their defaults", () => {
    expect(configurationFrom({ ...good, TWILIO_ACCOUNT_SID: "AC1", TWILIO_AUTH_TOKEN: "t" }).twilio).toMatchObject({
      apiBaseUrl: "https://api.twilio.com",
      contentBaseUrl: "https://content.twilio.com",
    });
    const stand = { TWILIO_ACCOUNT_SID: "AC1", TWILIO_AUTH_TOKEN: "t", TWILIO_API_BASE_URL: "http://127.0.0.1:9999/" };
    expect(configurationFrom({ ...good, ...stand }).twilio).toMatchObject({
      apiBaseUrl: "http://127.0.0.1:9999",
      contentBaseUrl: "http://127.0.0.1:9999",
    });
    expect(configurationFrom(good).twilio).toBeUndefined();
  });

  it("reads lists", () => {
    const value = configurationFrom({
      ...good,
      EGRESS_ALLOW_HOSTS: "LocalHost:9000, [::1]:80",
      CORS_ORIGINS: "https://a.example,http://localhost:5173",
    });
    expect(value.egressAllowHosts).toEqual(["localhost:9000", "[::1]:80"]);
    expect(value.corsOrigins).toEqual(["https://a.example", "http://localhost:5173"]);
  });
});
