// Snippets as people write them, with what Python and JavaScript answer; and attacks with how they must end. Run in plain Node and
// in workerd.

import type { Json } from "../../src/lib/json.ts";
import type { Language } from "../../src/sandbox/run-code.ts";

export interface Snippet {
  name: string;
  code: string;
  context?: Json;
  result: Json;
  stdout?: string;
}

/** "Custom Code Condition" of the marketing document, word for word. */
const DOCUMENT_EXAMPLE =
  "# Check complex business rules\nuser_score = context.get('user', {}).get('score', 0)\nmessage_length = len(context.get('event', {}).get('data', {}).get('content', ''))\n\n# Set result to True or False\nresult = user_score > 100 and message_length > 10";

const customer = {
  user: {
    first_name: "سارا",
    email: "Sara@Example.com",
    score: 120,
    tags: ["vip", "newsletter"],
    birthday: "1990-05-17",
  },
  event: { type: "MESSAGE_RECEIVED", data: { content: "Where is my order #4711?" } },
  orders: [
    { id: 1, total: 19.99, items: ["pen", "ink"] },
    { id: 2, total: 5, items: ["pen"] },
  ],
};

export const PYTHON: Snippet[] = [
  { name: "the document's example, true", code: DOCUMENT_EXAMPLE, context: customer, result: true },
  { name: "the document's example, empty context", code: DOCUMENT_EXAMPLE, context: {}, result: false },
  { name: "no result is null", code: "x = 1", result: null },
  {
    name: "a greeting",
    code: "result = 'Hello ' + context['user']['first_name'] + '!'",
    context: customer,
    result: "Hello سارا!",
  },
  { name: "an f-string", code: "n = 3\nresult = f'{n} items, {n * 1.5:.2f} EUR'", result: "3 items, 4.50 EUR" },
  {
    name: "a sum",
    code: "result = round(sum(o['total'] for o in context['orders']), 2)",
    context: customer,
    result: 24.99,
  },
  {
    name: "counting",
    code: "counts = {}\nfor o in context['orders']:\n  for i in o['items']:\n    counts[i] = counts.get(i, 0) + 1\nresult = counts",
    context: customer,
    result: { pen: 2, ink: 1 },
  },
  {
    name: "sorting by key",
    code: "result = [o['id'] for o in sorted(context['orders'], key=lambda o: o['total'])]",
    context: customer,
    result: [2, 1],
  },
  {
    name: "a regular expression",
    code: "import re\nm = re.search('#([0-9]+)', context['event']['data']['content'])\nresult = m.group(1) if m else None",
    context: customer,
    result: "4711",
  },
  {
    name: "try and except",
    code: "try:\n  result = int('x')\nexcept ValueError as e:\n  result = -1\nfinally:\n  print('done')",
    result: -1,
    stdout: "done\n",
  },
  {
    name: "dates",
    code: "from datetime import datetime, timedelta\nresult = datetime(2024, 2, 28) + timedelta(days=2)",
    result: "2024-03-01T00:00:00",
  },
  { name: "json", code: "import json\nresult = json.loads('{\"a\": [1, 2.5, null]}')['a']", result: [1, 2.5, null] },
  {
    name: "a hash",
    code: "import hashlib, binascii\nresult = binascii.hexlify(hashlib.sha256(b'a').digest()).decode()[:8]",
    result: "ca978112",
  },
  {
    name: "functions and classes",
    code: "class Cart:\n  def __init__(self): self.lines = []\n  def add(self, p, n=1):\n    self.lines.append(p * n)\n    return self\nresult = Cart().add(2.5).add(1, n=3).lines",
    result: [2.5, 3],
  },
  {
    name: "tuples and sets",
    code: "result = [(1, 2), sorted({3, 1, 3})]",
    result: [
      [1, 2],
      [1, 3],
    ],
  },
  {
    name: "printing",
    code: "print('a', 1, True, None, sep='-')\nprint(['x'], end='')",
    result: null,
    stdout: "a-1-True-None\n['x']",
  },
  { name: "keys that are no text", code: "result = {1: 'a', None: 'b', True: 'c'}", result: { "1": "c", null: "b" } },
  {
    name: "not a number is null",
    code: "result = [float('nan'), float('inf'), 0.1 + 0.2]",
    result: [null, null, 0.30000000000000004],
  },
  { name: "sys.exit ends early", code: "import sys\nresult = 1\nsys.exit()\nresult = 2", result: 1 },
];

export const JAVASCRIPT: Snippet[] = [
  {
    name: "assigning the result",
    code: "const { user, event } = context;\nresult = user.score > 100 && event.data.content.length > 10;",
    context: customer,
    result: true,
  },
  { name: "returning it", code: "return context.user.tags.includes('vip')", context: customer, result: true },
  { name: "declaring it", code: "const result = [1, 2].map((x) => x * 2)", result: [2, 4] },
  { name: "no result is null", code: "let x = 1", result: null },
  { name: "a comment at the end", code: "result = 1 // one", result: 1 },
  {
    name: "a template",
    code: "return `Hello $" + "{context.user.first_name}!`",
    context: customer,
    result: "Hello سارا!",
  },
  {
    name: "a sum",
    code: "return context.orders.reduce((sum, { total }) => sum + total, 0).toFixed(2)",
    context: customer,
    result: "24.99",
  },
  {
    name: "grouping",
    code: "return Object.groupBy(context.orders, (o) => (o.total > 10 ? 'large' : 'small')).small[0].id",
    context: customer,
    result: 2,
  },
  {
    name: "sorting",
    code: "return context.orders.toSorted((a, b) => a.total - b.total).map((o) => o.id)",
    context: customer,
    result: [2, 1],
  },
  {
    name: "a regular expression",
    code: "return /#(?<id>\\d+)/u.exec(context.event.data.content)?.groups.id",
    context: customer,
    result: "4711",
  },
  {
    name: "optional chaining",
    code: "return context.user.address?.city ?? 'unknown'",
    context: customer,
    result: "unknown",
  },
  { name: "dates are UTC", code: "return new Date(2024, 1, 28 + 2)", result: "2024-03-01T00:00:00.000Z" },
  { name: "try and catch", code: "try { null.x } catch (e) { return e.name }", result: "TypeError" },
  {
    name: "async and await",
    code: "const double = async (x) => x * 2;\nconst all = await Promise.all([1, 2].map(double));\nreturn all",
    result: [2, 4],
  },
  {
    name: "a class with private fields",
    code: "class A { #x = 2; get x() { return this.#x } }\nreturn new A().x",
    result: 2,
  },
  {
    name: "printing",
    code: "console.log('a', 1, { b: [2] }, undefined, new Error('c'));\nconsole.error('é\\u0000')",
    result: null,
    stdout: 'a 1 {"b":[2]} undefined Error: c\né\u0000\n',
  },
  { name: "unusual text", code: "return [...'👋🏽', '\\u2028', '\\ud800']", result: ["👋", "🏽", "\u2028", "\ud800"] },
  {
    name: "not a number is null",
    code: "return [NaN, Infinity, undefined, 0.1 + 0.2]",
    result: [null, null, null, 0.30000000000000004],
  },
];

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
  python("a result that contains itself", "x = []\nx.append(x)\nresult = x", "OutputLimit", /nests too deep/),
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
];
