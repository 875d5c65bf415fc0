// MESSAGING "SMS segments".
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countSegments } from "../../src/channels/sms-segments.ts";

const a = (count: number) => "a".repeat(count);

describe("countSegments", () => {
  it.each([
    [a(0), "gsm-7", 0, 1],
    [a(160), "gsm-7", 160, 1],
    [a(161), "gsm-7", 161, 2],
    [a(306), "gsm-7", 306, 2],
    [a(307), "gsm-7", 307, 3],
    [`😀${a(68)}`, "ucs-2", 70, 1],
    [`😀${a(69)}`, "ucs-2", 71, 2],
    [`😀${a(132)}`, "ucs-2", 134, 2],
    [`😀${a(133)}`, "ucs-2", 135, 3],
    ["ä".repeat(160), "gsm-7", 160, 1],
    ["ç", "ucs-2", 1, 1],
    ["€".repeat(80), "gsm-7", 160, 1],
    ["€".repeat(81), "gsm-7", 162, 2],
    // 153 is odd: the escape pair at its end moves to the next segment, one septet is left empty.
    [`${a(152)}€${a(10)}`, "gsm-7", 164, 2],
    [`${a(152)}€${a(151)}`, "gsm-7", 305, 2],
    [`${a(152)}€${a(152)}`, "gsm-7", 306, 3],
    // A surrogate pair at unit 67 moves too.
    [`${"л".repeat(66)}😀${"л".repeat(65)}`, "ucs-2", 133, 2],
    [`${"л".repeat(66)}😀${"л".repeat(66)}`, "ucs-2", 134, 3],
    [a(1600), "gsm-7", 1600, 11],
  ] as const)("%#: %s units of %s", (text, encoding, units, segments) => {
    expect(countSegments(text)).toEqual({ encoding, units, segments });
  });

  it.each([..."|^{}[]~\\€"])("%s costs two septets", (character) => {
    expect(countSegments(character)).toEqual({ encoding: "gsm-7", units: 2, segments: 1 });
  });

  it("knows the whole alphabet of GSM 03.38", () => {
    const basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ÄÖÑÜ§¿äöñüà";
    expect(countSegments(basic)).toMatchObject({ encoding: "gsm-7", units: basic.length });
    for (const outside of ["`", "ç", "ё", "“", "…", "\u00a0"]) expect(countSegments(outside).encoding).toBe("ucs-2");
  });

  it("never splits a pair and never leaves more room than one pair needs", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "€", "л", "😀"), { maxLength: 400 }), (characters) => {
        const { encoding, units, segments } = countSegments(characters.join(""));
        const [one, each] = encoding === "gsm-7" ? [160, 153] : [70, 67];
        if (units <= one) expect(segments).toBe(1);
        else {
          expect(segments).toBeGreaterThanOrEqual(Math.ceil(units / each));
          expect(segments).toBeLessThanOrEqual(Math.ceil(units / (each - 1)));
        }
      }),
    );
  });
});
