import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultRate, PERSON_BURST, PERSON_MS, personFreeAt } from "../../../src/domain/message/pacing.ts";

describe("a sender's rate", () => {
  it.each([
    ["sms", "+14155550100", 1],
    ["sms", "+4915112345678", 1],
    ["sms", "+18335550100", 3],
    ["sms", "+18005550100", 3],
    ["sms", "12345", 10],
    ["sms", "MG0123", 10],
    ["whatsapp", "+14155550100", 80],
    ["email", "a@example.com", null],
    ["inapp", "", null],
  ] as const)("%s by %s: %s a second", (kind, sender, rate) => expect(defaultRate(kind, sender)).toBe(rate));
});

describe("messages to one person", () => {
  it("go at once as long as there are 45, then one in six seconds", () => {
    const sent: number[] = [];
    const now = 1_000_000;
    for (let n = 0; n < PERSON_BURST; n++) {
      expect(personFreeAt(sent, now)).toBeNull();
      sent.push(now);
    }
    expect(personFreeAt(sent, now)).toBe(now + PERSON_MS);
    expect(personFreeAt(sent, now + PERSON_MS - 1)).toBe(now + PERSON_MS);
    expect(personFreeAt(sent, now + PERSON_MS)).toBeNull();
    sent.push(now + PERSON_MS);
    expect(personFreeAt(sent, now + PERSON_MS)).toBe(now + 2 * PERSON_MS);
    // Paid back, they may burst again.
    expect(personFreeAt(sent, now + (PERSON_BURST + 1) * PERSON_MS)).toBeNull();
  });

  it("sent whenever they may: no stretch of time holds more than the burst and what its length allows", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 120 }), (pauses) => {
        const sent: number[] = [];
        let now = 1_000_000;
        for (const pause of pauses) {
          now += pause;
          now = personFreeAt(sent, now) ?? now;
          expect(personFreeAt(sent, now)).toBeNull();
          sent.push(now);
        }
        for (const [first, from] of sent.entries())
          for (const [last, to] of sent.entries())
            if (last >= first) expect(last - first + 1).toBeLessThanOrEqual(PERSON_BURST + (to - from) / PERSON_MS);
      }),
      { numRuns: 100 },
    );
  });
});
