import { describe, expect, it } from "vitest";
import { compile } from "../../src/engine/compile.ts";
import type { Definition } from "../../src/engine/contract.ts";
import { nodeTypes } from "../../src/nodes/index.ts";
import { catalogue, graph } from "./kit.ts";

const codes = (definition: Definition, types = catalogue) =>
  compile(definition, types).findings.map((finding) => `${finding.severity} ${finding.code} ${finding.path}`);

describe("compile finds", () => {
  it("nothing in a good graph, and makes a program", () => {
    const { program, findings } = compile(graph({ t: "start", a: "pass", e: "end" }, ["t>a", "a>e"]), catalogue);
    expect(findings).toEqual([]);
    expect(program?.startNodes()).toEqual(["t"]);
  });

  it("an empty workflow", () => expect(codes(graph({}, []))).toEqual(["error no_nodes nodes"]));

  it("a filter that would make something of a secret, which is not there", () => {
    const url = (path: string): [string, object] => [
      "action_webhook",
      { url: `https://example.com/${path}`, method: "GET" },
    ];
    const nodes = { t: "trigger_manual", a: url("{{ s | base64_encode }}"), b: url("{{ s | truncate: 5 }}") };
    const drawn = graph(nodes as never, ["t>a", "a>b"]);
    const found = (s: string) =>
      codes({ ...drawn, variables: { s } }, nodeTypes).filter((one) => one.includes("secret"));
    expect(found(`sb_secret_${"0a".repeat(16)}`)).toEqual(["warning secret_filter nodes.b.config.url"]);
    expect(found("no secret")).toEqual([]);
  });

  it("unknown types and reserved ids", () => {
    expect(codes(graph({ a: "nope" }, []))).toContain("error unknown_node_type nodes.a.type");
    const poisoned = graph({ a: "pass" }, []);
    poisoned.nodes = JSON.parse('{"__proto__": {"type": "pass", "config": {}}}');
    expect(codes(poisoned)).toContain("error bad_node_id nodes.__proto__");
  });

  it("bad configuration with the path of the field", () => {
    const found = codes(
      graph(
        {
          a: ["action_delay", { duration: -1, unit: "minutes" }],
          b: ["trigger_schedule", { cron: "61 * * * *" }],
          c: [
            "condition_if",
            { conditions: { operator: "and", conditions: [{ field: "event.data.x", operator: "equalz", value: 1 }] } },
          ],
          d: ["action_webhook", { url: "https://x.example", method: "POST", colour: "red" }],
          e: ["action_chat_message", { message: "hi {{ name | nofilter }}" }],
          f: [
            "action_chat_message",
            { message: "hi", retry: { max_attempts: 0, backoff_seconds: 1 }, on_error: "panic" },
          ],
        },
        [],
      ),
      nodeTypes,
    ).filter((line) => line.startsWith("error"));
    expect(found.join("\n")).toMatch(/nodes\.a\.config\.duration/);
    expect(found.join("\n")).toMatch(/nodes\.b\.config\.cron/);
    expect(found.join("\n")).toMatch(/nodes\.c\.config\.conditions\.conditions\.0\.operator/);
    expect(found.join("\n")).toMatch(/nodes\.d\.config/);
    expect(found.join("\n")).toMatch(/error bad_template nodes\.e\.config\.message/);
    expect(found.join("\n")).toMatch(/nodes\.f\.config\.retry\.max_attempts/);
    expect(found.join("\n")).toMatch(/nodes\.f\.config\.on_error/);
  });

  it("nothing wrong with the neighbours of what is wrong", () => {
    const bad: [string, Record<string, string>] = ["action_delay", { duration: "soon" }];
    const found = codes(
      graph(
        { t: "trigger_manual", a: bad, b: "nope", l: "loop_foreach", k: "loop_break", m: "flow_merge", e: "flow_end" },
        ["t>a", "t>b", "a>m", "b>m", "m>l", "l:body>k", "l:done>e"],
      ),
      nodeTypes,
    );
    expect(found.filter((line) => line.startsWith("warning"))).toEqual([]);
    expect(found.every((line) => /nodes\.[abl]\./.test(line))).toBe(true);
    expect(codes(graph({ t: ["trigger_schedule", { cron: "?" }], e: "flow_end" }, ["t>e"]), nodeTypes)).toHaveLength(1);
  });

  it("dangling edges, unknown ports and ids used twice", () => {
    expect(codes(graph({ a: "pass" }, ["a>ghost"]))).toContain("error dangling_edge edges.0.to");
    expect(codes(graph({ a: "pass", b: "pass" }, ["a:side>b"]))).toContain("error unknown_port edges.0.fromPort");
    const twice = graph({ a: "pass", b: "pass" }, ["a>b", "a>b"]);
    twice.edges[1]!.id = "e0";
    expect(codes(twice)).toContain("error duplicate_edge edges.1.id");
    expect(codes(graph({ t: "start", b: "pass" }, ["b>t", "t>b"]))).toContain("error unknown_port edges.0.toPort");
  });

  it("what cannot be reached, ends nowhere, or names a missing node, as warnings", () => {
    const { program, findings } = compile(
      graph({ t: "start", node5: "pass", lost: ["pass", { value: "{{ nodes.ghost.output }}" }] }, ["t>node5"]),
      catalogue,
    );
    expect(program).not.toBeNull();
    const messages = findings.map((finding) => finding.message);
    expect(messages).toContain("Node 'node5' has no outgoing connections");
    expect(messages).toContain("Node 'lost' cannot be reached");
    expect(messages).toContain("Node 'lost' refers to the missing node 'ghost'");
    expect(findings.every((finding) => finding.severity === "warning")).toBe(true);
  });

  it("a condition on what a missing node put out, as a warning", () => {
    const conditions = ["a", "ghost"].map((id) => ({ field: `nodes.${id}.output.n`, operator: "greater", value: 1 }));
    const nodes = {
      t: "trigger_manual",
      a: ["data_variable", { name: "n", value: 1 }],
      c: ["condition_if", { conditions }],
    };
    const { findings } = compile(graph(nodes as never, ["t>a", "a>c"]), nodeTypes);
    expect(findings.filter(({ code }) => code === "unknown_reference").map(({ message }) => message)).toEqual([
      "Node 'c' refers to the missing node 'ghost'",
    ]);
  });

  it("circles that neither wait nor are bounded", () => {
    expect(codes(graph({ t: "start", a: "pass", b: "pass" }, ["t>a", "a>b", "b>a"]))).toContain(
      "error loop_without_wait nodes.a",
    );
    expect(codes(graph({ t: "start", a: "pass" }, ["t>a", "a>a"]))).toContain("error loop_without_wait nodes.a");
    expect(codes(graph({ t: "start", a: "pass", s: ["sleep", { ms: 1 }] }, ["t>a", "a>s", "s>a"]))).not.toContain(
      "error loop_without_wait nodes.a",
    );
    const bounded = graph({ t: "start", l: ["each", { items: [1] }], a: "pass" }, ["t>l", "l:body>a", "a>l"]);
    expect(compile(bounded, catalogue).program).not.toBeNull();
    const again = graph({ t: "start", l: ["each", { items: [1] }], a: "pass" }, ["t>l", "l:done>a", "a>l"]);
    expect(codes(again)).toContain("error loop_without_wait nodes.a");
  });

  it("breaks outside of loops and merges of one branch", () => {
    expect(codes(graph({ t: "start", b: "break" }, ["t>b"]))).toContain("error break_without_loop nodes.b");
    expect(codes(graph({ t: "start", m: "merge" }, ["t>m"]))).toContain("warning lonely_merge nodes.m");
  });

  it("too large a graph, before looking at any node", () => {
    const nodes = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`n${i}`, "pass"] as const));
    expect(codes(graph(nodes, []))).toEqual(["error too_large nodes"]);
  });

  it("everything in a graph ten thousand nodes deep, without recursion", () => {
    const ids = Array.from({ length: 9_999 }, (_, i) => `n${i}`);
    const deep = graph({ t: "start", ...Object.fromEntries(ids.map((id) => [id, "pass"] as const)) }, [
      "t>n0",
      ...ids.slice(1).map((id, i) => `n${i}>${id}`),
    ]);
    const { program, findings } = compile(deep, catalogue);
    expect(program).not.toBeNull();
    expect(findings).toHaveLength(1);
  });
});

describe("the longest time a run can take", () => {
  const worst = (definition: Definition, types = catalogue) => compile(definition, types).program?.worstCaseMs;
  it("adds waits and attempts along the longest way", () => {
    const nodes = {
      t: "trigger_manual",
      d: ["action_delay", { duration: 2, unit: "minutes" }],
      w: [
        "action_webhook",
        {
          url: "https://a.example/x",
          method: "GET",
          timeout_seconds: 10,
          retry: { max_attempts: 2, backoff_seconds: 4 },
        },
      ],
    } as const;
    expect(worst(graph(nodes as never, ["t>d", "d>w"]), nodeTypes)).toBe(120_000 + 20_000 + 5_000);
  });
  it("has no end when a circle lies on the way", () => {
    expect(worst(graph({ t: "start", a: "pass", s: ["sleep", { ms: 1 }] }, ["t>a", "a>s", "s>a"]))).toBe(
      Number.POSITIVE_INFINITY,
    );
  });
});
