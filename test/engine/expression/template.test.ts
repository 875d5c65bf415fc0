import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { Template } from "../../../src/engine/expression/template.ts";
import {
  MAX_OUTPUT_LENGTH,
  MAX_TEMPLATE_LENGTH,
  parseTemplate,
  renderTemplate,
} from "../../../src/engine/expression/template.ts";
import type { Json } from "../../../src/lib/json.ts";
import { pathOf } from "../../../src/lib/json.ts";

const NOW = Date.UTC(2024, 2, 1, 10, 30, 5);
const data: Json = {
  name: "Ali",
  n: 5,
  nothing: null,
  yes: true,
  key: "a",
  tricky: "{{ name }} {% if %}",
  order: { id: "o-1", a: [1, 2, { b: "x" }] },
  items: [
    { name: "tea", price: 3 },
    { name: "mug", price: 1 },
  ],
  long: "x".repeat(40_000),
  at: "2024-03-01T10:00:00Z",
};

const parsed = (text: string): Template => {
  const result = parseTemplate(text);
  if (!result.ok) throw new Error(`${text}: ${result.error.message}`);
  return result.value;
};
const faultOf = (text: string) => {
  const result = parseTemplate(text);
  return result.ok ? undefined : result.error;
};
const renderWith = (text: string, values: Json) =>
  renderTemplate(parsed(text), (path) => pathOf(values, path), { now: NOW });
const render = (text: string): Json => {
  const result = renderWith(text, data);
  if (!result.ok) throw new Error(`${text}: ${result.error.message}`);
  return result.value;
};
const renderFault = (text: string) => {
  const result = renderWith(text, data);
  return result.ok ? undefined : result.error;
};

describe("a text", () => {
  it.each([
    ["Hello {{ name }}!", "Hello Ali!"],
    ["a{{ missing }}b{{ missing.deep.er }}c{{ nothing }}d", "abcd"],
    ["{{ order }} {{ order.a }}", '{"id":"o-1","a":[1,2,{"b":"x"}]} [1,2,{"b":"x"}]'],
    ["{{ n }}{{ yes }}", "5true"],
    ["خوش آمدید {{ name }}!", "خوش آمدید Ali!"],
    ["{% if n > 3 %}many{% elsif n %}few{% else %}none{% endif %}", "many"],
    ["{% unless yes %}no{% endunless %}ok", "ok"],
    ["{% case key %}{% when 'a', 'b' %}first{% else %}other{% endcase %}", "first"],
    ["{% assign who = name | upcase %}{{ who }} {{ name }}", "ALI Ali"],
    ["{% capture all %}{{ items }}{% endcapture %}[{{ all | size }}]", "[51]"],
    ["{% echo name %} {% # a note %}{% comment %}{{ gone }}{% endcomment %}.", "Ali ."],
    ["{% raw %}{{ name }}{% endraw %}", "{{ name }}"],
    ["{{ name | default: 'friend' }}, {{ missing | default: 'friend' }}", "Ali, friend"],
    ["{{ items | where: 'price', 3 | map: 'name' | join: ', ' }} ", "tea "],
    [" {{ n | divided_by: 0 }}", " "],
  ])("%s", (text, expected) => {
    expect(render(text)).toBe(expected);
  });

  it("without expressions is itself, and says so", () => {
    const template = parsed("a } b { c %} }}");
    expect(template).toMatchObject({ isPlain: true, isSingle: false, references: [] });
    expect(render("a } b { c %} }}")).toBe("a } b { c %} }}");
    expect(parsed("x".repeat(MAX_TEMPLATE_LENGTH + 1)).isPlain).toBe(true);
  });
});

describe("a single expression keeps its type", () => {
  it.each<[string, Json]>([
    ["{{ n }}", 5],
    ["{{n | plus: 1}}", 6],
    ["{{ yes }}", true],
    ["{{ nothing }}", null],
    ["{{ missing }}", null],
    ["{{ order }}", { id: "o-1", a: [1, 2, { b: "x" }] }],
    ["{{ order.a }}", [1, 2, { b: "x" }]],
    ["{{- name -}}", "Ali"],
    ["{{ n == 5 and yes }}", true],
    [
      "{{ items | sort: 'price' }}",
      [
        { name: "mug", price: 1 },
        { name: "tea", price: 3 },
      ],
    ],
    ["{{ items | map: 'absent' }}", [null, null]],
    ["{{ n | divided_by: 0 }}", null],
    ["{{ order | json }}", '{"id":"o-1","a":[1,2,{"b":"x"}]}'],
    ["{{ order.a | raw }}", [1, 2, { b: "x" }]],
    ["{{ order.a | first }}", 1],
    ["{{ empty }}", ""],
    ["{{ nil }}", null],
  ])("%s", (text, expected) => {
    expect(parsed(text).isSingle).toBe(true);
    expect(render(text)).toEqual(expected);
  });

  it("is none with anything around it", () => {
    for (const text of [" {{ n }}", "{{ n }}\n", "{{ n }}{{ n }}", "{% if n %}{{ n }}{% endif %}"]) {
      expect(parsed(text).isSingle).toBe(false);
      expect(typeof render(text)).toBe("string");
    }
  });

  it("hands over a value without filters as it is, however large", () => {
    const values = { big: "y".repeat(MAX_OUTPUT_LENGTH * 2), object: { a: 1 } };
    const big = renderTemplate(parsed("{{ big }}"), () => values.big, { now: NOW });
    expect(big).toEqual({ ok: true, value: values.big });
    const object = renderTemplate(parsed("{{ object }}"), () => values.object, { now: NOW });
    expect(object.ok && object.value).toBe(values.object);
  });
});

describe("HTML", () => {
  const values: Record<string, Json> = {
    name: `<b>Bob & "Co"</b>`,
    lines: "a<\nb",
    list: ["<i>"],
    page: "<p>ready</p>",
    n: 5,
  };
  const html = (text: string) => {
    const rendered = renderTemplate(parsed(text), (path) => pathOf(values, path), { now: NOW, isHtml: true });
    if (!rendered.ok) throw new Error(rendered.error.message);
    return rendered.value;
  };
  const SAFE = "&lt;b&gt;Bob &amp; &#34;Co&#34;&lt;/b&gt;";

  it.each([
    ["<p>{{ name }}</p>", `<p>${SAFE}</p>`],
    ["{{ name }}", SAFE],
    ["{% echo name %}.", `${SAFE}.`],
    ["{{ name | escape }}{{ name | escape_once }}{{ name | xml_escape }}", SAFE.repeat(3)],
    ["{{ page | raw }}", "<p>ready</p>"],
    [" {{ page | raw }}", " <p>ready</p>"],
    ["{{ page | raw | upcase }}", "&lt;P&gt;READY&lt;/P&gt;"],
    ["{{ lines | newline_to_br }}", "a&lt;<br />\nb"],
    ["{{ lines | escape | newline_to_br }}", "a&lt;<br />\nb"],
    ["{{ list }}{{ list | raw }}", `[&#34;&lt;i&gt;&#34;]["<i>"]`],
    ["{% capture x %}<i>{{ name }}</i>{% endcapture %}{{ x }}{{ x | default: n }}", `<i>${SAFE}</i>`.repeat(2)],
    ["{% capture x %}a{% endcapture %}{% if x == 'a' %}{{ x | append: name }}{% endif %}", `a${SAFE}`],
    ["{% assign x = page | raw %}{{ x }}{{ missing }}{{ n }}", "<p>ready</p>5"],
    ["{{ missing }}", ""],
  ])("%s", (text, expected) => {
    expect(html(text)).toBe(expected);
  });
});

describe("paths", () => {
  it.each<[string, string[][]]>([
    ["{{ a.b.c }} {{ a.b.c }} {{ d }}", [["a", "b", "c"], ["d"]]],
    ["{{ a[0]['x y'].b }}", [["a", "0", "x y", "b"]]],
    ["{{ a[key].c }}", [["key"], ["a"]]],
    ["{{ a | append: b.c | default: d }}", [["a"], ["b", "c"], ["d"]]],
    [
      "{% if a == b %}{{ c }}{% elsif d %}{{ e }}{% else %}{{ f }}{% endif %}",
      [["a"], ["b"], ["d"], ["c"], ["e"], ["f"]],
    ],
    [
      "{% case a %}{% when b %}{{ c }}{% endcase %}{% unless d %}{% echo e %}{% endunless %}",
      [["a"], ["b"], ["c"], ["d"], ["e"]],
    ],
    ["{% assign x = a %}{{ x.y }}{{ z }}", [["a"], ["z"]]],
    ["{% assign x = x | plus: 1 %}{{ x }}", [["x"]]],
    ["{% capture x %}{{ a }}{% endcapture %}{{ x }}", [["a"]]],
    ["{{ 'text'.size }} {{ 5 }} {{ true }} {{ empty }}", []],
    ["{% raw %}{{ a }}{% endraw %}{% comment %}{{ b }}{% endcomment %}", []],
    ["{{ nodes.node-1.output }}", [["nodes", "node-1", "output"]]],
    ["{{ سلام.دنیا }}", [["سلام", "دنیا"]]],
  ])("%s reads what it names", (text, references) => {
    expect(parsed(text).references).toEqual(references);
  });

  it("are looked up exactly, and only when a branch needs them", () => {
    const asked: string[] = [];
    const lookup = (path: readonly string[]) => {
      asked.push(path.join("."));
      return pathOf(data, path);
    };
    const template = parsed("{{ order[key][0] }}{% if missing %}{{ nodes.n1.output }}{% endif %}{{ name }}");
    expect(renderTemplate(template, lookup, { now: NOW })).toEqual({ ok: true, value: "1Ali" });
    expect(asked).toEqual(["key", "order.a.0", "missing", "name"]);
  });

  it.each<[string, Json]>([
    ["{{ order.a.size }}", 3],
    ["{{ order.size }}", 2],
    ["{{ name.size }}", 3],
    ["{{ order.a.first }}", 1],
    ["{{ order.a.last.b }}", "x"],
    ["{{ order.a[-1].b }}", "x"],
    ["{{ items.first.name.size }}", 3],
    ["{{ [key] }}", null],
    ["{{ order[nothing] }}", null],
    ["{{ order[items] }}", null],
  ])("%s", (text, expected) => {
    expect(render(text)).toEqual(expected);
  });

  it("let data win over Liquid's own words", () => {
    expect(renderWith("{{ box.size }}", { box: { size: "XL" } })).toEqual({ ok: true, value: "XL" });
  });

  it("never resolve a key of a prototype, not even an own one", () => {
    const values = JSON.parse(
      '{"o": {"constructor": "c", "__proto__": {"x": 1}, "prototype": "p"}, "k": "constructor", "l": [{"constructor": 1}]}',
    );
    const asked: string[] = [];
    const lookup = (path: readonly string[]) => {
      asked.push(...path);
      return pathOf(values, path);
    };
    for (const text of [
      "{{ constructor }}",
      "{{ __proto__ }}",
      "{{ o.constructor }}",
      "{{ o.constructor.name }}",
      "{{ o.__proto__.x }}",
      "{{ o.prototype }}",
      "{{ o[k] }}",
      "{{ o['constructor'] }}",
      "{{ o.toString }}",
      "{{ l.first.constructor }}",
      "{% assign p = o %}{{ p.constructor }}{{ p.__proto__ }}",
      "{% capture __proto__ %}x{% endcapture %}{{ __proto__ }}{{ toString }}",
    ]) {
      expect([text, renderTemplate(parsed(text), lookup, { now: NOW })]).toEqual([
        text,
        { ok: true, value: parsed(text).isSingle ? null : "" },
      ]);
    }
    expect(renderWith("{{ l | map: 'constructor' }}", values)).toEqual({ ok: true, value: [null] });
    expect(renderWith("{{ l | where: 'constructor' | size }}", values)).toEqual({ ok: true, value: 0 });
    expect(asked).not.toContain("constructor");
    expect(asked).not.toContain("__proto__");
  });
});

describe("one pass", () => {
  it("leaves a value that looks like a template alone", () => {
    expect(render("{{ tricky }}")).toBe("{{ name }} {% if %}");
    expect(render("a {{ tricky }}")).toBe("a {{ name }} {% if %}");
    expect(render("{% assign t = tricky %}{{ t }}")).toBe("{{ name }} {% if %}");
  });
});

describe("faults", () => {
  it.each([
    ["{{ name", 1, 1],
    ["a\nbc {{ name | nope }}", 2, 4],
    ["{{ }}", 1, 4],
    ["{% if n %}x", 1, 1],
    ["\n\n {% endif %}", 3, 2],
    ["{{ n | plus 1 }}", 1, 13],
    ["{{ (1..3) }}", 1, 4],
    ["{{ order.a[(1..3)] }}", 1, 12],
    ["{{ n | append: (1..n) }}", 1, 16],
    ["{% case (1..2) %}{% endcase %}", 1, 9],
  ])("%s is refused at its place", (text, line, column) => {
    expect(faultOf(text)).toEqual({ message: expect.not.stringMatching(/line:|col:/), line, column });
  });

  it.each([
    "for i in items",
    "tablerow i in items",
    "cycle 'a', 'b'",
    "include 'x'",
    "render 'x'",
    "layout 'x'",
    "block x",
    "liquid assign a = 1",
    "increment n",
    "decrement n",
    "break",
    "continue",
    "unknown",
  ])("the tag %s does not exist", (tag) => {
    expect(faultOf(`{% ${tag} %}`)?.message).toBe(`tag "${tag.split(" ")[0]}" not found`);
  });

  it.each(["sample", "sha256", "hmac_sha256", "where_exp: 'x', 'y'", "group_by_exp: 'x', 'y'", "find_exp: 'x', 'y'"])(
    "the filter %s does not exist",
    (filter) => {
      expect(faultOf(`{{ items | ${filter} }}`)?.message).toMatch(/^undefined filter/);
    },
  );

  it("at rendering carry their place as well", () => {
    expect(renderFault("a\n{{ '%zz' | url_decode }}")).toEqual({ message: "URI malformed", line: 2, column: 1 });
    expect(renderFault("{{ items | where: 'x[(1..3)]' }}")?.message).toBe("a property is a dotted path");
    expect(renderFault("{{ at | date: '%Y', 'Nowhere/At_All' }}")?.message).toBe('unknown time zone "Nowhere/At_All"');
  });
});

describe("limits", () => {
  it("cap the text", () => {
    expect(renderFault("{{ long }}{{ long }}")?.message).toMatch(/longer than 65536/);
    expect(renderFault("{{ long | append: long }}")?.message).toMatch(/longer than 65536/);
    const narrow = parseTemplate("{{ name }}{{ name }}", { maxOutput: 5 });
    expect(narrow.ok && renderTemplate(narrow.value, () => "abc", { now: NOW }).ok).toBe(false);
    expect(narrow.ok && renderTemplate(narrow.value, () => "ab", { now: NOW })).toEqual({ ok: true, value: "abab" });
  });

  it("cap the template", () => {
    expect(faultOf(`{{ n }}${"x".repeat(MAX_TEMPLATE_LENGTH)}`)?.message).toMatch(/at most 65536/);
  });

  it("bound nesting", () => {
    const blocks = (depth: number) => `${"{% if n %}".repeat(depth)}deep${"{% endif %}".repeat(depth)}`;
    const brackets = (depth: number) => `{{ a${"[n".repeat(depth)}${"]".repeat(depth)} }}`;
    expect(render(blocks(32))).toBe("deep");
    expect(render(brackets(32))).toBe(null);
    for (const depth of [33, 3000]) {
      expect(faultOf(blocks(depth))?.message).toMatch(/more than 32/);
      expect(faultOf(brackets(depth))?.message).toMatch(/more than 32/);
    }
  });

  it("bound the work of filters, captures and comparisons", () => {
    const list: Json = Array.from({ length: 100_000 }, (_, index) => index);
    for (const part of [
      "{% if l | sum %}{% endif %}",
      "{% if l == l %}{% endif %}",
      "{% assign m = l | uniq %}",
      "{% if l contains 'x' %}{% endif %}",
    ]) {
      const heavy = renderTemplate(parsed(part.repeat(50)), () => list, { now: NOW });
      expect(heavy).toMatchObject({ ok: false, error: { message: "the template does too much work" } });
    }
    const capture = "{% capture c %}{{ long }}{% endcapture %}";
    expect(renderFault(capture.repeat(60))?.message).toBe("the template does too much work");
  });

  it("hold for values too deep to write as JSON", () => {
    let deep: Json = [];
    for (let level = 0; level < 100_000; level++) deep = [deep];
    expect(renderTemplate(parsed("a{{ deep }}"), () => deep, { now: NOW }).ok).toBe(false);
  });
});

describe("dates", () => {
  const zone = process.env.TZ;
  afterEach(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });

  it("are the rendering's, in UTC unless a zone is given, whatever the machine's zone", () => {
    for (const machine of ["UTC", "America/New_York", "Asia/Tehran", "Australia/Lord_Howe"]) {
      process.env.TZ = machine;
      expect(new Date(NOW).getTimezoneOffset() === 0).toBe(machine === "UTC");
      expect(render("{{ 'now' | date: '%Y-%m-%d %H:%M:%S %z' }}")).toBe("2024-03-01 10:30:05 +0000");
      expect(render("{{ 'today' | date: '%s' }}")).toBe(String(NOW / 1000));
      expect(render("{{ at | date: '%H:%M', 'Asia/Tehran' }}")).toBe("13:30");
      expect(render("{{ '2024-03-10 02:30' | date: '%H:%M' }}")).toBe("02:30");
      expect(render("{{ 1709287200 | date: '%F %T' }}")).toBe("2024-03-01 10:00:00");
      expect(render("{{ at | date: '%H:%M', -330 }}")).toBe("15:30");
      expect(render("{{ at | date: '%H:%M', 300 }}")).toBe("05:00");
      expect(render("{{ at | date }}")).toBe("Friday, March 1, 2024 at 10:00 am +0000");
      expect(render("{{ at | date_to_xmlschema }} {{ at | date_to_rfc822 }} {{ at | date_to_long_string }}")).toBe(
        "2024-03-01T10:00:00+00:00 Fri, 01 Mar 2024 10:00:00 +0000 01 March 2024",
      );
    }
  });

  it("pass over what is no instant", () => {
    expect(render("{{ name | date: '%Y' }}")).toBe("Ali");
    expect(render("{{ missing | date: '%Y' }}")).toBe(null);
  });
});

describe("for any text and any values", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "{{",
      "}}",
      "{%",
      "%}",
      "{{ a }}",
      "{{ a.b | upcase }}",
      "{% if a %}",
      "{% endif %}",
      "{% assign a = b %}",
      "[",
      "]",
      "'",
      '"',
      "|",
      ":",
      "..",
      "(",
      ")",
      "-",
    ),
    fc.constantFrom(
      "a",
      "b.c",
      "size",
      "json",
      "sort",
      "map: 'b'",
      "join",
      "plus: 1",
      "date: '%Y'",
      "first",
      "split: ''",
      "slice: 1, 2",
      "where: 'b', 1",
    ),
    fc.string({ maxLength: 4 }),
  );
  const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(" "));

  const isJson = (value: unknown): boolean => {
    if (value === null || typeof value === "string" || typeof value === "boolean") return true;
    if (typeof value === "number") return Number.isFinite(value);
    return typeof value === "object" && Object.values(value).every(isJson);
  };

  it("parsing and rendering answer, and an answer is JSON", () => {
    fc.assert(
      fc.property(text, fc.jsonValue(), (source, value) => {
        const result = parseTemplate(source);
        if (!result.ok) return result.error.message.length > 0;
        const rendered = renderTemplate(result.value, () => value as Json, { now: NOW });
        if (!rendered.ok) return rendered.error.message.length > 0;
        expect(isJson(rendered.value)).toBe(true);
        if (!result.value.isSingle) expect(typeof rendered.value).toBe("string");
        return true;
      }),
      { numRuns: 2000 },
    );
  });

  it("every filter answers for every value", () => {
    const names =
      "abs append at_least base64_decode base64_encode capitalize compact concat default divided_by escape find first group_by join json last map minus number_of_words pop prepend push reject remove replace reverse round shift size slice slugify sort sort_natural split strip_html sum times truncate truncatewords uniq upcase url_encode where date date_to_string".split(
        " ",
      );
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.jsonValue(), fc.jsonValue(), (name, value, argument) => {
        const lookup = (path: readonly string[]) => (path[0] === "v" ? value : argument) as Json;
        const rendered = renderTemplate(parsed(`{{ v | ${name}: w }}`), lookup, { now: NOW });
        return rendered.ok ? isJson(rendered.value) : rendered.error.message.length > 0;
      }),
      { numRuns: 3000 },
    );
  });
});
