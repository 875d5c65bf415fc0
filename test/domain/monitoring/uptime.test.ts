import { describe, expect, it } from "vitest";
import { beat, OUTAGE_MS, type Uptime } from "../../../src/domain/monitoring/uptime.ts";

const T = 1_700_000_000_000;
const beats = (...at: number[]): Uptime | undefined => at.reduce<Uptime | undefined>(beat, undefined);

describe("uptime", () => {
  it("begins with the first beat and goes on while beats come", () => {
    expect(beats(T)).toEqual({ since: T, last: T });
    expect(beats(T, T + 60_000, T + 60_000 + OUTAGE_MS)).toEqual({ since: T, last: T + 60_000 + OUTAGE_MS });
  });

  it("begins anew after an outage", () => {
    const back = T + OUTAGE_MS + 1;
    expect(beats(T, back, back + 1)).toEqual({ since: back, last: back + 1 });
  });

  it("bears a clock that goes back", () => {
    expect(beats(T, T - 1_000)).toEqual({ since: T - 1_000, last: T });
    expect(beats(T, T - 1_000, T + OUTAGE_MS)).toEqual({ since: T - 1_000, last: T + OUTAGE_MS });
  });
});
