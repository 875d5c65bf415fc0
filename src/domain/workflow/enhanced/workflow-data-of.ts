// The drawing of a workflow, whichever API made it: as its author sent it where this API did, else made of its definition, with a place for each
// node that has none. Pure.
import type { Definition } from "../../../engine/contract.ts";
import type { Workflow } from "../workflow.ts";
import { type WorkflowData, wireOf } from "./workflow-data.ts";

/** Pixels from one node to the next, to the right by its distance from a start, and down. */
const COLUMN = 280;
const ROW = 120;

/** How many connections a node is away from a start, at the least. */
const distances = ({ nodes, edges }: Definition): Map<string, number> => {
  const next = new Map<string, string[]>();
  const targets = new Set<string>();
  for (const { from, to } of edges) {
    next.set(from, [...(next.get(from) ?? []), to]);
    targets.add(to);
  }
  const ids = Object.keys(nodes);
  const found = new Map<string, number>();
  // Nodes of which none is a start go in a circle: the first of them begins it.
  for (const id of [...ids.filter((id) => !targets.has(id)), ...ids]) {
    if (found.has(id)) continue;
    found.set(id, 0);
    const open = [id];
    for (let at = 0; at < open.length; at++) {
      for (const target of next.get(open[at]!) ?? []) {
        if (found.has(target) || !Object.hasOwn(nodes, target)) continue;
        found.set(target, found.get(open[at]!)! + 1);
        open.push(target);
      }
    }
  }
  return found;
};

const drawingOf = (definition: Definition): WorkflowData => {
  const columns = distances(definition);
  const rows = new Map<number, number>();
  return {
    nodes: Object.entries(definition.nodes).map(([id, { type, label, position, config }]) => {
      const column = columns.get(id) ?? 0;
      const row = rows.get(column) ?? 0;
      rows.set(column, row + 1);
      return {
        id,
        type,
        position: position ?? { x: column * COLUMN, y: row * ROW },
        data: { label: label ?? id, config },
      };
    }),
    edges: definition.edges.map(({ id, from, fromPort, to, toPort }) => ({
      id,
      source: from,
      target: to,
      sourceHandle: fromPort,
      targetHandle: toPort,
    })),
    variables: definition.variables,
  };
};

export const workflowDataOf = (workflow: Workflow): WorkflowData =>
  workflow.authoring === "enhanced" ? wireOf(workflow).workflowData : drawingOf(workflow.definition);
