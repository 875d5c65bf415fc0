// Triggers that stand beside the graph (the trigger in short, trigger rows) as nodes of the definition. Pure.
import type { Definition } from "../../../engine/contract.ts";
import { canonicalJson, type Json, type JsonObject } from "../../../lib/json.ts";
import { triggerTypes } from "../../../triggers/index.ts";
import { type ScheduleConfig, scheduleTermsOf } from "../../../triggers/schedule-terms.ts";
import type { TriggerContent } from "./trigger-name.ts";

/** The same for all ways of writing one trigger. A config that its schema refuses is only equal to itself. */
export const contentOf = ({ type, config }: TriggerContent): string => {
  const parsed = triggerTypes.get(type)?.schema.safeParse(config);
  if (!parsed?.success) return canonicalJson([type, config]);
  const normal = type === "trigger_schedule" ? scheduleTermsOf(parsed.data as ScheduleConfig) : parsed.data;
  return canonicalJson([type, normal as unknown as Json]);
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
  const targets = new Set(edges.map(({ to }) => to));
  return Object.keys(nodes)
    .filter((id) => !isTrigger(id) && !targets.has(id))
    .map((to) => ({ to, toPort: "input" }));
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
