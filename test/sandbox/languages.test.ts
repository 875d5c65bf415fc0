import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCode } from "../../src/sandbox/run-code.ts";

// What CPython and Node answer to the snippets of test/sandbox/snippets (make-fixtures.mjs says how they came), word for word. `shown` is
// repr(): it tells 1 from 1.0, True from 1 and a tuple from a list, which JSON does not.

const read = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, "snippets", name), "utf8"));
const context = read("context.json");
const now = Date.UTC(2026, 2, 14, 12);

interface Answer {
  name: string;
  code: string;
  value: unknown;
  shown?: string;
  printed: string;
}
const PYTHON: Answer[] = read("python.json");
const JAVASCRIPT: Answer[] = read("javascript.json");

test("there are as many as promised, each with a name of its own", () => {
  expect(PYTHON.length).toBeGreaterThanOrEqual(60);
  expect(JAVASCRIPT.length).toBeGreaterThanOrEqual(40);
  for (const answers of [PYTHON, JAVASCRIPT])
    expect(new Set(answers.map(({ name }) => name)).size).toBe(answers.length);
});

describe("Python answers as CPython", () => {
  test.each(PYTHON)("$name", ({ code, value, shown, printed }) => {
    const outcome = runCode({ language: "python", code, context, now });
    expect(outcome).toMatchObject({ ok: true, result: value, stdout: printed });
    // A line more tells the kinds; one that ends early would not come to it.
    if (/^\s+sys\.exit/m.test(code) || value === null) return;
    expect(runCode({ language: "python", code: `${code}\nresult = repr(result)`, context, now })).toMatchObject({
      result: shown,
    });
  });
});

describe("JavaScript answers as Node", () => {
  test.each(JAVASCRIPT)("$name", ({ code, value, printed }) => {
    const outcome = runCode({ language: "javascript", code, context, now });
    expect(outcome).toMatchObject({ ok: true, result: value, stdout: printed });
  });
});
