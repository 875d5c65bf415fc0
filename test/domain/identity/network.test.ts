import { expect, it } from "vitest";
import { networkOf } from "../../../src/domain/identity/network.ts";

it.each([
  ["203.0.113.7", "203.0.113.7"],
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:DB8:1:2::9", "2001:db8:1:2::/64"],
  ["2001:db8:1:3::9", "2001:db8:1:3::/64"],
  ["203.0.113.7, 10.0.0.1", "unknown"],
  ["", "unknown"],
  [undefined, "unknown"],
])("%j is the network %s", (address, network) => expect(networkOf(address)).toBe(network));
