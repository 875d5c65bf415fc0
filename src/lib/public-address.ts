// Which addresses belong to the public internet. Source: the IANA special-purpose address registries for IPv4 and IPv6 (RFC 6890 and its updates).

import { type IpAddress, inRange, parseCidr, parseIp } from "./ip-address.ts";

const ranges = (...texts: string[]) => texts.map((text) => parseCidr(text)!);

const NOT_PUBLIC_V4 = ranges(
  "0.0.0.0/8", // this network
  "10.0.0.0/8", // private
  "100.64.0.0/10", // carrier-grade NAT, where Alibaba keeps its metadata service (100.100.100.200)
  "127.0.0.0/8", // loopback
  "168.63.129.16/32", // Azure's WireServer: metadata behind a public-looking address
  "169.254.0.0/16", // link-local, metadata services
  "172.16.0.0/12", // private
  "192.0.0.0/24", // protocol assignments, Oracle's metadata service
  "192.0.2.0/24", // documentation
  "192.88.99.0/24", // 6to4 relays, deprecated
  "192.168.0.0/16", // private
  "198.18.0.0/15", // benchmarking
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, broadcast
);

// Only 2000::/3 is global unicast; loopback, unique-local, link-local, site-local, multicast and NAT64 (64:ff9b::/96) lie outside it.
const [GLOBAL_V6] = ranges("2000::/3");
const NOT_PUBLIC_V6 = ranges(
  "2001::/23", // protocol assignments: Teredo, benchmarking, ORCHID
  "2001:db8::/32", // documentation
  "2002::/16", // 6to4, which embeds any IPv4 address
  "3fff::/20", // documentation
);

/** False for every special-purpose address and for text that is no address. */
export const isPublicAddress = (address: string | IpAddress): boolean => {
  const ip = typeof address === "string" ? parseIp(address) : address;
  if (!ip) return false;
  if (ip.bits === 32) return !NOT_PUBLIC_V4.some((range) => inRange(ip, range));
  return inRange(ip, GLOBAL_V6!) && !NOT_PUBLIC_V6.some((range) => inRange(ip, range));
};
