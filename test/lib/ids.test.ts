// Ids of many things at once: the same again, in their order, never twice.
import { describe, expect, it } from "vitest";
import { isObjectId, isUuid, newObjectId, numberedIds, timeOfId } from "../../src/lib/ids.ts";

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

describe("an object id", () => {
  it("has 24 hex digits, begins with its second, sorts by its millisecond, and is another each time", () => {
    const at = Date.UTC(2026, 10, 22, 5, 31, 46, 899);
    const ids = Array.from({ length: 1_000 }, () => newObjectId(at));
    expect(ids.every(isObjectId)).toBe(true);
    expect(new Set(ids).size).toBe(1_000);
    expect(Number.parseInt(ids[0]!.slice(0, 8), 16)).toBe(Math.floor(at / 1000));
    const next = [at + 1, at + 100, at + 101, at + 1_000].map(newObjectId);
    expect([...next, ...ids].toSorted().slice(-4)).toEqual(next);
    expect(["", "0".repeat(23), "G".repeat(24), ids[0]!.toUpperCase().replace(/\d/g, "A")].some(isObjectId)).toBe(
      false,
    );
  });
});
