// Transforms of payloads: what JSONata answers, and that no expression gets out or goes on for ever.
import { describe, expect, it } from "vitest";
import { checkJsonata, runJsonata } from "../../src/sandbox/jsonata.ts";

const ORDER = {
  id: 7,
  customer: { name: "Ada", mail: "ada@example.com" },
  items: [
    { price: 2, n: 3 },
    { price: 5, n: 1 },
  ],
};
const run = (expression: string, input: Parameters<typeof runJsonata>[1] = ORDER) =>
  runJsonata(expression, input, 1_700_000_000_000);
const codeOf = (expression: string, input?: Parameters<typeof runJsonata>[1]) => {
  const outcome = run(expression, input);
  return outcome.ok ? `value: ${JSON.stringify(outcome.value)}` : outcome.fault.code;
};

describe("jsonata", () => {
  it("makes of a payload what the expression says", () => {
    expect(run('{"order": id, "total": $sum(items.(price * n)), "who": $uppercase(customer.name)}')).toEqual({
      ok: true,
      value: { order: 7, total: 11, who: "ADA" },
    });
    expect(run("items[price > 2].n")).toEqual({ ok: true, value: 1 });
    expect(run("$now()")).toEqual({ ok: true, value: "2023-11-14T22:13:20.000Z" });
    expect(run("$", [1, { a: null }])).toEqual({ ok: true, value: [1, { a: null }] });
    expect(run("null")).toEqual({ ok: true, value: null });
    expect(run("$match(customer.mail, /@(.*)$/).groups[0]")).toEqual({ ok: true, value: "example.com" });
  });

  it("says where an expression is wrong, without running it", () => {
    expect(checkJsonata("{'a': ")).toMatchObject({ code: "syntax", message: expect.stringMatching(/end|expression/i) });
    expect(checkJsonata("items[")).toMatchObject({ code: "syntax" });
    expect(checkJsonata("$sum(items.price)")).toBeUndefined();
    expect(checkJsonata("($f := function($x){$f($x)}; $f(1))")).toBeUndefined();
    expect(checkJsonata("a".repeat(10_001))).toMatchObject({ code: "syntax" });
  });

  it("has an error of its own for what gives nothing, fails, or is no data", () => {
    expect(codeOf("nothing.here")).toBe("failed");
    expect(codeOf("$error('no')")).toBe("failed");
    expect(codeOf("'a' * 2")).toBe("failed");
    expect(codeOf("function($x){$x}")).toBe("failed");
    expect(codeOf("$sum")).toBe("failed");
  });

  it.each([
    ["an endless loop", "($f := function($x){$f($x)}; $f(1))"],
    ["a deep recursion", "($f := function($x){1 + $f($x)}; $f(1))"],
    ["a catastrophic pattern", "$match(s, /(a+)+$/)"],
    ["a large range", "[1..10000000]"],
    ["ranges in ranges", "[1..1000].[1..1000].[1..1000]"],
    ["a text that doubles", "($d := function($s){$d($s & $s)}; $d('aaaaaaaa'))"],
    ["a large padding", "$pad('', 1000000000)"],
    ["an endless sort", "$sort([1..100000], function($a, $b){$a < $b})"],
    ["a large result", "$join([1..100000].'0123456789012345678901234567890')"],
    ["the same inside $eval", "$eval('($f := function($x){$f($x)}; $f(1))')"],
  ])("ends %s", (_, expression) => {
    const at = performance.now();
    expect(codeOf(expression, { s: `${"a".repeat(40)}b` })).toMatch(/^(budget|failed)$/);
    expect(performance.now() - at).toBeLessThan(5_000);
    // And holds up nobody after it.
    expect(run("id")).toEqual({ ok: true, value: 7 });
  });

  it.each([
    "$.constructor",
    "$.__proto__",
    "$string.constructor('return globalThis')()",
    "$eval('globalThis')",
    "$lookup($, 'constructor')",
    "$lookup($, '__proto__')",
    "$$.items.constructor.constructor('return 1')()",
  ])("finds nothing of the host by %s", (expression) => {
    expect(codeOf(expression)).toBe("failed");
  });

  it("pollutes no prototype", () => {
    expect(codeOf("{'__proto__': {'isAdmin': true}}")).toBe("failed");
    expect(codeOf("{'constructor': {'prototype': {'isAdmin': true}}}")).toBe("failed");
    expect(codeOf("$ ~> |$|{'__proto__': {'isAdmin': true}}|")).toMatch(/^(failed|value: \{"id":7.*\})$/);
    expect(codeOf("$merge([{'__proto__': {'isAdmin': true}}, {'a': 1}]).isAdmin")).toMatch(/failed|true/);
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
    expect(run("$keys({})")).toMatchObject({ ok: false });
  });
});
