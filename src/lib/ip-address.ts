// IPv4 and IPv6 addresses and CIDR ranges, parsed strictly: dotted quads without leading zeros, RFC 4291 for IPv6, no zone, no brackets, no
// octal or hex. A v4-mapped IPv6 address is its IPv4 address. Which addresses are public is public-address.ts; URLs are egress/.

/** `bits` is 32 or 128; `value` the address as a number. */
export type IpAddress = { bits: 32 | 128; value: bigint };
export type IpRange = { bits: 32 | 128; value: bigint; prefix: number };

const MAPPED = 0xffffn;

const parseV4 = (text: string): bigint | undefined => {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return value;
};

/** The 16-bit groups of one side of `::`; a dotted quad may only end the last side. */
const parseGroups = (side: string, last: boolean): bigint[] | undefined => {
  if (side === "") return [];
  const parts = side.split(":");
  const groups: bigint[] = [];
  for (const [index, part] of parts.entries()) {
    if (last && index === parts.length - 1 && part.includes(".")) {
      const v4 = parseV4(part);
      if (v4 === undefined) return undefined;
      groups.push(v4 >> 16n, v4 & 0xffffn);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
};

const parseV6 = (text: string): bigint | undefined => {
  const sides = text.split("::");
  if (sides.length > 2) return undefined;
  const head = parseGroups(sides[0]!, sides.length === 1);
  const tail = sides.length === 2 ? parseGroups(sides[1]!, true) : [];
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (sides.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array<bigint>(missing).fill(0n), ...tail];
  return groups.reduce((value, group) => (value << 16n) | group, 0n);
};

/** The address, or undefined for anything else. */
export const parseIp = (text: string): IpAddress | undefined => {
  const v4 = parseV4(text);
  if (v4 !== undefined) return { bits: 32, value: v4 };
  const v6 = parseV6(text);
  if (v6 === undefined) return undefined;
  return v6 >> 32n === MAPPED ? { bits: 32, value: v6 & 0xffffffffn } : { bits: 128, value: v6 };
};

/** The range of `address/prefix`, or of one bare address. Bits below the prefix are ignored. */
export const parseCidr = (text: string): IpRange | undefined => {
  const [host = "", prefixText, ...rest] = text.split("/");
  const address = parseIp(host);
  if (!address || rest.length > 0) return undefined;
  if (prefixText === undefined) return { ...address, prefix: address.bits };
  if (!/^(0|[1-9]\d{0,2})$/.test(prefixText)) return undefined;
  const written = Number(prefixText);
  // A range of v4-mapped addresses was written with the IPv6 length.
  const prefix = address.bits === 32 && host.includes(":") ? written - 96 : written;
  return prefix < 0 || prefix > address.bits ? undefined : { ...address, prefix };
};

/** Whether `address` lies in `range`; false when either is malformed or they are of different versions. */
export const inRange = (address: string | IpAddress, range: string | IpRange): boolean => {
  const ip = typeof address === "string" ? parseIp(address) : address;
  const cidr = typeof range === "string" ? parseCidr(range) : range;
  if (!ip || !cidr || ip.bits !== cidr.bits) return false;
  const shift = BigInt(cidr.bits - cidr.prefix);
  return ip.value >> shift === cidr.value >> shift;
};

/** One text per address: RFC 5952 for IPv6, which is also how WHATWG writes one. */
export const formatIp = ({ bits, value }: IpAddress): string => {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join(".");
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - index * 16)) & 0xffffn).toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
};
