// `host:port` lists as an operator writes them (EGRESS_ALLOW_HOSTS), brought to the one form that a parsed URL has.

import { err, ok, type Result } from "../result.ts";

const DEFAULT_PORTS: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

export const portOf = (url: URL): string => url.port || (DEFAULT_PORTS[url.protocol] ?? "");

/** The name as it is compared: lower case (WHATWG has seen to it), without the dots that end a fully qualified name. */
export const hostOf = (url: URL): string => url.hostname.replace(/\.+$/, "");

/** `host` or `host:port` in canonical form, or undefined. IPv6 stands in brackets. */
export const canonicalHost = (entry: string): string | undefined => {
  const [, name, port] = /^(\[[^\]]+\]|[^:[\]/\\@?#\s]+)(?::(\d{1,5}))?$/.exec(entry) ?? [];
  if (!name || !URL.canParse(`http://${name}`)) return undefined;
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return undefined;
  const host = hostOf(new URL(`http://${name}`));
  return port === undefined ? host : `${host}:${Number(port)}`;
};

/** The entries of a comma-separated `host:port` list; the error is the first entry that is none. */
export const parseHostPorts = (list: string): Result<string[], string> => {
  const hosts: string[] = [];
  for (const entry of list.split(",").map((part) => part.trim())) {
    if (entry === "") continue;
    const host = canonicalHost(entry);
    if (host === undefined || !/:\d+$/.test(host)) return err(entry);
    hosts.push(host);
  }
  return ok(hosts);
};
