// Whose clock a person lives by: quiet hours are the recipient's (MESSAGING "Quiet hours and time"). Pure; what an hour allows is the send gate's.

import { isTimeZone } from "../../lib/time-zone.ts";
import { PHONE_ZONES } from "./gen/phone-zones.ts";

const byPrefix: ReadonlyMap<string, string> = new Map(
  Object.entries(PHONE_ZONES).flatMap(([zone, prefixes]) => prefixes.split(" ").map((prefix) => [prefix, zone])),
);
const LONGEST = Math.max(...[...byPrefix.keys()].map((prefix) => prefix.length));

/** The IANA zone that a number in E.164 tells of by its country and area code; undefined for those of no place (toll-free, satellite). */
const zoneOfPhone = (phone: string): string | undefined => {
  const digits = phone.replace(/^\+/, "");
  for (let length = Math.min(LONGEST, digits.length); length > 0; length--) {
    const zone = byPrefix.get(digits.slice(0, length));
    if (zone) return zone;
  }
  return undefined;
};

/** The contact's own zone, else that of their number, else the organisation's (`fallback`). */
export const zoneOf = (input: { timezone: string | null; phone: string | undefined; fallback: string }): string => {
  const { timezone, phone, fallback } = input;
  if (timezone !== null && isTimeZone(timezone)) return timezone;
  return (phone === undefined ? undefined : zoneOfPhone(phone)) ?? fallback;
};
