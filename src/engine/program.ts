// A compiled definition: what step runs. Held in memory only; compile makes it again from the definition.
import type { JsonObject } from "../lib/json.ts";
import type { DefinitionSettings, NodePolicy, NodeType, Ports } from "./contract.ts";
import { BODY_PORT } from "./contract.ts";
import type { CompiledValue } from "./expression/value.ts";

export type ProgramNode = {
  id: string;
  type: NodeType;
  /** The config as its schema read it, without the policy fields. */
  config: JsonObject;
  /** The part of the config that is rendered before each visit. */
  rendered: CompiledValue;
  policy: NodePolicy;
  ports: Ports;
  /** Target node ids by output port, in the order of the edges. */
  targets: ReadonlyMap<string, readonly string[]>;
  sources: readonly string[];
};

export class Program {
  readonly nodes: ReadonlyMap<string, ProgramNode>;
  readonly variables: JsonObject;
  readonly settings: DefinitionSettings;
  /** Longest time a run can take, in ms, back-offs and waits included; Infinity when nothing bounds it. */
  readonly worstCaseMs: number;
  readonly #upstream = new Map<string, ReadonlySet<string>>();

  constructor(
    nodes: ReadonlyMap<string, ProgramNode>,
    variables: JsonObject,
    settings: DefinitionSettings,
    worstCaseMs: number,
  ) {
    this.nodes = nodes;
    this.variables = variables;
    this.settings = settings;
    this.worstCaseMs = worstCaseMs;
  }

  /** Where a run begins when nobody says: manual triggers, else all triggers, else nodes without incoming connections. */
  startNodes(): string[] {
    const all = [...this.nodes.values()];
    const triggers = all.filter((node) => node.type.kind === "trigger");
    const manual = triggers.filter((node) => node.type.byHand);
    if (manual.length > 0) return manual.map((node) => node.id);
    if (triggers.length > 0) return triggers.map((node) => node.id);
    return all.filter((node) => node.sources.length === 0).map((node) => node.id);
  }

  /** Of triggers among `ids` that lead to the same places the first. */
  leadApart(ids: readonly string[]): string[] {
    const led = new Set<string>();
    return ids.filter((id) => {
      const { type, targets } = this.nodes.get(id)!;
      const places = JSON.stringify([...new Set([...targets.values()].flat())].sort());
      if (type.kind !== "trigger" || targets.size === 0) return true;
      return led.size < led.add(places).size;
    });
  }

  /**
   * Whether a branch at `from` can still come to `to` within its own frame. A loop's body is a frame of its own, so the edges into a body
   * do not count; the loop's token stays at the loop node until it leaves by another port. The answer for a target is computed once.
   */
  reaches(from: string, to: string): boolean {
    let upstream = this.#upstream.get(to);
    if (!upstream) {
      const found = new Set<string>();
      const open = [to];
      for (let current = open.pop(); current !== undefined; current = open.pop()) {
        for (const source of this.nodes.get(current)?.sources ?? []) {
          if (!found.has(source) && this.#leadsWithinFrame(source, current)) {
            found.add(source);
            open.push(source);
          }
        }
      }
      upstream = found;
      this.#upstream.set(to, upstream);
    }
    return upstream.has(from);
  }

  #leadsWithinFrame(source: string, target: string): boolean {
    const node = this.nodes.get(source);
    if (!node) return false;
    for (const [port, targets] of node.targets) {
      if (node.type.kind === "loop" && port === BODY_PORT) continue;
      if (targets.includes(target)) return true;
    }
    return false;
  }
}
