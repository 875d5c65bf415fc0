// SMTP_URL: where mail is handed over and how safely. `smtps://` is TLS from the first byte, `smtp://` upgrades by STARTTLS.

import { isIP } from "node:net";
import { inRange } from "../../lib/ip-address.ts";
import { err, ok, type Result } from "../../lib/result.ts";

/** starttls: must upgrade. optional: upgrades when offered. none: never, for a server on this machine. */
export type SmtpTls = "implicit" | "starttls" | "optional" | "none";
export type SmtpServer = { host: string; port: number; tls: SmtpTls; user?: string; password?: string };

/** 587 is submission (RFC 6409), 465 submission over TLS (RFC 8314). */
const PORTS: Readonly<Record<string, number>> = { "smtp:": 587, "smtps:": 465 };
const CHOICES: readonly SmtpTls[] = ["starttls", "optional", "none"];

const isThisMachine = (host: string): boolean =>
  host === "localhost" || inRange(host, "127.0.0.0/8") || inRange(host, "::1/128");

/** Credentials never travel in the clear unless `?tls=optional` or `?tls=none` says so, or to this machine. */
const defaultTls = (host: string, user: string): SmtpTls => {
  if (isThisMachine(host)) return "none";
  return user ? "starttls" : "optional";
};

const decode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

/** `smtp://user:pass@host:port`, percent-encoded; the error is a sentence without the URL, which may hold a password. */
export const parseSmtpUrl = (text: string): Result<SmtpServer, string> => {
  if (!URL.canParse(text)) return err("is not a URL");
  const url = new URL(text);
  const port = PORTS[url.protocol];
  if (port === undefined) return err("must start with smtp:// or smtps://");
  const host = url.hostname.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  if (!/^[a-z0-9._-]+$/.test(host) && !isIP(host)) return err("names no host");
  const user = decode(url.username);
  const password = decode(url.password);
  if (user === undefined || password === undefined) return err("has a malformed percent-encoding in its credentials");
  const chosen = url.searchParams.get("tls");
  if (chosen !== null && !CHOICES.includes(chosen as SmtpTls)) return err(`has a tls other than ${CHOICES.join(", ")}`);
  const tls = url.protocol === "smtps:" ? "implicit" : ((chosen as SmtpTls | null) ?? defaultTls(host, user));
  return ok({ host, port: Number(url.port) || port, tls, ...(user && { user, password }) });
};
