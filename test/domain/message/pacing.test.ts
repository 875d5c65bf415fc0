import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  defaultRate,
  LATE_MS,
  PERSON_BURST,
  PERSON_MS,
  personFreeAt,
  takeSlot,
} from "../../../src/domain/message/pacing.ts";

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

describe("slots of a sender, one by one", () => {
  const RATE = 10;

  it("begin at once on an idle line, and leave time for what has to be done", () => {
    expect(takeSlot(0, { now: 1_000, leadMs: 60, perSecond: RATE }).slot).toEqual({
      from: 1_000,
      until: 1_060 + LATE_MS,
    });
  });

  it("wherever in its slot each message leaves: no sliding second holds more than the rate", () => {
    const ask = fc.record({
      pause: fc.integer({ min: 0, max: 400 }),
      leadMs: fc.integer({ min: 0, max: 300 }),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(ask, { maxLength: 60 }), (asks) => {
        let now = 1_000_000;
        let nextAt = 0;
        const left: number[] = [];
        for (const { pause, leadMs, part } of asks) {
          now += pause;
          const taken = takeSlot(nextAt, { now, leadMs, perSecond: RATE });
          nextAt = taken.nextAt;
          left.push(taken.slot.from + part * (taken.slot.until - taken.slot.from));
        }
        left.sort((a, b) => a - b);
        for (const [index, at] of left.entries()) {
          const next = left[index + RATE];
          if (next !== undefined) expect(next - at).toBeGreaterThan(1_000);
        }
      }),
      { numRuns: 300 },
    );
  });
});
