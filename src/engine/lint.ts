// The laws of a graph: what is wrong with it as a whole, once each node by itself is right.
import { pathOf } from "../lib/json.ts";
import type { Definition, Finding } from "./contract.ts";
import { BODY_PORT } from "./contract.ts";
import { eachSecret, REFUSES_SECRET, secretsIn } from "./expression/secret-text.ts";
import { renderValue } from "./expression/value.ts";
import { type Adjacency, componentsOf, isCircle, longestWay, reachableFrom } from "./graph.ts";
import type { ProgramNode } from "./program.ts";

type Nodes = ReadonlyMap<string, ProgramNode>;

const adjacency = (nodes: Nodes, keep: (node: ProgramNode, port: string) => boolean): Adjacency => {
  const next = new Map<string, string[]>();
  for (const node of nodes.values()) {
    const targets: string[] = [];
    for (const [port, ids] of node.targets) if (keep(node, port)) targets.push(...ids);
    next.set(node.id, targets);
  }
  return next;
};

/**
 * The graph as its author drew it, nodes and connections that are wrong by themselves included: what hangs on one of those is neither dead nor
 * out of reach because of it.
 */
type Drawing = { targets: Adjacency; sources: Adjacency; ids: string[] };

const drawingOf = ({ nodes, edges }: Definition): Drawing => {
  const ids = Object.keys(nodes);
  const empty = () => new Map<string, string[]>(ids.map((id) => [id, []]));
  const drawing = { targets: empty(), sources: empty(), ids };
  for (const { from, to } of edges) {
    drawing.targets.get(from)?.push(to);
    drawing.sources.get(to)?.push(from);
  }
  return drawing;
};

/** Without the edges into loop bodies: a body is bounded by its loop, and what comes back to the loop node ends there. */
const withoutBodies = (nodes: Nodes): Adjacency =>
  adjacency(nodes, (node, port) => !(node.type.kind === "loop" && port === BODY_PORT));

export const lintGraph = (
  nodes: Nodes,
  references: ReadonlyMap<string, string[][]>,
  definition: Definition,
): Finding[] => {
  const drawing = drawingOf(definition);
  return [
    ...unreachable(nodes, drawing),
    ...spinning(nodes),
    ...deadEnds(nodes, drawing),
    ...(nodes.size === drawing.ids.length ? strandedBreaks(nodes) : []),
    ...lonelyJoins(nodes, drawing),
    ...emptyReferences(references, definition),
    ...refusedFilters(nodes, definition),
  ];
};

const warning = (code: string, nodeId: string, message: string): Finding => ({
  severity: "warning",
  code,
  message,
  nodeId,
  path: `nodes.${nodeId}`,
});

const unreachable = (nodes: Nodes, { targets, sources, ids }: Drawing): Finding[] => {
  const roots = ids.filter((id) => sources.get(id)!.length === 0);
  // One of which nobody knows what it is may be meant to start.
  const triggers = [
    ...roots.filter((id) => !nodes.has(id)),
    ...ids.filter((id) => nodes.get(id)?.type.kind === "trigger"),
  ];
  const seen = reachableFrom(triggers.length > 0 ? triggers : roots, targets);
  return [...nodes.keys()]
    .filter((id) => !seen.has(id))
    .map((id) => warning("unreachable", id, `Node '${id}' cannot be reached`));
};

const spinning = (nodes: Nodes): Finding[] => {
  const next = withoutBodies(nodes);
  const findings: Finding[] = [];
  for (const component of componentsOf(nodes.keys(), next)) {
    if (!isCircle(component, next)) continue;
    if (component.some((id) => nodes.get(id)?.type.waits?.(nodes.get(id)!.config))) continue;
    const members = [...component].sort();
    const named = members.slice(0, 5).join("', '");
    findings.push({
      severity: "error",
      code: "loop_without_wait",
      message: `The loop through '${named}' neither waits nor ends; add a wait, or use a loop node`,
      nodeId: members[0]!,
      path: `nodes.${members[0]}`,
    });
  }
  return findings;
};

/** The document's own words. */
const deadEnds = (nodes: Nodes, { targets }: Drawing): Finding[] =>
  [...nodes.values()]
    .filter((node) => targets.get(node.id)!.length === 0 && !node.type.ends)
    .map((node) => warning("dead_end", node.id, `Node '${node.id}' has no outgoing connections`));

const strandedBreaks = (nodes: Nodes): Finding[] => {
  const everywhere = adjacency(nodes, () => true);
  const bodies = [...nodes.values()].flatMap((node) =>
    node.type.kind === "loop" ? (node.targets.get(BODY_PORT) ?? []) : [],
  );
  const inLoops = reachableFrom(bodies, everywhere);
  return [...nodes.values()]
    .filter((node) => node.type.breaks && !inLoops.has(node.id))
    .map((node) => ({
      ...warning("break_without_loop", node.id, `Node '${node.id}' breaks out of no loop`),
      severity: "error" as const,
    }));
};

const lonelyJoins = (nodes: Nodes, { sources }: Drawing): Finding[] =>
  [...nodes.values()]
    .filter((node) => node.type.joins && new Set(sources.get(node.id)).size < 2)
    .map((node) => warning("lonely_merge", node.id, `Node '${node.id}' merges fewer than two branches`));

const emptyReferences = (references: ReadonlyMap<string, string[][]>, definition: Definition): Finding[] => {
  const findings: Finding[] = [];
  for (const [id, paths] of references) {
    for (const [root, name] of paths) {
      if (root === "nodes" && name !== undefined && !Object.hasOwn(definition.nodes, name)) {
        findings.push(warning("unknown_reference", id, `Node '${id}' refers to the missing node '${name}'`));
      }
    }
  }
  return findings;
};

/** What the nodes make of secrets, tried with the names that runs will have. */
const refusedFilters = (nodes: Nodes, { variables }: Definition): Finding[] => {
  let hasSecret = false;
  eachSecret(variables, () => (hasSecret = true));
  if (!hasSecret) return [];
  const env = { now: 0, holdsSecret: secretsIn(() => [variables]) };
  const known = { ...variables, variables };
  return [...nodes.values()].flatMap(({ id, rendered }) => {
    const tried = renderValue(rendered, (path) => pathOf(known, path), env);
    if (tried.ok || !tried.error.message.includes(REFUSES_SECRET)) return [];
    const { path, message } = tried.error;
    return [{ ...warning("secret_filter", id, `Node '${id}': ${message}`), path: `nodes.${id}.config.${path}` }];
  });
};

/** Longest time a run can take by its own waits and attempts, in ms; Infinity when a loop or an open wait is on the way. */
export const worstCaseMs = (nodes: Nodes): number => {
  const weight = (id: string): number => {
    const node = nodes.get(id)!;
    if (node.type.kind === "loop" && node.targets.has(BODY_PORT)) return Number.POSITIVE_INFINITY;
    const { retry, timeoutMs } = node.policy;
    const own = node.type.longestMs?.(node.config) ?? timeoutMs ?? 0;
    const once = Math.min(own, timeoutMs ?? Number.POSITIVE_INFINITY);
    let backoffs = 0;
    for (let attempt = 1; attempt < retry.maxAttempts; attempt++) {
      backoffs += retry.backoffMs * retry.multiplier ** (attempt - 1) * 1.25;
    }
    return once * retry.maxAttempts + backoffs;
  };
  return longestWay(nodes.keys(), withoutBodies(nodes), weight);
};
