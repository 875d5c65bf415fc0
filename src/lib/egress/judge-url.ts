// Whether a user's URL may be fetched, judged on the parsed form, so that every notation of an address and a name is the same one. What a
// Worker cannot do: resolve the name and pin the address. A public name that points at a private address is the platform's to refuse.

import { parseIp } from "../ip-address.ts";
import { isPublicAddress } from "../public-address.ts";
import { err, ok, type Result } from "../result.ts";
import { canonicalHost, hostOf, portOf } from "./host-port.ts";
import type { EgressCode, EgressRefusal, EgressRules } from "./rules.ts";

/** 8443 and 8080 are what web servers use beside the standard ports; anything else is named in EGRESS_ALLOW_HOSTS. */
const PORTS = { production: ["443", "8443"], development: ["443", "8443", "80", "8080"] } as const;

/** Top-level names that never lead to the public internet: RFC 6761, RFC 8375, ICANN's .internal, and what home and office routers use. */
const PRIVATE_NAMES = [
  "localhost",
  "local",
  "localdomain",
  "internal",
  "home.arpa",
  "intranet",
  "private",
  "corp",
  "home",
  "lan",
];

const refuse = (code: EgressCode, message: string): Result<URL, EgressRefusal> => err({ code, message });

/** What is written as it is compared costs no parsing. */
const isHostPort = (entry: string, host: string, port: string): boolean =>
  entry === `${host}:${port}` || canonicalHost(entry) === `${host}:${port}`;

const isListed = (list: readonly string[], host: string, port: string): boolean =>
  list.some((entry) => entry === host || isHostPort(entry, host, port) || canonicalHost(entry) === host);

const isPublicName = (host: string): boolean =>
  host.includes(".") && !PRIVATE_NAMES.some((name) => host === name || host.endsWith(`.${name}`));

/**
 * The parsed URL, or why it may not be fetched. Judge at save and again at run: rules and redirects change what a URL reaches.
 * An entry of `allowHosts` exempts exactly its host and port from every rule but scheme and credentials.
 */
export const judgeUrl = (
  text: string,
  rules: Pick<EgressRules, "production" | "allowHosts" | "ownHosts">,
): Result<URL, EgressRefusal> => {
  if (!URL.canParse(text)) return refuse("malformed_url", "the URL is not absolute");
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:")
    return refuse("scheme_not_allowed", `the scheme ${url.protocol.slice(0, -1)} is not allowed`);
  if (url.username || url.password)
    return refuse("credentials_in_url", "the URL carries credentials; send them in a header");
  const host = hostOf(url);
  const port = portOf(url);
  if (host === "") return refuse("malformed_url", "the URL names no host");
  if (host !== url.hostname) url.hostname = host;
  if (rules.allowHosts.some((entry) => isHostPort(entry, host, port))) return ok(url);
  if (isListed(rules.ownHosts, host, port)) return refuse("own_host", `${host} is this service itself`);
  if (url.protocol === "http:" && rules.production) return refuse("scheme_not_allowed", "only https is allowed");
  const ports: readonly string[] = rules.production ? PORTS.production : PORTS.development;
  if (!ports.includes(port)) return refuse("port_not_allowed", `the port ${port} is not allowed`);
  const address = parseIp(host.replace(/^\[|\]$/g, ""));
  if (address && !isPublicAddress(address)) return refuse("address_not_public", `${host} is not a public address`);
  if (!address && !isPublicName(host)) return refuse("host_not_allowed", `${host} is not a public name`);
  return ok(url);
};
