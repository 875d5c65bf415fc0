// Ids of many things at once: the same again, in their order, never twice.
import { describe, expect, it } from "vitest";
import { isUuid, numberedIds, timeOfId } from "../../src/lib/ids.ts";

const TIME = Date.UTC(2026, 10, 22);

describe("numberedIds", () => {
  const numbers = [0, 1, 2, 63, 64, 16_383, 16_384, 1_048_575, 1_048_576, 268_435_455, 268_435_456, 4_294_967_295];

  it("are UUIDs of their time, sorted by their number, and the same again", async () => {
    const ids = numbers.map(await numberedIds(TIME, "upload", "a"));
    expect(ids.every(isUuid)).toBe(true);
    expect(ids.map(timeOfId)).toEqual(ids.map(() => TIME));
    expect(ids.toSorted()).toEqual(ids);
    expect(
      numbers
        .toReversed()
        .map(await numberedIds(TIME, "upload", "a"))
        .toReversed(),
    ).toEqual(ids);
  });

  it("differ by number and by what they are for", async () => {
    const of = async (...parts: string[]) =>
      Array.from({ length: 3_000 }, (_, n) => n).map(await numberedIds(TIME, ...parts));
    const all = [...(await of("a")), ...(await of("b")), ...(await of("a", "b"))];
    expect(new Set(all).size).toBe(all.length);
  });
});
