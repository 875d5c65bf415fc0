import { describe, expect, test } from "vitest";
import { checkCode } from "../../src/sandbox/check-code.ts";
import { JAVASCRIPT, PYTHON } from "./snippets.ts";

const python = (...lines: string[]) => checkCode("python", lines.join("\n"));
const javascript = (...lines: string[]) => checkCode("javascript", lines.join("\n"));
const warning = (line: number, message: string | RegExp) => ({
  line,
  message: expect.stringMatching(message),
  severity: "warning",
});

describe("errors", () => {
  test.each([
    ["python", "x = 1\nif x\n  y = 2", { line: 2, message: "SyntaxError: invalid syntax" }],
    ["python", "  x = 1\ny = 2", { line: 1, message: expect.stringContaining("IndentationError") }],
    ["python", "def f():\n  return\nreturn 1", { line: 3, message: "SyntaxError: 'return' outside function" }],
    ["python", "x = 1\ny = (", { line: 2, message: "SyntaxError: invalid syntax" }],
    ["python", "x = 1\nmatch x:\n  case 1: y = 2", { line: 2, message: "match is not supported: write if and elif" }],
    ["python", "x = '\\N{BULLET}'", { line: 1, message: expect.stringContaining("\\N{name} is not supported") }],
    ["javascript", "let a = 1;\nif (a {", { line: 2, message: "SyntaxError: expecting ')'" }],
    ["javascript", "let a;\nlet a;", { line: 2, message: "SyntaxError: invalid redefinition of lexical identifier" }],
    ["javascript", "return `", { line: 1, message: "SyntaxError: unexpected end of string" }],
    ["javascript", "}}); while (true); (async function () {{", { line: 1, message: expect.any(String) }],
  ] as const)("%s: %j", (language, code, error) => {
    expect(checkCode(language, code)).toEqual([{ ...error, severity: "error" }]);
  });

  test("come before warnings, which come by line", () => {
    const found = python("import os", "x = (1", "open('a')");
    expect(found.map(({ severity }) => severity)).toEqual(["error", "warning", "warning"]);
    expect(found.slice(1).map(({ line }) => line)).toEqual([1, 3]);
  });
});

describe("warnings name the line: Python", () => {
  test.each([
    ["import os", /^there is no module 'os' here$/],
    ["from decimal import Decimal", /^there is no module 'decimal' here$/],
    ["from dataclasses import dataclass", /no module 'dataclasses'/],
    ["import re, socket as s", /no module 'socket'/],
    ["from collections import Counter, UserDict", /^collections\.UserDict does not exist here$/],
    ["import math as m; m.sumprod([1], [2])", /^math\.sumprod does not exist here$/],
    ["import random; random.seed(1)", /others than CPython's/],
    ["import time; time.sleep(1)", /cannot sleep/],
    ["open('a.txt')", /no files/],
    ["(1.0).is_integer()", /is_integer/],
    ["p._asdict()", /_asdict/],
  ])("%s", (code, message) => {
    expect(python("x = 1", code, "y = 2")).toEqual([warning(2, message)]);
  });

  test.each([
    "import re, json, datetime as dt, urllib.parse\nre.findall('a', 'b')\ndt.datetime.now()\nurllib.parse.quote('x')",
    "from urllib import parse\nfrom urllib.parse import quote, urlencode\nfrom typing import Optional\nfrom __future__ import annotations",
    "from itertools import (\n  groupby,\n  chain as c,\n)",
    "def open(x): return x\nresult = open(1)",
    "match = {'a': 1}\nmatch['a'] = 2\nprint(match)",
    "text = 'import os'  # import os\nraw = r'\\N{x}'",
    "event = context.get('os')\nevent.open",
  ])("nothing against %j", (code) => expect(checkCode("python", code)).toEqual([]));

  test("a name is said once", () => expect(python("import os", "import os", "os.x")).toHaveLength(1));
});

describe("warnings name the line: JavaScript", () => {
  test.each([
    ["await fetch('http://example.com')", /^fetch does not exist here: a snippet has no network/],
    ["const fs = require('fs')", /^require does not exist here/],
    ["setTimeout(() => {}, 10)", /^setTimeout does not exist here: there are no timers/],
    ["new URL('http://example.com').host", /^URL does not exist here/],
    ["new Intl.NumberFormat('fa').format(1)", /^Intl does not exist here/],
    ["(1234.5).toLocaleString('de')", /^toLocaleString\(\) has no languages here/],
  ])("%s", (code, message) => {
    expect(javascript("let x = 1;", code, "x = 2")).toEqual([warning(2, message)]);
  });

  test.each([
    "const fetch = (x) => x;\nreturn fetch(1)",
    "return { process: 1, fetch: 2 }.process",
    "// fetch()\n/* require() */\nreturn 'fetch' + `window` + /document/.source",
    "function f(crypto) { return crypto }\nreturn f(1)",
  ])("nothing against %j", (code) => expect(checkCode("javascript", code)).toEqual([]));
});

test("nothing is run", () => {
  expect(checkCode("python", "while True: pass")).toEqual([]);
  expect(checkCode("javascript", "while (true); throw 1")).toEqual([]);
});

test.each(PYTHON)("python: $name passes", ({ code }) => expect(checkCode("python", code)).toEqual([]));
test.each(JAVASCRIPT)("javascript: $name passes", ({ code }) => expect(checkCode("javascript", code)).toEqual([]));

test("code that is too large to compile is an error, not a hang", () => {
  expect(checkCode("python", `x = ${"(".repeat(100_000)}`)).toMatchObject([{ severity: "error" }]);
  expect(checkCode("javascript", "x".repeat(20 << 20))).toMatchObject([
    { message: expect.stringContaining("MemoryError") },
  ]);
});

test("code made to be looked through for long is looked through once", () => {
  for (const piece of ["a[1:2:3]", "'''\\", "/*", "import a;", "f'{", "`${", "(((", "x.y[::1].", "a=>", "'%.f'%"]) {
    const code = piece.repeat(60_000 / piece.length);
    for (const language of ["python", "javascript"] as const)
      expect(checkCode(language, code).length).toBeLessThan(300);
  }
});
