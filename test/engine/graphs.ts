// Any graph over the kit's nodes, for laws that hold for all of them.
import fc from "fast-check";
import { compile } from "../../src/engine/compile.ts";
import type { Definition } from "../../src/engine/contract.ts";
import { catalogue, graph } from "./kit.ts";

const kinds: (string | [string, never])[] = [
  "pass",
  "call",
  "send",
  ["sleep", { ms: 50 } as never],
  ["await", { ms: 80 } as never],
  "fork",
  "merge",
  "switch",
  ["switch", { to: "b" } as never],
  ["each", { items: [1, 2, 3] } as never],
  ["each", { items: [] } as never],
  "break",
  "end",
  ["call", { on_error: "continue", retry: { max_attempts: 2, backoff_seconds: 0.01 } } as never],
  ["call", { timeout_seconds: 0.03, on_error: "continue" } as never],
];

const portsOf: Record<string, string[]> = {
  switch: ["a", "b"],
  each: ["body", "done"],
  await: ["received", "timeout"],
  fork: ["x", "y", "z"],
  break: [],
  end: [],
};

/** Any graph over the kit's nodes, edges anywhere; those that compile are kept. */
export const graphs: fc.Arbitrary<Definition> = fc
  .record({
    nodes: fc.array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 12 }),
    edges: fc.array(fc.tuple(fc.nat(30), fc.nat(30), fc.nat(5)), { maxLength: 24 }),
  })
  .map(({ nodes, edges }) => {
    const named: Record<string, string | [string, never]> = { t: "start" };
    nodes.forEach((node, index) => {
      named[`n${index}`] = node;
    });
    const lines = edges.map(([from, to, port]) => {
      const source = from % (nodes.length + 1);
      const kind = source === nodes.length ? "start" : String([nodes[source]!].flat()[0]);
      const ports = portsOf[kind] ?? ["output"];
      if (ports.length === 0) return null;
      const name = source === nodes.length ? "t" : `n${source}`;
      return `${name}:${ports[port % ports.length]}>n${to % nodes.length}`;
    });
    return graph(named, ["t>n0", ...lines.filter((line) => line !== null)]);
  })
  .filter((definition) => compile(definition, catalogue).program !== null);
