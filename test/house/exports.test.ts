import { expect, it } from "vitest";
import { exportsOf, findUnused } from "./exports.ts";
import { paths, readSources, sourceOf, textOf } from "./source.ts";

/** What the product judges and never makes, and what a coming part takes: by path and name. */
const KEPT = new Map([
  ["src/channels/twilio/signature.ts: only tests take signatureOf", "the product verifies what Twilio has signed"],
  ["src/domain/identity/password.ts: only tests take hashPassword", "who runs the product makes accounts by SQL"],
]);

it("there is none", () => {
  const sources = readSources();
  const others = paths("{test,bench,console}/**/*.{ts,tsx,mjs}", "*.{ts,mjs}").map((path) =>
    sourceOf(path, textOf(path)),
  );
  expect(others.length).toBeGreaterThan(100);
  expect(findUnused(sources, others).filter((found) => !KEPT.has(found))).toEqual([]);
});

it("reads exports however they are written", () => {
  const text = `export const a = 1, { b, c: [d] } = x; export function e() {} export type F = 1; const g = 1; export { g as h };
    export default g; export class I {} export interface J {} export { k } from "./k.ts";`;
  expect(exportsOf(sourceOf("src/lib/a.ts", text))).toEqual(["a", "b", "d", "e", "F", "h", "default", "I", "J"]);
});

it("finds what nobody takes, and what only tests take", () => {
  const sources = [
    sourceOf(
      "src/worker.ts",
      'import { used } from "./lib/a.ts"; export { Box } from "./lib/b.ts"; export default used;',
    ),
    sourceOf(
      "src/lib/a.ts",
      "export const used = 1; export const dead = 2; export const tried = 3; export const own = 4; own();",
    ),
    sourceOf("src/lib/f.ts", "export const inner = 1; export type Inner = typeof inner; type A = Inner;"),
    sourceOf("src/lib/b.ts", 'export class Box {} export type Shape = 1; export * from "./c.ts";'),
    sourceOf("src/lib/c.ts", "export const whatever = 1;"),
    sourceOf("src/lib/d.ts", 'type X = import("./b.ts").Shape; import { late } from "./e.ts";'),
    sourceOf("src/lib/e.ts", "export const late = 1, dead = 2;"),
  ];
  const tests = [sourceOf("test/lib/a.test.ts", 'import { own, tried } from "../../src/lib/a.ts";')];
  expect(findUnused(sources, tests)).toEqual([
    "src/lib/a.ts: nobody takes dead",
    "src/lib/a.ts: only tests take tried",
    "src/lib/f.ts: nobody takes inner",
    "src/lib/e.ts: nobody takes dead",
  ]);
});
