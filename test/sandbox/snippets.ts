// Short snippets with what they answer, beside those of snippets/. Run in plain Node and in workerd.

import type { Json } from "../../src/lib/json.ts";

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
