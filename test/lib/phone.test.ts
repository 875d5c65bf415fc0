// Numbers: which are some, and which two are one line.
import { describe, expect, it } from "vitest";
import { isPhone, phoneVariants } from "../../src/lib/phone.ts";

describe("isPhone", () => {
  it.each(["+14155551234", "+447911123456", "+5511987654321", "+5215512345678", "+97336123456"])("takes %s", (text) => {
    expect(isPhone(text)).toBe(true);
  });
  it.each([
    ...[
      "1234567890",
      "+1234567890123456",
      "+1 415 555 1234",
      "+1415555123",
      "14155551234",
      "",
      "+",
      "+0123456789",
      "+14155551234 ",
    ],
    ...["+9990000000000", "whatsapp:+14155551234", "+1415555123a"],
  ])("refuses %j", (text) => {
    expect(isPhone(text)).toBe(false);
  });
});

describe("phoneVariants", () => {
  it.each([
    ["+5511987654321", "+551187654321"],
    ["+525512345678", "+5215512345678"],
    ["+541112345678", "+5491112345678"],
  ])("%s and %s are one line", (one, other) => {
    expect(phoneVariants(one)).toEqual([one, other]);
    expect(phoneVariants(other)).toEqual([other, one]);
  });

  it("leaves every other number alone, Brazil's fixed lines too", () => {
    for (const phone of ["+14155551234", "+551133334444", "+447911123456"])
      expect(phoneVariants(phone)).toEqual([phone]);
  });
});
