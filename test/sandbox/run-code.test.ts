import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../src/lib/json.ts";
import { DEFAULT_BUDGET } from "../../src/sandbox/budget.ts";
import { type CodeRequest, type Language, runCode } from "../../src/sandbox/run-code.ts";
import { ATTACKS } from "./attacks.ts";
import { JAVASCRIPT, PYTHON } from "./snippets.ts";

/** What would last if anything of a run did. */
const POISONS: { language: Language; name: string; code: string }[] = [
  ["python", "import sys\nsys.modules['re'] = 5\nsys.modules['json'] = None"],
  ["python", "import re, json, functools\nre.sub = lambda *a: 'x'\njson.dumps = functools.reduce = None"],
  ["python", "import random, time\nrandom.random = time.time = lambda: 4"],
  ["python", "(lambda: 0).__globals__.clear()\nopen.__globals__.clear()"],
  ["javascript", "Object.freeze(Object.prototype); Object.freeze(globalThis)"],
  ["javascript", "JSON.stringify = JSON.parse = String.prototype.slice = Function.prototype.call = null"],
  ["javascript", "Object.prototype.toJSON = Array.prototype.toJSON = () => 'x'; throw new Error('x')"],
  ["javascript", "Math.random = Date.now = () => 4; Object.defineProperty(Object.prototype, '0', { set() {} })"],
].map(([language, code]) => ({ language: language as Language, name: code!, code: code! }));

const LANGUAGES: Language[] = ["python", "javascript"];
const run = (language: Language, code: string, more: Partial<CodeRequest> = {}) =>
  runCode({ language, code, context: null, ...more });

describe.each([
  ["python", PYTHON],
  ["javascript", JAVASCRIPT],
] as const)("%s", (language, snippets) => {
  test.each(snippets)("$name", ({ code, context, result, stdout }) => {
    expect(run(language, code, { context: context ?? null })).toEqual({
      ok: true,
      result,
      stdout: stdout ?? "",
      fuelUsed: expect.any(Number),
      ...(result === null && { isMissing: true }),
    });
  });

  test("reads and returns every JSON value unchanged", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        // JSON has no negative zero, and MicroPython's text no lone surrogates.
        const context = JSON.parse(JSON.stringify(value).toWellFormed()) as Json;
        const outcome = run(language, "result = context", { context });
        expect(outcome).toMatchObject({ ok: true, result: JSON.parse(JSON.stringify(context)) });
      }),
      { numRuns: 150 },
    );
  });

  test("keeps numbers to the last bit", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })), (numbers) => {
        const context = numbers.map((number) => number + 0);
        expect(run(language, "result = context", { context })).toMatchObject({ ok: true, result: context });
      }),
    );
  });

  test("a run is the same to the step after every attack", () => {
    const clean =
      language === "python"
        ? "import re, json, random, time, sys, functools\nresult = [re.sub('a', 'b', 'aa'), json.dumps(context), random.random(), time.time(), 'ab'.title(), len(globals()), sorted(sys.modules), functools.reduce(lambda a, b: a + b, [1, 2])]"
        : "return [Math.random(), Date.now(), context, 'abc'.slice(1), Object.getOwnPropertyNames(globalThis), Object.isFrozen(Object.prototype)]";
    const asked = { seed: 7, now: 5000, context: { a: [1] } };
    const first = run(language, clean, asked);
    expect(first).toMatchObject({ ok: true });
    for (const { name, code } of [...ATTACKS, ...POISONS].filter((one) => one.language === language)) {
      run(language, code);
      expect(run(language, clean, asked), name).toEqual(first);
    }
  });

  test("a run sees nothing of the one before", () => {
    const dirty =
      language === "python"
        ? "import time, sys\nleft = 1\ntime.left = 1\nopen.__globals__['builtins'].len = lambda x: 42\nsys.path.append('left')"
        : "globalThis.left = 1; Object.prototype.left = 1; Array.prototype.map = null; JSON.parse = null";
    expect(run(language, dirty)).toMatchObject({ ok: true });
    const clean =
      language === "python"
        ? "import time, sys\nresult = ['left' in globals(), hasattr(time, 'left'), len('ab'), 'left' in sys.path]"
        : "return [typeof left, 'left' in {}, [1].map((x) => x), JSON.parse('2')]";
    expect(run(language, clean)).toMatchObject({
      result: language === "python" ? [false, false, 2, false] : ["undefined", false, [1], 2],
    });
  });

  test("the same seed and clock give the same run, another seed another", () => {
    const code =
      language === "python"
        ? "import random, time\nresult = [random.random(), random.randint(1, 1000000), time.time()]"
        : "return [Math.random(), Math.random(), Date.now()]";
    const now = Date.UTC(2025, 0, 2, 3, 4, 5);
    const first = run(language, code, { seed: 7, now });
    expect(run(language, code, { seed: 7, now })).toEqual(first);
    const numbers = (seed?: number) => {
      const outcome = run(language, code, { now, ...(seed !== undefined && { seed }) });
      return outcome.ok ? (outcome.result as number[]) : [];
    };
    expect(new Set(Array.from({ length: 50 }, (_, seed) => numbers(seed)[0])).size).toBe(50);
    expect(numbers()).toEqual(numbers(0));
    expect(numbers(1)[2]).toBe(language === "python" ? now / 1000 : now);
  });

  test("seeds give even numbers", () => {
    const code = language === "python" ? "import random\nresult = random.random()" : "return Math.random()";
    const first = Array.from({ length: 400 }, (_, seed) => run(language, code, { seed }))
      .map((outcome) => (outcome.ok ? (outcome.result as number) : Number.NaN))
      .map((number) => Math.floor(number * 4));
    for (const quarter of [0, 1, 2, 3]) expect(first.filter((one) => one === quarter).length).toBeGreaterThan(60);
  });
});

describe("an attack ends and the next run is healthy", () => {
  test.each(ATTACKS)("$language: $name", ({ language, code, error, message, line }) => {
    const outcome = run(language, code, { context: {} });
    expect(outcome).toMatchObject({ ok: false, error: { name: expect.stringMatching(error) } });
    if (outcome.ok) return;
    if (typeof error === "string") expect(outcome.error.name).toBe(error);
    if (message) expect(outcome.error.message).toMatch(message);
    if (line !== undefined) expect(outcome.error.line).toBe(line);
    expect(outcome.fuelUsed).toBeLessThanOrEqual(DEFAULT_BUDGET.fuel);
    expect(outcome.stdout).not.toContain("out");
    expect(run(language, "result = 1 + 1")).toMatchObject({ ok: true, result: 2 });
  });
});

describe("whatever the code is, it ends as data", () => {
  const check = (language: Language, code: string) => {
    const outcome = run(language, code, { budget: { fuel: 300_000, memoryBytes: 1 << 20 } });
    expect(outcome.ok || typeof outcome.error.message).toBeOneOf([true, "string"]);
  };

  test.each([
    ["python", PYTHON],
    ["javascript", JAVASCRIPT],
  ] as const)("%s: noise, and snippets with a piece cut out", (language, snippets) => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (code) => check(language, code)));
    const damaged = fc
      .tuple(fc.constantFrom(...snippets), fc.nat(200), fc.nat(20))
      .map(([{ code }, at, length]) => code.slice(0, at) + code.slice(at + length));
    fc.assert(
      fc.property(damaged, (code) => check(language, code)),
      { numRuns: 300 },
    );
    expect(run(language, "result = 1")).toMatchObject({ ok: true });
  });
});

describe("errors", () => {
  test.each([
    ["python", "x = 1\ny = {}\nprint(y['a'])", { name: "KeyError", message: "a", line: 3 }],
    [
      "python",
      "def f():\n  raise ValueError('no ' + 'way')\n\nf()",
      { name: "ValueError", message: "no way", line: 2 },
    ],
    ["python", "class Rude(Exception): pass\nraise Rude('go')", { name: "Rude", message: "go", line: 2 }],
    ["python", "x = 1\nif x\n  y = 2", { name: "SyntaxError", message: "invalid syntax", line: 2 }],
    [
      "javascript",
      "const x = {};\n\nx.a.b",
      { name: "TypeError", message: "cannot read property 'b' of undefined", line: 3 },
    ],
    [
      "javascript",
      "const f = () => {\n  throw new RangeError('far');\n};\nf()",
      { name: "RangeError", message: "far", line: 2 },
    ],
    ["javascript", "await 0;\nawait Promise.reject(new Error('late'))", { name: "Error", message: "late", line: 2 }],
    ["javascript", "throw { code: 7 }", { name: "Error", message: '{"code":7}' }],
    [
      "javascript",
      "let a = 1;\nlet b = ;",
      { name: "SyntaxError", message: "unexpected token in expression: ';'", line: 2 },
    ],
  ] as const)("%s: %j", (language, code, error) => {
    expect(run(language, code)).toMatchObject({ ok: false, error });
  });

  test("a long message is cut", () => {
    const outcome = run("javascript", "throw new Error('x'.repeat(100000))");
    expect(!outcome.ok && outcome.error.message.length).toBe(2000);
  });

  test("what was printed before the error is kept", () => {
    expect(run("python", "print('before')\n1 / 0")).toMatchObject({ ok: false, stdout: "before\n" });
    expect(run("javascript", "console.log('before'); while (true);")).toMatchObject({ ok: false, stdout: "before\n" });
  });
});

describe("budgets", () => {
  test.each(LANGUAGES)("%s: fuel follows the work, the same each time", (language) => {
    const loop = (turns: number) =>
      language === "python" ? `for i in range(${turns}): pass` : `for (let i = 0; i < ${turns}; i++);`;
    const used = (turns: number) => run(language, loop(turns)).fuelUsed;
    expect(used(1000)).toBe(used(1000));
    const perTurn = (used(21_000) - used(1000)) / 20_000;
    expect((used(41_000) - used(1000)) / 40_000).toBeCloseTo(perTurn, 0);
    expect(perTurn).toBeGreaterThan(1);
    expect(run(language, loop(20_000), { budget: { fuel: Math.floor(used(20_000)) } })).toMatchObject({ ok: true });
    expect(run(language, loop(20_000), { budget: { fuel: Math.floor(used(20_000) / 2) } })).toMatchObject({
      ok: false,
      error: { name: "BudgetExceeded" },
    });
  });

  test.each(LANGUAGES)("%s: reading a large context is not charged to the code", (language) => {
    const context = Array.from({ length: 5000 }, (_, id) => ({ id, name: `contact ${id}` }));
    const outcome = run(language, "result = context[4999]['id']", { context });
    expect(outcome).toMatchObject({ ok: true, result: 4999 });
    expect(outcome.fuelUsed).toBeLessThan(200_000);
  });

  test.each(LANGUAGES)("%s: a result of the whole output budget can be written", (language) => {
    const code = language === "python" ? "result = 'a' * 65534" : "return 'a'.repeat(65534)";
    expect(run(language, code)).toMatchObject({ ok: true, result: "a".repeat(65534) });
    expect(run(language, code, { budget: { outputBytes: 65535 } })).toMatchObject({ error: { name: "OutputLimit" } });
  });

  test.each(LANGUAGES)("%s: printed text ends at the limit and at a whole character", (language) => {
    const code = language === "python" ? "print('é' * 10, end='')" : "console.log('é'.repeat(10))";
    const outcome = run(language, code, { budget: { outputBytes: 7 } });
    expect(outcome).toMatchObject({ ok: false, error: { name: "OutputLimit" }, stdout: "ééé" });
  });

  test.each(LANGUAGES)("%s: most of the memory budget can be used", (language) => {
    const code = (megabytes: number) =>
      language === "python"
        ? `x = [bytearray(100000) for i in range(${megabytes * 10})]\nresult = len(x) // 10`
        : `return Array.from({ length: ${megabytes * 10} }, () => new Uint8Array(100000)).length / 10`;
    const budget = { fuel: 1_000_000_000 };
    expect(run(language, code(6), { budget })).toMatchObject({ ok: true, result: 6 });
    expect(run(language, code(10), { budget })).toMatchObject({ ok: false, error: { name: "MemoryError" } });
    expect(run(language, code(26), { budget: { ...budget, memoryBytes: 1 << 30 } })).toMatchObject({ ok: true });
    expect(run(language, code(40), { budget: { ...budget, memoryBytes: 1 << 30 } })).toMatchObject({ ok: false });
    expect(run(language, code(2), { budget: { ...budget, memoryBytes: 1 << 20 } })).toMatchObject({ ok: false });
  });

  test.each(LANGUAGES)("%s: code that catches the lack of memory goes on", (language) => {
    const code =
      language === "python"
        ? "try:\n  x = bytearray(1 << 28)\nexcept MemoryError:\n  result = 'caught'"
        : "try { const a = []; while (true) a.push(new Uint8Array(100000)) } catch (e) { return 'caught' + e.message }";
    expect(run(language, code)).toMatchObject({ ok: true, result: expect.stringContaining("caught") });
  });

  test.each(LANGUAGES)("%s: results as deep as allowed, not deeper", (language) => {
    const nest = (levels: number) =>
      language === "python"
        ? `x = 1\nfor i in range(${levels}): x = [x]\nresult = x`
        : `let x = 1; for (let i = 0; i < ${levels}; i++) x = [x];\nreturn x`;
    expect(run(language, nest(64))).toMatchObject({ ok: true });
    expect(run(language, nest(65))).toMatchObject({ ok: false, error: { name: "OutputLimit" } });
    expect(run(language, nest(3), { budget: { depth: 3 } })).toMatchObject({ ok: true });
    expect(run(language, nest(4), { budget: { depth: 3 } })).toMatchObject({
      ok: false,
      error: { name: "OutputLimit" },
    });
  });

  test.each(LANGUAGES)("%s: an input that does not fit ends the run", (language) => {
    const context = "x".repeat(9 << 20);
    expect(run(language, "result = 1", { context })).toMatchObject({ ok: false, error: { name: "MemoryError" } });
    expect(run(language, "result = 1", { context: "x".repeat(7 << 20) })).toMatchObject({ ok: false });
    expect(run(language, "result = 1")).toMatchObject({ ok: true });
  });

  test.each(LANGUAGES)("%s: no budget at all is an error, a nonsensical one as well", (language) => {
    expect(run(language, "result = 1", { budget: { fuel: 0 } })).toMatchObject({ error: { name: "BudgetExceeded" } });
    expect(run(language, "result = 1", { budget: { fuel: Number.NaN } })).toMatchObject({
      error: { name: "BudgetExceeded" },
    });
    expect(run(language, "result = 1", { budget: { memoryBytes: -1 } })).toMatchObject({ ok: false });
    expect(run(language, "while_ = 1", { budget: { fuel: Number.POSITIVE_INFINITY } })).toMatchObject({ ok: true });
  });
});

test("keys that would reach a prototype stay data", () => {
  const outcome = run("javascript", `return JSON.parse('{"__proto__": {"polluted": 1}}')`);
  expect(outcome.ok && Object.keys(outcome.result as object)).toEqual(["__proto__"]);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

describe("a result that is wanted as a truth", () => {
  const BOXED = "class Box:\n    def __len__(self): return 0\nresult = Box()";
  test.each<[Language, string, boolean | null]>([
    ...["'0'", "'false'", "' '", "[0]", "{'a': 0}", "-1", "0.1", "float('nan')", "object()", "{0}", "len"].map(
      (value): [Language, string, boolean] => ["python", `result = ${value}`, true],
    ),
    ...["''", "0", "0.0", "None", "False", "[]", "{}", "()", "set()", "b''"].map(
      (value): [Language, string, boolean] => ["python", `result = ${value}`, false],
    ),
    ["python", BOXED, false],
    ["python", "result = True\nraise SystemExit", true],
    ["python", "x = 1", null],
    ...["'0'", "'false'", "[]", "{}", "-1", "Infinity", "() => 0", "Symbol('x')", "10n"].map(
      (value): [Language, string, boolean] => ["javascript", `result = ${value}`, true],
    ),
    ...["''", "0", "-0", "NaN", "null", "false", "0n"].map((value): [Language, string, boolean] => [
      "javascript",
      `result = ${value}`,
      false,
    ]),
    ["javascript", "return 'early'; result = 0", true],
    ["javascript", "const x = 1", null],
  ])("is what %s means: %s", (language, code, result) => {
    expect(run(language, code, { asTruth: true })).toMatchObject({
      ok: true,
      result,
      ...(result === null && { isMissing: true }),
    });
  });

  test("has none where the snippet fails", () => {
    expect(
      run("python", "class X:\n    def __bool__(self): return 1 / 0\nresult = X()", { asTruth: true }),
    ).toMatchObject({
      ok: false,
      error: { name: "ZeroDivisionError" },
    });
    expect(run("javascript", "result = x", { asTruth: true })).toMatchObject({ ok: false });
  });
});
