import { expect, it } from "vitest";
import { jsonBytes, partsBySize } from "../../src/lib/parts-by-size.ts";

const parts = (sizes: number[]) => partsBySize(sizes, 10, (size) => size);

it("fills each part as far as it goes, in order", () => {
  expect(parts([])).toEqual([]);
  expect(parts([3, 7, 1, 9, 2])).toEqual([[3, 7], [1, 9], [2]]);
});

it("holds no more items a part than it may", () => {
  expect(partsBySize([1, 1, 1, 9, 1], 10, (size) => size, 2)).toEqual([[1, 1], [1, 9], [1]]);
});

it("gives what is too large a part of its own", () => {
  expect(parts([11, 1, 12, 13, 10])).toEqual([[11], [1], [12], [13], [10]]);
});

it("measures JSON in bytes, its comma included", () => {
  expect(jsonBytes({ a: "é" })).toBe('{"a":"é"},'.length + 1);
});
