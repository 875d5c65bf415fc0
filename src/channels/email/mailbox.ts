// One mailbox of RFC 5322, `ada@example.com` or `Ada <ada@example.com>`, and nothing that could become a second one or another header.

export type Mailbox = { name: string; address: string; domain: string };

/** RFC 5321, section 4.5.3.1: 64 octets before the @, 254 in all (errata 1690). */
const MAX_LOCAL = 64;
const MAX_ADDRESS = 254;
const LOCAL = /^[^\s"(),:;<>@[\\\]\p{Cc}]+$/u;
const LABEL = /^[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?$/u;

/** `"quoted name" <address>`, `name <address>` or `address`. */
const MAILBOX = /^(?:(?:"((?:[^"\\]|\\.)*)"|([^"<>,;@]*))\s*<([^<>]*)>|([^<>]*))$/u;

/** The mailbox, or undefined for none, for several, and for quoted local parts, which no provider hands out. */
export const parseMailbox = (text: string): Mailbox | undefined => {
  if (/\p{Cc}/u.test(text)) return undefined;
  const [, quoted, plain = "", inner, bare = ""] = MAILBOX.exec(text.trim()) ?? [];
  const name = quoted?.replace(/\\(.)/gu, "$1") ?? plain.trim();
  const address = inner ?? bare;
  const at = address.lastIndexOf("@");
  const local = address.slice(0, at);
  const domain = address.slice(at + 1);
  const bytes = new TextEncoder().encode(address).byteLength;
  if (at < 1 || local.length > MAX_LOCAL || bytes > MAX_ADDRESS || !LOCAL.test(local)) return undefined;
  if (local.startsWith(".") || local.endsWith(".") || local.includes("..")) return undefined;
  // Full-width letters lead to the same server as plain ones, past whoever has opted out at the plain address.
  if (domain.normalize("NFKC") !== domain.normalize("NFC")) return undefined;
  return domain.split(".").every((label) => LABEL.test(label)) ? { name, address, domain } : undefined;
};
