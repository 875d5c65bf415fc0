// Meets a node type the way the engine does: its config judged as written, rendered from data, then entered.
import type { NodeType, Outcome, Signal, Visit } from "../../src/engine/contract.ts";
import { compileValue, renderValue } from "../../src/engine/expression/value.ts";
import { evaluateWritten } from "../../src/engine/expression/written-condition.ts";
import { type Json, type JsonObject, pathOf } from "../../src/lib/json.ts";
import { nodeTypes } from "../../src/nodes/index.ts";

export const NOW = Date.UTC(2026, 10, 1, 12);

type World = { data?: JsonObject; input?: Json; connected?: string[]; memo?: Json; round?: number };

export const typeOf = (type: string): NodeType => {
  const found = nodeTypes.get(type);
  if (!found) throw new Error(`no ${type}`);
  return found;
};

/** Paths and messages of what is wrong with a config as written. */
export const faultsOf = (type: string, config: JsonObject, locals: string[] = []): string[] => {
  const node = typeOf(type);
  const parsed = node.schema.safeParse(config);
  if (!parsed.success) return parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  const scope = { written: config, locals: new Set(locals) };
  return (node.check?.(parsed.data as JsonObject, scope) ?? []).map(({ path, message }) => `${path}: ${message}`);
};

const visitOf = (node: NodeType, written: JsonObject, world: World): Visit => {
  const parsed = node.schema.parse(written) as JsonObject;
  const data = world.data ?? {};
  const render = (value: Json, locals: JsonObject = {}): Json => {
    const compiled = compileValue(value);
    if (!compiled.ok) throw new Error(compiled.error[0]!.message);
    const rendered = renderValue(compiled.value, (path) => pathOf({ ...data, ...locals }, path), { now: NOW });
    if (!rendered.ok) throw new Error(rendered.error.message);
    return rendered.value;
  };
  const config: JsonObject = {};
  for (const [key, value] of Object.entries(parsed)) config[key] = node.raw?.includes(key) ? value : render(value);
  return {
    nodeId: "n",
    config,
    input: world.input ?? null,
    lookup: (path) => pathOf(data, path),
    now: NOW,
    evaluate: (tree, locals) =>
      evaluateWritten(
        tree,
        (value) => render(value, locals),
        (path) => pathOf({ ...data, ...locals }, path),
        { now: NOW },
      ),
    render,
    memo: world.memo,
    round: world.round ?? 0,
    run: {
      executionId: "x",
      organizationId: "o",
      workflowId: "w",
      dryRun: false,
      ownsReplies: true,
      readsAnyDigits: true,
    },
    connected: world.connected ?? [],
  };
};

export const enter = (type: string, config: JsonObject, world: World = {}): Outcome => {
  const node = typeOf(type);
  return node.enter(visitOf(node, config, world));
};

export const resume = (type: string, config: JsonObject, signal: Signal, world: World = {}): Outcome => {
  const node = typeOf(type);
  return node.resume!(visitOf(node, config, world), signal);
};
