// A person's clock: their own zone, their number's, the organisation's, in that order.
import { describe, expect, it } from "vitest";
import { PHONE_ZONES } from "../../../src/domain/contact/gen/phone-zones.ts";
import { zoneOf } from "../../../src/domain/contact/zone-of.ts";
import { isTimeZone } from "../../../src/lib/time-zone.ts";

const of = (phone: string | undefined, timezone: string | null = null) =>
  zoneOf({ timezone, phone, fallback: "Asia/Dubai" });

describe("zoneOf", () => {
  it.each([
    ["+14155551234", "America/Los_Angeles"],
    ["+12125551234", "America/New_York"],
    ["+13125551234", "America/Chicago"],
    ["+16025551234", "America/Phoenix"],
    ["+18085551234", "Pacific/Honolulu"],
    ["+18095551234", "America/Santo_Domingo"],
    ["+16045551234", "America/Vancouver"],
    ["+17095551234", "America/St_Johns"],
    ["+447911123456", "Europe/London"],
    ["+353851234567", "Europe/Dublin"],
    ["+34612345678", "Europe/Madrid"],
    ["+4915112345678", "Europe/Berlin"],
    ["+5511987654321", "America/Sao_Paulo"],
    ["+559212345678", "America/Manaus"],
    ["+525512345678", "America/Mexico_City"],
    ["+919812345678", "Asia/Calcutta"],
    ["+79161234567", "Europe/Moscow"],
    ["+77011234567", "Asia/Almaty"],
    ["+61891234567", "Australia/Perth"],
    ["+61412345678", "Australia/Sydney"],
  ])("%s lives by %s", (phone, zone) => {
    expect(of(phone)).toBe(zone);
  });

  it("knows the two zones of one area code", () => {
    expect(of("+18504321234")).toBe("America/Chicago");
    expect(of("+18502221234")).toBe("America/New_York");
  });

  it("takes the contact's own zone first, and the organisation's for numbers of no place", () => {
    expect(of("+14155551234", "Europe/Paris")).toBe("Europe/Paris");
    expect(of("+18005551234")).toBe("Asia/Dubai");
    expect(of("+88216123456")).toBe("Asia/Dubai");
    expect(of(undefined)).toBe("Asia/Dubai");
  });

  it("goes past a zone that is none", () => {
    expect(of("+14155551234", "Mars/Olympus")).toBe("America/Los_Angeles");
    expect(of("+14155551234", "+02:00")).toBe("America/Los_Angeles");
    expect(of(undefined, "")).toBe("Asia/Dubai");
  });

  it("has only zones that this runtime knows", () => {
    expect(Object.keys(PHONE_ZONES).filter((zone) => !isTimeZone(zone))).toEqual([]);
    expect(Object.keys(PHONE_ZONES).length).toBeGreaterThan(250);
  });
});
