// Triggers that stand beside the graph (the trigger in short, trigger rows) as nodes of the definition. Pure.
import type { Definition } from "../../../engine/contract.ts";
import { componentsOf } from "../../../engine/graph.ts";
import { canonicalJson, type JsonObject } from "../../../lib/json.ts";
import { triggerTypes } from "../../../triggers/index.ts";
import { type ScheduleConfig, scheduleTermsOf } from "../../../triggers/schedule-terms.ts";
import type { TriggerContent } from "./trigger-name.ts";

/** The same for all ways of writing one trigger. A config that its schema refuses is only equal to itself. */
export const contentOf = ({ type, config }: TriggerContent): string => {
  const parsed = triggerTypes.get(type)?.schema.safeParse(config);
  if (!parsed?.success) return canonicalJson([type, config]);
  const normal = type === "trigger_schedule" ? scheduleTermsOf(parsed.data as ScheduleConfig) : parsed.data;
  return canonicalJson([type, normal]);
};

type Added = { id: string; type: string; config: JsonObject; name: string };

const freeId = (nodes: Definition["nodes"], id: string): string => {
  let free = `trigger_${id}`;
  while (Object.hasOwn(nodes, free)) free = `${free}_`;
  return free;
};

/** Where the graph's own triggers lead; without any, the nodes that it starts at. */
const startsOf = ({ nodes, edges }: Definition): { to: string; toPort: string }[] => {
  const isTrigger = (id: string) => triggerTypes.has(nodes[id]?.type ?? "");
  const after = new Map(
    edges.filter(({ from }) => isTrigger(from)).map(({ to, toPort }) => [`${to}:${toPort}`, { to, toPort }]),
  );
  if (after.size > 0) return [...after.values()];
  return entriesOf({ nodes, edges }, isTrigger).map((to) => ({ to, toPort: "input" }));
};

/** Nodes that nothing leads to. Of a circle that nothing leads into, its loop, else its first node. */
const entriesOf = ({ nodes, edges }: Pick<Definition, "nodes" | "edges">, isTrigger: (id: string) => boolean) => {
  const ids = Object.keys(nodes);
  const drawn = edges.filter(({ from, to }) => Object.hasOwn(nodes, from) && Object.hasOwn(nodes, to));
  const next = new Map<string, string[]>();
  for (const { from, to } of drawn) next.set(from, [...(next.get(from) ?? []), to]);
  const components = componentsOf(ids, next);
  const circleOf = new Map(components.flatMap((members, n) => members.map((id) => [id, n] as const)));
  const ledTo = new Set(
    drawn.flatMap(({ from, to }) => (circleOf.get(from) === circleOf.get(to) ? [] : [circleOf.get(to)])),
  );
  const order = new Map(ids.map((id, index) => [id, index]));
  const entries = components.flatMap((members, n) => {
    if (ledTo.has(n)) return [];
    const inOrder = members.toSorted((a, b) => order.get(a)! - order.get(b)!);
    return [inOrder.find((id) => nodes[id]!.type.startsWith("loop_")) ?? inOrder[0]!];
  });
  return entries.filter((id) => !isTrigger(id)).sort((a, b) => order.get(a)! - order.get(b)!);
};

/** A node `trigger_<id>` for each that no trigger of the graph, and none before it, equals. */
export const addTriggers = (definition: Definition, triggers: readonly Added[]): Definition => {
  const present = Object.values(definition.nodes).filter(({ type }) => triggerTypes.has(type));
  const known = new Set(present.map(contentOf));
  const starts = startsOf(definition);
  const nodes = { ...definition.nodes };
  const edges = [...definition.edges];
  for (const { id, type, config, name } of triggers) {
    const content = contentOf({ type, config });
    if (known.has(content)) continue;
    known.add(content);
    const node = freeId(nodes, id);
    nodes[node] = { type, label: name, config };
    starts.forEach(({ to, toPort }, n) => {
      edges.push({ id: `${node}:${n}`, from: node, fromPort: "output", to, toPort });
    });
  }
  return { ...definition, nodes, edges };
};
