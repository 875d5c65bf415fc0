import { expect, test } from "vitest";
import { checkCode } from "../../src/sandbox/check-code.ts";
import { JAVASCRIPT, PYTHON } from "./snippets.ts";

test.each([
  ["python", "x = 1\nif x\n  y = 2", { name: "SyntaxError", message: "invalid syntax", line: 2 }],
  ["python", "  x = 1\ny = 2", { name: "IndentationError", message: expect.any(String), line: 1 }],
  ["python", "def f():\n  return\nreturn 1", { name: "SyntaxError", message: "'return' outside function", line: 3 }],
  ["javascript", "let a = 1;\nif (a {", { name: "SyntaxError", message: "expecting ')'", line: 2 }],
  [
    "javascript",
    "let a;\nlet a;",
    { name: "SyntaxError", message: "invalid redefinition of lexical identifier", line: 2 },
  ],
  ["javascript", "return `", { name: "SyntaxError", message: "unexpected end of string", line: 1 }],
  [
    "javascript",
    "}}); while (true); (async function () {{",
    { name: "SyntaxError", message: expect.any(String), line: 1 },
  ],
] as const)("%s: %j is refused", (language, code, error) => {
  expect(checkCode(language, code)).toEqual(error);
});

test("nothing is run", () => {
  expect(checkCode("python", "while True: pass")).toBeUndefined();
  expect(checkCode("javascript", "while (true); throw 1")).toBeUndefined();
});

test.each(PYTHON)("python: $name passes", ({ code }) => expect(checkCode("python", code)).toBeUndefined());
test.each(JAVASCRIPT)("javascript: $name passes", ({ code }) => expect(checkCode("javascript", code)).toBeUndefined());

test("code that is too large to compile is an error, not a hang", () => {
  expect(checkCode("python", `x = ${"(".repeat(100_000)}`)).toMatchObject({ name: expect.any(String) });
  expect(checkCode("javascript", "x".repeat(20 << 20))).toMatchObject({ name: "MemoryError" });
});
