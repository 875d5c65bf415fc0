// Attacks on the sandbox with how each must end. Run in plain Node and in workerd.

import type { Language } from "../../src/sandbox/run-code.ts";

export interface Attack {
  language: Language;
  name: string;
  code: string;
  /** Name of the error. */
  error: string | RegExp;
  message?: RegExp;
  line?: number;
}

const python = (name: string, code: string, error: Attack["error"], message?: RegExp, line?: number): Attack => ({
  language: "python",
  name,
  code,
  error,
  ...(message && { message }),
  ...(line !== undefined && { line }),
});
const javascript = (...[name, code, error, message, line]: Parameters<typeof python>): Attack => ({
  ...python(name, code, error, message, line),
  language: "javascript",
});

const BUDGET = "BudgetExceeded";
const STEPS = /^stopped after 10000000 steps$/;
/** What a result does while it is written is paid from another allowance. */
const STEPS_OR_WRITING = /^(stopped after 10000000 steps|the result takes too long to write)$/;

/** Undoes the manners of the Python harness; what follows must fail at the walls. */
const BREAK_OUT = "b = open.__globals__['builtins']\ndel b.__import__\n";

export const ATTACKS: Attack[] = [
  python("an endless loop", "while True: pass", "BudgetExceeded", /^stopped after 10000000 steps$/),
  python(
    "an endless loop that catches everything",
    "while True:\n  try:\n    while True: pass\n  except BaseException: pass",
    "BudgetExceeded",
  ),
  python("exceptions as a loop", "def g():\n  try:\n    g()\n  except RuntimeError:\n    g()\ng()", "BudgetExceeded"),
  python("a catastrophic pattern", "import re\nre.match('(a+)+$', 'a' * 40 + 'b')", "BudgetExceeded"),
  python("a huge power", "10 ** 10000000", "BudgetExceeded"),
  python("one huge text", "x = 'a' * (1 << 28)", "MemoryError", undefined, 1),
  python("one huge number", "x = 1 << (1 << 30)", "MemoryError", undefined, 1),
  python("a growing text", "x = 'a'\nwhile True: x = x + x", /^(MemoryError|BudgetExceeded)$/),
  python("a growing list", "x = []\nwhile True: x.append(bytearray(100000))", /^(MemoryError|BudgetExceeded)$/),
  python("recursion", "def f(n):\n  return f(n + 1)\nf(0)", "RecursionError", /recursion/, 2),
  python(
    "recursion in a special method",
    "class A:\n  def __repr__(self): return repr(self)\nprint(A())",
    "RecursionError",
  ),
  python("a deep program", `result = ${"[".repeat(800)}${"]".repeat(800)}`, /^(RecursionError|OutputLimit)$/),
  python("endless printing", "while True: print('x' * 100)", "OutputLimit", /printed more than 65536 bytes/),
  python("a huge result", "result = 'a' * 70000", "OutputLimit", /more than 65536 bytes/),
  python(
    "a result that contains itself",
    "x = []\nx.append(x)\nresult = x",
    "OutputLimit",
    /nests deeper than 64 levels/,
  ),
  python("a result that is no data", "result = open", "TypeError", /not JSON/),
  python(
    "work hidden in the result",
    "class A(dict):\n  def items(self):\n    while True: pass\nresult = A()",
    "BudgetExceeded",
  ),
  python("import os", "x = 1\nimport os", "ImportError", /no module named 'os'/, 2),
  python("import js, the host's globals", "import js\njs.fetch('http://example.com')", "ImportError"),
  python("import jsffi", "import jsffi", "ImportError"),
  python("__import__", "__import__('socket')", "ImportError"),
  python("open", "open('/etc/passwd')", "OSError", /no files/, 1),
  python("io.open", "import io\nio.open('/etc/passwd')", "OSError"),
  python("input", "input()", "OSError"),
  python("sleep", "import time\ntime.sleep(10)", "OSError", /cannot sleep/, 2),
  python("exit with a status", "import sys\nsys.exit(3)", "SystemExit"),
  python("file access past the harness", `${BREAK_OUT}import os\nos.listdir('/')`, "OSError", /EACCES/),
  python("asyncio past the harness", `${BREAK_OUT}import asyncio\nasyncio.run(None)`, "SandboxError"),
  python("the host's globals past the harness", `${BREAK_OUT}import js\njs.fetch`, "SandboxError", /cannot call/),
  python(
    "scribbling over the interpreter's memory",
    `${BREAK_OUT}import uctypes\nm = uctypes.bytearray_at(0, 500000)\nfor i in range(500000): m[i] = 255`,
    "SandboxError",
  ),
  python(
    "reading beyond the memory",
    `${BREAK_OUT}import uctypes\nprint(uctypes.bytes_at(1 << 30, 100))`,
    "SandboxError",
  ),
  python("closing the output", "import sys\nsys.stdout.close()", "ValueError"),
  python("removing the harness", "open.__globals__.clear()\n'ab'.title()", "NameError", undefined, 2),

  // The ways of people, and of what the prelude adds.
  python("except: pass around everything", "while True:\n  try: 1 / 0\n  except: pass", BUDGET, STEPS),
  python(
    "an interrupt that is caught",
    "try:\n  while True: pass\nexcept BaseException:\n  result = 'mine'",
    BUDGET,
    STEPS,
  ),
  python("a loop in finally", "try:\n  1 / 0\nfinally:\n  while True: pass", BUDGET, STEPS, 4),
  python(
    "a generator that never ends",
    "def forever():\n  while True: yield 1\nresult = sum(forever())",
    BUDGET,
    STEPS,
    2,
  ),
  python(
    "a list of a generator that never ends",
    "import itertools\nresult = list(itertools.count())",
    /^(MemoryError|BudgetExceeded)$/,
  ),
  python("recursion between two", "def a(): return b()\ndef b(): return a()\na()", "RecursionError", /recursion/),
  python(
    "recursion that is caught and tried again",
    "def f():\n  try: f()\n  except RuntimeError: f()\nwhile True: f()",
    BUDGET,
    STEPS,
  ),
  python("doubling lists", "x = [0]\nwhile True: x += x", "MemoryError", undefined, 2),
  python(
    "a text of a text of a text",
    "x = 'a' * 1000\nfor i in range(10): x = x.replace('a', x)",
    /^(MemoryError|BudgetExceeded)$/,
  ),
  python("a huge number as text", "x = 7 ** 400000\nresult = str(x)", BUDGET, STEPS),
  python("a number from a huge text", "result = int('9' * 300000)", BUDGET, STEPS),
  python("a factorial", "import math\nmath.factorial(100000)", /^(RecursionError|BudgetExceeded)$/),
  python("a wide format", "'{:>1000000000}'.format('a')", /^(MemoryError|BudgetExceeded)$/),
  python("a wide f-string", "f'{1.5:>1000000000}'", "MemoryError", undefined, 1),
  python("a wide percent", "'%999999999.2f' % 1.5", "MemoryError", undefined, 1),
  python("a wide zfill", "x = 1\n'7'.zfill(1 << 29)", "MemoryError", undefined, 2),
  python("many decimals", "f'{0.1:.99999999f}'", /^(MemoryError|BudgetExceeded|OverflowError)$/),
  python("nested formats", "'{:{:{:{}}}}'.format(*range(9))", /^(ValueError|IndexError)$/),
  python(
    "a pattern that tries everything",
    "import re\nre.match(r'(\\w+\\s?)*$', 'word ' * 30 + '!')",
    BUDGET,
    STEPS,
    2,
  ),
  python("a pattern of nested counts", "import re\nre.compile('((a{1,900}){1,900}){1,900}')", BUDGET, STEPS, 2),
  python("a pattern nested deep", "import re\nre.compile('(' * 500 + ')' * 500)", "RecursionError", undefined, 2),
  python(
    "a pattern that matches nothing for ever",
    "import re\nresult = re.sub('(a*)*', 'b', 'a' * 20000)",
    /^(BudgetExceeded|MemoryError)$/,
  ),
  python(
    "a product of products",
    "import itertools\nlist(itertools.product(range(100), repeat=9))",
    /^(BudgetExceeded|MemoryError)$/,
  ),
  python(
    "quantiles without number",
    "import statistics\nstatistics.quantiles([1, 2], n=10 ** 9)",
    /^(BudgetExceeded|MemoryError)$/,
  ),
  python(
    "a comparison that never ends",
    "class A:\n  def __lt__(self, other):\n    while True: pass\nsorted([A(), A()])",
    BUDGET,
    STEPS,
    3,
  ),
  python("JSON of a list in itself", "import json\nx = []\nx.append(x)\njson.dumps(x)", "RecursionError", undefined, 4),
  python("JSON nested deep", "import json\njson.loads('[' * 100000)", /^(BudgetExceeded|RecursionError)$/),
  python(
    "a date that never comes",
    "from datetime import date, timedelta\nd = date(2026, 1, 1)\nwhile d.year < 9999: d += timedelta(days=1)\nresult = 1",
    BUDGET,
    STEPS,
  ),
  python(
    "a result that changes while it is written",
    "class A(dict):\n  def items(self):\n    while True: yield 'a', 1\nresult = A()",
    /^(BudgetExceeded|MemoryError|OutputLimit)$/,
  ),
  python(
    "a result nested deep",
    "x = 1\nfor i in range(1000): x = {'a': x}\nresult = x",
    "OutputLimit",
    /nests deeper than 64 levels/,
  ),
  python("a function in a result", "result = {'f': [print]}", "TypeError", /not JSON/),
  python(
    "printing through sys.stdout",
    "import sys\nwhile True: sys.stdout.write('x' * 1000)",
    "OutputLimit",
    /printed more than/,
  ),
  python("import sys.modules", "import sys\nsys.modules['uctypes']", "KeyError", undefined, 2),
  python(
    "a builtin of the rewriting replaced",
    "open.__globals__['builtins'].__step__ = lambda x: x.missing\n'abc'[::-1]",
    "AttributeError",
    undefined,
    1,
  ),
  python(
    "types overwritten from below",
    `${BREAK_OUT}import uctypes\nm = uctypes.bytearray_at(id(str), 60)\nfor i in range(60): m[i] = 0\n'a'.upper()`,
    /./,
  ),

  javascript("an endless loop", "while (true);", "BudgetExceeded", /^stopped after 10000000 steps$/),
  javascript("an endless loop that cleans up", "try { while (true); } finally { return 1 }", "BudgetExceeded"),
  javascript("an endless chain of promises", "const f = () => Promise.resolve().then(f);\nawait f()", "BudgetExceeded"),
  javascript("a catastrophic pattern", "/(a+)+$/.test('a'.repeat(40) + 'b')", "BudgetExceeded"),
  javascript("a native loop", "new Array(2 ** 32 - 1).join('abc')", "BudgetExceeded"),
  javascript("one huge buffer", "new Uint8Array(1e9)", "MemoryError", undefined, 1),
  javascript("one huge text", "'a'.repeat(2 ** 29)", "MemoryError"),
  javascript("a growing text", "let a = 'a'; while (true) a += a", "MemoryError"),
  javascript(
    "a growing list",
    "const a = [];\nwhile (true) a.push(new Uint8Array(100000))",
    "MemoryError",
    undefined,
    2,
  ),
  javascript("many small objects", "const a = []; while (true) a.push({})", /^(MemoryError|BudgetExceeded)$/),
  javascript("recursion", "function f(n) { return f(n + 1) }\nf(0)", "RecursionError", undefined, 1),
  javascript("recursion in a conversion", "const o = { toString() { return '' + this } };\n'' + o", "RecursionError"),
  javascript(
    "recursion in a proxy",
    "const p = new Proxy({}, { get(t, k, r) { return r[k] } });\np.x",
    "RecursionError",
  ),
  javascript("a deep program", `return ${"[".repeat(50000)}1${"]".repeat(50000)}`, "RecursionError"),
  javascript("deep JSON", "return JSON.parse('['.repeat(1e5) + ']'.repeat(1e5))", "RecursionError"),
  javascript(
    "endless printing",
    "while (true) console.log('x'.repeat(100))",
    "OutputLimit",
    /printed more than 65536 bytes/,
  ),
  javascript("a huge result", "return 'a'.repeat(70000)", "OutputLimit", /more than 65536 bytes/),
  javascript(
    "a deep result",
    "let x = 1; for (let i = 0; i < 100; i++) x = [x];\nreturn x",
    "OutputLimit",
    /deeper than 64 levels/,
  ),
  javascript("a result that contains itself", "const a = {}; a.a = a; return a", "TypeError", /circular/),
  javascript("work hidden in the result", "return { toJSON() { while (true); } }", "BudgetExceeded"),
  javascript(
    "work hidden in an error",
    "const e = new Error();\nObject.defineProperty(e, 'name', { get() { while (true); } });\nthrow e",
    "BudgetExceeded",
  ),
  javascript(
    "an error that cannot be shown",
    "throw new Proxy({}, { getPrototypeOf() { throw 1 } })",
    "Error",
    /cannot be shown/,
  ),
  javascript("waiting for ever", "await new Promise(() => {})", "Error", /waits for something that never comes/),
  javascript(
    "the constructor's constructor",
    "return this.constructor.constructor('return process')()",
    "ReferenceError",
  ),
  javascript("fetch", "await fetch('http://example.com')", "ReferenceError"),
  javascript("require", "require('fs')", "ReferenceError"),
  javascript("a timer", "setTimeout(() => {}, 1)", "ReferenceError"),
  javascript("a module", "await import('fs')", "ReferenceError"),
  javascript("leaving the function", "}}); console.log('out'); (async function () {{", "SyntaxError"),

  // The ways of people.
  javascript("catch around everything", "while (true) { try { throw 1 } catch {} }", BUDGET, STEPS),
  javascript("a loop in finally", "try { throw 1 } finally { while (true); }", BUDGET, STEPS),
  javascript(
    "a generator that never ends",
    "function* f() { while (true) yield 1 }\nreturn [...f()]",
    /^(BudgetExceeded|MemoryError)$/,
  ),
  javascript(
    "a queue of promises that grows",
    "const f = () => { Promise.resolve().then(f); Promise.resolve().then(f) };\nf(); await null",
    /^(BudgetExceeded|MemoryError)$/,
  ),
  javascript("an async loop", "for (;;) await null", BUDGET, STEPS),
  javascript(
    "async generators",
    "async function* f() { while (true) yield 1 }\nlet s = 0; for await (const x of f()) s += x",
    BUDGET,
    STEPS,
  ),
  javascript("a thenable that never settles anew", "const t = { then(r) { r(t) } };\nreturn await t", BUDGET, STEPS),
  javascript("recursion between two", "const a = () => b(), b = () => a();\na()", "RecursionError"),
  javascript(
    "recursion that is caught and tried again",
    "function f() { try { f() } catch { f() } }\nwhile (true) f()",
    BUDGET,
    STEPS,
  ),
  javascript("a huge BigInt", "let x = 7n; while (true) x *= x", /^(MemoryError|BudgetExceeded|RangeError)$/),
  javascript("a BigInt as text", "return String(7n ** 300000n)", /^(BudgetExceeded|OutputLimit)$/),
  javascript("sorting with a comparison that never ends", "[2, 1].sort(() => { while (true); })", BUDGET, STEPS),
  javascript(
    "sorting what answers at random",
    "const a = Array.from({ length: 1e6 }, Math.random);\na.sort(() => Math.random() - 0.5)",
    /^(MemoryError|BudgetExceeded)$/,
  ),
  javascript("a pattern that tries everything", "return /^(\\w+\\s?)*$/.test('word '.repeat(30) + '!')", BUDGET, STEPS),
  javascript(
    "a pattern with look-behind that tries everything",
    "return /(?<=(a+)+)b$/.test('a'.repeat(5000))",
    /^(BudgetExceeded|RecursionError|InternalError)$/,
  ),
  javascript(
    "replacing what it puts in",
    "let s = 'a'; while (true) s = s.replaceAll('a', 'aa')",
    /^(MemoryError|BudgetExceeded)$/,
  ),
  javascript("padding", "return 'a'.padEnd(2 ** 30)", "RangeError", undefined, 1),
  javascript("a sparse array as a result", "return new Array(2 ** 32 - 1)", /^(MemoryError|BudgetExceeded)$/),
  javascript(
    "a getter on the context",
    "Object.defineProperty(context, 'x', { enumerable: true, get() { while (true); } });\nreturn context",
    BUDGET,
    STEPS_OR_WRITING,
  ),
  javascript("a proxy as a result", "return new Proxy({}, { ownKeys() { while (true); } })", BUDGET, STEPS_OR_WRITING),
  javascript(
    "a proxy that grows its keys",
    "return new Proxy({}, { ownKeys: () => Array.from({ length: 1e6 }, (_, i) => 'k' + i), getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }) })",
    /^(MemoryError|BudgetExceeded|OutputLimit)$/,
  ),
  javascript(
    "toJSON for ever",
    "const a = { toJSON() { return { a } } };\nreturn a",
    /^(TypeError|RecursionError|BudgetExceeded|OutputLimit|InternalError|MemoryError)$/,
  ),
  javascript("a BigInt as a result", "return 1n", "TypeError", /bigint/i),
  javascript(
    "the host by a constructor of an async function",
    "return (async () => {}).constructor('return process.env')()",
    "ReferenceError",
  ),
  javascript(
    "the host by a generator's constructor",
    "return (function* () {}).constructor('yield globalThis.process.env')().next().value",
    "TypeError",
  ),
  javascript(
    "the host by an error's stack",
    "Error.prepareStackTrace = (e, frames) => frames[0].getThis().process;\nreturn new Error().stack.process.env",
    "TypeError",
  ),
  javascript(
    "prototypes of the harness",
    "Object.prototype.toJSON = function () { while (true); };\nreturn {}",
    BUDGET,
    STEPS_OR_WRITING,
  ),
  javascript(
    "replaced globals",
    "globalThis.JSON = null; globalThis.String = null; Function.prototype.call = null; throw new Error('still shown')",
    "Error",
    /still shown/,
  ),
  javascript(
    "shared memory",
    "return new SharedArrayBuffer(1e9)",
    /^(MemoryError|ReferenceError|TypeError|RangeError)$/,
  ),
  javascript(
    "Atomics.wait",
    "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
    /^(ReferenceError|TypeError)$/,
  ),
  javascript("an interval", "setInterval(() => {}, 0)", "ReferenceError", /setInterval/, 1),
  javascript("std and os of QuickJS", "return std.open('/etc/passwd') || os", "ReferenceError", undefined, 1),
  javascript("eval of endless code", "return eval('while (true);')", BUDGET, STEPS),
  javascript("a wasm module", "return new WebAssembly.Module(new Uint8Array(8))", "ReferenceError"),
  javascript(
    "weak references and finalizers",
    "const r = new FinalizationRegistry(() => { while (true); });\nwhile (true) r.register({}, 1)",
    /^(MemoryError|BudgetExceeded)$/,
  ),
];
