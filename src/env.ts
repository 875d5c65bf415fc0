// The only reader of env: what the platform binds, and the operator's variables parsed once. Importable by plain Node (src/node/start.mjs
// asks parseConfiguration before it starts anything), so no cloudflare:* module here.
import { z } from "zod";
import { err, ok, type Result } from "./lib/result.ts";

/** What wrangler.toml binds. Variables are read through `configurationOf` only. */
export type Env = {
  DB: D1Database;
  EXECUTION: DurableObjectNamespace;
  INBOX: DurableObjectNamespace;
  WEBHOOK: DurableObjectNamespace;
  CONTACT: DurableObjectNamespace;
  SCHEDULE: DurableObjectNamespace;
  CAMPAIGN: DurableObjectNamespace;
  LIMITER: DurableObjectNamespace;
  PACER: DurableObjectNamespace;
  UPLOAD: DurableObjectNamespace;
  SWEEPER: DurableObjectNamespace;
  RETENTION: DurableObjectNamespace;
  HEARTBEAT: DurableObjectNamespace;
  DELIVERY: DurableObjectNamespace;
  DISPATCHER: DurableObjectNamespace;
  FEED: DurableObjectNamespace;
  EVENTS: Queue;
  PROJECTIONS: Queue;
};

export type Configuration = {
  environment: "development" | "production";
  /** Origin for links that leave us (webhook URLs, callbacks), without a trailing slash; absent: the request's own. */
  publicUrl: string | undefined;
  jwt: { secret?: string; jwksUrl?: string; issuer?: string; audience?: string };
  /** The first seals; all unseal. 32 bytes each. */
  encryptionKeys: { id: string; bytes: Uint8Array<ArrayBuffer> }[];
  twilio:
    | {
        accountSid: string;
        authToken: string;
        from?: string;
        whatsappFrom?: string;
        /** Messages a second, where the account was granted others than the default of its kind of sender. */
        rate?: number;
        whatsappRate?: number;
        apiBaseUrl: string;
        contentBaseUrl: string;
      }
    | undefined;
  whatsapp:
    | { appSecret?: string; verifyToken?: string; accessToken: string; phoneNumberId: string; apiBaseUrl: string }
    | undefined;
  smtp: { url: string; from: string } | undefined;
  /** `host:port`, lower case; exempt from the egress guard. */
  egressAllowHosts: string[];
  flow: { trustUserHeader: boolean; gatewaySecret?: string };
  license: { releaseMode: boolean; publicKey?: string };
  /** Origins that browsers may call from. */
  corsOrigins: string[];
};

const TWILIO = "https://api.twilio.com";
const TWILIO_CONTENT = "https://content.twilio.com";
const GRAPH = "https://graph.facebook.com";

const text = z.string().trim().optional();
const origin = z
  .url({ protocol: /^https?$/, error: "is not an http(s) URL" })
  .transform((url) => url.replace(/\/+$/, ""))
  .optional();
const yesNo = z
  .enum(["true", "false", "1", "0"], { error: "is neither true nor false" })
  .transform((word) => word === "true" || word === "1")
  .optional();
const rate = z.coerce
  .number({ error: "is not a number" })
  .positive("is not above 0")
  .max(10_000, "is above 10000")
  .optional();
const list = z
  .string()
  .transform((words) =>
    words
      .split(",")
      .map((word) => word.trim().toLowerCase())
      .filter(Boolean),
  )
  .optional();

const byteLength = (value: string): number => new TextEncoder().encode(value).byteLength;

/** Whoever guesses it is believed to be anybody. */
const secret = z
  .string()
  .refine((value) => byteLength(value) >= 32, "is shorter than 32 bytes")
  .optional();

const decodeBase64 = (value: string): Uint8Array<ArrayBuffer> | undefined => {
  try {
    return Uint8Array.from(atob(value), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
};

/** `base64` or `id:base64,id2:base64`; a bare key has the id `0`. */
const encryptionKeys = z.string({ error: "is missing: 32 random bytes in base64" }).transform((value, context) => {
  const keys = value.split(",").map((part) => {
    const [id, encoded] = part.includes(":") ? part.trim().split(":", 2) : ["0", part.trim()];
    return { id: id!, bytes: decodeBase64(encoded!) };
  });
  const bad = (message: string) => {
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  };
  if (new Set(keys.map((key) => key.id)).size !== keys.length) return bad("names a key id twice");
  if (!keys.every((key) => /^[A-Za-z0-9_-]{1,32}$/.test(key.id)))
    return bad("has a key id that is not 1 to 32 of A-Z a-z 0-9 _ -");
  const whole = keys.flatMap(({ id, bytes }) => (bytes?.byteLength === 32 ? [{ id, bytes }] : []));
  return whole.length === keys.length
    ? whole
    : bad("must be 32 bytes in base64, or id:base64 pairs with commas between");
});

const hostAndPort = /^(\[[0-9a-f:]+\]|[a-z0-9.-]+):\d{1,5}$/;

const variables = z
  .object({
    ENVIRONMENT: z
      .enum(["development", "production"], { error: "is neither development nor production" })
      .default("production"),
    PUBLIC_URL: origin,
    JWT_SECRET: secret,
    JWT_JWKS_URL: z.url({ protocol: /^https?$/, error: "is not an http(s) URL" }).optional(),
    JWT_ISSUER: text,
    JWT_AUDIENCE: text,
    ENCRYPTION_KEY: encryptionKeys,
    TWILIO_ACCOUNT_SID: text,
    TWILIO_AUTH_TOKEN: text,
    TWILIO_FROM: text,
    TWILIO_WHATSAPP_FROM: text,
    TWILIO_RATE: rate,
    TWILIO_WHATSAPP_RATE: rate,
    TWILIO_API_BASE_URL: origin,
    TWILIO_CONTENT_BASE_URL: origin,
    WHATSAPP_APP_SECRET: text,
    WHATSAPP_VERIFY_TOKEN: text,
    WHATSAPP_ACCESS_TOKEN: text,
    WHATSAPP_PHONE_NUMBER_ID: text,
    WHATSAPP_API_BASE_URL: origin,
    SMTP_URL: z.url({ protocol: /^smtps?$/, error: "is not smtp://user:pass@host:port" }).optional(),
    EMAIL_FROM: text,
    EGRESS_ALLOW_HOSTS: list.refine(
      (hosts) => !hosts || hosts.every((host) => hostAndPort.test(host)),
      "is not a list of host:port",
    ),
    FLOW_TRUST_USER_HEADER: yesNo,
    FLOW_GATEWAY_SECRET: secret,
    RELEASE_MODE: yesNo,
    LICENSE_PUBLIC_KEY: text,
    CORS_ORIGINS: list.refine(
      (origins) => !origins || origins.every((one) => URL.canParse(one) && new URL(one).origin === one),
      {
        error: "is not a list of origins such as https://app.example.com",
      },
    ),
  })
  .superRefine((values, context) => {
    const need = (name: keyof typeof values, why: string) => {
      if (!values[name]) context.addIssue({ code: "custom", path: [name], message: `is missing: ${why}` });
    };
    if (!values.JWT_SECRET && !values.JWT_JWKS_URL) need("JWT_SECRET", "set it (32 bytes or more), or JWT_JWKS_URL");
    if (values.TWILIO_ACCOUNT_SID) need("TWILIO_AUTH_TOKEN", "TWILIO_ACCOUNT_SID is set");
    if (values.TWILIO_AUTH_TOKEN) need("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN is set");
    if (values.WHATSAPP_ACCESS_TOKEN) need("WHATSAPP_PHONE_NUMBER_ID", "WHATSAPP_ACCESS_TOKEN is set");
    if (values.SMTP_URL) need("EMAIL_FROM", "SMTP_URL is set");
    if (values.FLOW_TRUST_USER_HEADER && values.ENVIRONMENT === "production") {
      context.addIssue({
        code: "custom",
        path: ["FLOW_TRUST_USER_HEADER"],
        message: "is for development only; set FLOW_GATEWAY_SECRET",
      });
    }
  });

/** Reads the operator's variables. The error is one line, `NAME: what is wrong`, and never holds a value. */
export const parseConfiguration = (vars: object): Result<Configuration, string> => {
  const given = Object.fromEntries(
    Object.entries(vars).filter(([, value]) => typeof value === "string" && value.trim() !== ""),
  );
  const parsed = variables.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    return err(`${String(issue.path[0])}: ${issue.message}`);
  }
  const v = parsed.data;
  const twilioBase = v.TWILIO_API_BASE_URL;
  return ok({
    environment: v.ENVIRONMENT,
    publicUrl: v.PUBLIC_URL,
    jwt: { secret: v.JWT_SECRET, jwksUrl: v.JWT_JWKS_URL, issuer: v.JWT_ISSUER, audience: v.JWT_AUDIENCE },
    encryptionKeys: v.ENCRYPTION_KEY,
    twilio:
      v.TWILIO_ACCOUNT_SID && v.TWILIO_AUTH_TOKEN
        ? {
            accountSid: v.TWILIO_ACCOUNT_SID,
            authToken: v.TWILIO_AUTH_TOKEN,
            from: v.TWILIO_FROM,
            whatsappFrom: v.TWILIO_WHATSAPP_FROM,
            rate: v.TWILIO_RATE,
            whatsappRate: v.TWILIO_WHATSAPP_RATE,
            apiBaseUrl: twilioBase ?? TWILIO,
            contentBaseUrl: v.TWILIO_CONTENT_BASE_URL ?? twilioBase ?? TWILIO_CONTENT,
          }
        : undefined,
    whatsapp:
      v.WHATSAPP_ACCESS_TOKEN && v.WHATSAPP_PHONE_NUMBER_ID
        ? {
            appSecret: v.WHATSAPP_APP_SECRET,
            verifyToken: v.WHATSAPP_VERIFY_TOKEN,
            accessToken: v.WHATSAPP_ACCESS_TOKEN,
            phoneNumberId: v.WHATSAPP_PHONE_NUMBER_ID,
            apiBaseUrl: v.WHATSAPP_API_BASE_URL ?? GRAPH,
          }
        : undefined,
    smtp: v.SMTP_URL && v.EMAIL_FROM ? { url: v.SMTP_URL, from: v.EMAIL_FROM } : undefined,
    egressAllowHosts: v.EGRESS_ALLOW_HOSTS ?? [],
    flow: { trustUserHeader: v.FLOW_TRUST_USER_HEADER ?? false, gatewaySecret: v.FLOW_GATEWAY_SECRET },
    license: { releaseMode: v.RELEASE_MODE ?? false, publicKey: v.LICENSE_PUBLIC_KEY },
    corsOrigins: v.CORS_ORIGINS ?? [],
  });
};

const read = new WeakMap<object, Result<Configuration, string>>();

/** The parsed variables of this env; parsed once an isolate. */
export const configurationOf = (env: object): Result<Configuration, string> => {
  const known = read.get(env);
  if (known) return known;
  const parsed = parseConfiguration(env);
  read.set(env, parsed);
  return parsed;
};
