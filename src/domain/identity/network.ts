// Where a request comes from, as coarse as one subscriber: an IPv4 address, or the /64 that an IPv6 subscriber has to himself.
import { formatIp, parseIp } from "../../lib/ip-address.ts";

/** One text per network; all requests without a readable address share `unknown`. */
export const networkOf = (clientAddress: string | undefined): string => {
  const address = clientAddress === undefined ? undefined : parseIp(clientAddress);
  if (!address) return "unknown";
  return address.bits === 32
    ? formatIp(address)
    : `${formatIp({ bits: 128, value: (address.value >> 64n) << 64n })}/64`;
};
