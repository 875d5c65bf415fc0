import { describe, expect, it } from "vitest";
import { formatDate } from "../../../src/engine/expression/date-format.ts";
import { instantOf } from "../../../src/engine/expression/instant.ts";

describe("an instant", () => {
  const noon = Date.UTC(2024, 1, 29, 12);
  it.each<[unknown, number]>([
    ["2024-02-29", Date.UTC(2024, 1, 29)],
    ["2024-02-29T12:00", noon],
    ["2024-02-29 12:00:00", noon],
    ["2024-02-29T12:00:00.250Z", noon + 250],
    ["2024-02-29T12:00:00.9999999z", noon + 999],
    ["2024-02-29T15:30:00+03:30", noon],
    ["2024-02-29T15:30:00 +0330", noon],
    ["2024-02-29T07:00:00-05:00", noon],
    [noon, noon],
    [noon / 1000, noon],
    [String(noon), noon],
    [String(noon / 1000), noon],
    [1e8, 1e11],
    [-1e8, -1e11],
    ["9999-12-31T23:59:59.999Z", Date.UTC(9999, 11, 31, 23, 59, 59, 999)],
  ])("%s is one", (value, expected) => {
    expect(instantOf(value)).toBe(expected);
  });

  it.each([
    "",
    "now",
    0,
    5,
    99_999_999,
    "99999999",
    "soon",
    "2024",
    "20240229",
    "2023-02-29",
    "2024-02-30",
    "2024-13-01",
    "2024-00-10",
    "2024-02-29T24:00",
    "2024-02-29T12:60",
    "2024-02-29T12:00:60",
    "2024-02-29T12:00+24:00",
    "2024-2-9",
    "Thu, 29 Feb 2024",
    "2024-02-29T12",
    null,
    true,
    [],
    {},
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e300,
    -1e15,
    "12345678901234567890",
    undefined,
  ])("%s is none", (value) => {
    expect(instantOf(value)).toBeUndefined();
  });
});

describe("a date as text", () => {
  const at = Date.UTC(2024, 2, 1, 5, 7, 9, 42);
  it.each([
    ["%Y-%m-%d %H:%M:%S.%L", "2024-03-01 05:07:09.042"],
    ["%a %A %b %B %h", "Fri Friday Mar March Mar"],
    ["%d %e %-d %j %u %w", "01  1 1 061 5 5"],
    ["%I %l %-I %k %p %P", "05  5 5  5 AM am"],
    ["%y %C %s %N", "24 20 1709269629 042000000"],
    ["%z %:z %Z", "+0000 +00:00 UTC"],
    ["%U %W %q", "08 09 st"],
    ["%F %T %R %D %c", "2024-03-01 05:07:09 05:07 03/01/24 Fri Mar  1 05:07:09 2024"],
    ["%% %n%t| %^a %_m %05d", "% \n\t| FRI  3 00001"],
    ["100% %Q %é %%c", "100% %Q %é %c"],
  ])("%j", (format, expected) => {
    expect(formatDate(at, format)).toBe(expected);
  });

  it("follows zones through daylight saving, half hours and fixed offsets", () => {
    const format = "%F %T %z";
    expect(formatDate(Date.UTC(2024, 2, 10, 6, 59), format, "America/New_York")).toBe("2024-03-10 01:59:00 -0500");
    expect(formatDate(Date.UTC(2024, 2, 10, 7, 0), format, "America/New_York")).toBe("2024-03-10 03:00:00 -0400");
    expect(formatDate(at, format, "Asia/Tehran")).toBe("2024-03-01 08:37:09 +0330");
    expect(formatDate(Date.UTC(2024, 0, 1, 20), format, "Asia/Kolkata")).toBe("2024-01-02 01:30:00 +0530");
    expect(formatDate(at, format, "-03:30")).toBe("2024-03-01 01:37:09 -0330");
    expect(formatDate(Date.UTC(1969, 11, 31, 23, 59, 59, 1), "%FT%T.%L", "Europe/Berlin")).toBe(
      "1970-01-01T00:59:59.001",
    );
    expect(() => formatDate(at, format, "Mars/Base")).toThrow('unknown time zone "Mars/Base"');
  });

  it("agrees with the platform for every day of four years", () => {
    for (let day = Date.UTC(2023, 0, 1); day < Date.UTC(2027, 0, 1); day += 86_400_000) {
      expect(formatDate(day, "%FT%T.%LZ")).toBe(new Date(day).toISOString());
    }
  });
});
