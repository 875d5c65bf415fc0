import { describe, expect, test } from "vitest";
import { rewritePython } from "../../src/sandbox/python-source.ts";

// What the rewritten code answers is in languages.test.ts; here is what it looks like, and what stays as it is.

describe("is rewritten", () => {
  test.each([
    ["s[::-1]", "__step__(s)[::-1]"],
    ["f(x)['a'].b[1:2:3][::2]", "__step__(__step__(f(x)['a'].b)[1:2:3])[::2]"],
    ["x = a + b.c[::2]", "x = a + __step__(b.c)[::2]"],
    ["not 'abc' 'd'[::2]", "not __step__('abc' 'd')[::2]"],
    ["[*a, b]", "x = [*a, b]", "x = __list__(*a, b)"],
    ["x = {*a, *b}", "x = __set__(*a, *b)"],
    ["x = (*a, 1)", "x = __tuple__(*a, 1)"],
    ["x = {**a, 'b': 1, **c, 'd': [2]}", "x = __merge__(a, {'b': 1}, c, {'d': [2]})"],
    ["x = {**{'k': '%.1f' % y}}", "x = __merge__({'k': __template__('%.1f') % y})"],
    ["f'{s[::-1]}'", "('{}'.format((__step__(s)[::-1])))"],
    ["f'{x:{w}}'", "('{:{}}'.format(x, w))"],
    ["f'a' 'b' f\"{d['x']}\"", "('a'.format()  + 'b'  + \"{}\".format(d['x']))"],
    ["f'{x = !s:>4}'", "('x = {!s:>4}'.format(x))"],
    ["f'{x=}{{}}'", "('x={!r}{{}}'.format(x))"],
    ["'%.2f' % x", "__template__('%.2f') % x"],
    ["int('f', base=16)", "__int__('f', base=16)"],
  ])("%s", (...rows) => {
    const [code, rewritten] = rows.slice(-2) as [string, string];
    expect(rewritePython(code)).toBe(rewritten);
  });

  test("on the lines that it has", () => {
    const code = "x = [\n  *a,\n  *b\n]\ny = f'''\n{x[::2]}\n'''\nz = 1";
    expect(rewritePython(code).split("\n")).toHaveLength(code.split("\n").length);
  });

  test("for what the context holds as well", () => {
    expect(rewritePython("int(x)", '{"x":"۱۲"}')).toBe("__int__(x)");
    expect(rewritePython("int(x)", '{"x":"12"}')).toBe("int(x)");
  });
});

describe("stays", () => {
  test.each([
    "a[1:2] + b[1] + c['x:y:z'] + d[lambda: 1]",
    "print(*a, **b)\ndef f(*a, **k): pass\nclass A(*b): pass",
    "[a, *b] = c\n(d, *e) = f\n(*g, h), i = j\nfor (k, *l) in m: pass\nwith n as (o, *p): pass",
    "x = {1: 2, 'a': b ** c}\ny = [a * b]",
    "f'{x:.2f} {y!r} {z:>5} {a.b} {c[0]}'",
    "'%s' % x\n'100%' + y\nb'%.2f' % z",
    "def int(x): return x\nself.int(y, base=2)",
    "def int(x, base): return x\nint('f', base=2)",
    "int = float\nint('f', base=2)",
    "# s[::-1]\n'[*a]' + r'{**b}'",
    "'never closed",
    "'''never closed",
    "f'{x'",
    "f'{'",
    "((((",
  ])("%j", (code) => expect(rewritePython(code)).toBe(code));
});
