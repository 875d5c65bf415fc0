// A workflow's graph while a flow is compiled to it. A flow's node is entered at the node of the same id; what else is made for it has an id of its
// own, so that counting the entries into a flow's node is counting the visits of that id.
import type { Definition } from "../../engine/contract.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { FlowNode } from "./flow.ts";

export type Drawing = {
  /** Puts a node for `of` and answers its id: the flow node's own at first, then one with the name of its `part`. */
  put: (of: FlowNode, part: string, type: string, config: JsonObject) => string;
  /** Leads on to another node's entry, if that is a node of the flow which can be led to. */
  lead: (from: string, port: string, to: string | undefined) => void;
  /** Leads on to a node that was put. */
  join: (from: string, port: string, to: string) => void;
  definition: Definition;
  /** The flow's node that a node of the definition was made for. */
  madeFor: ReadonlyMap<string, string>;
};

const coordinate = (value: string | number | null | undefined): number => {
  const number = Number(value ?? 0);
  return Number.isFinite(number) ? number : 0;
};

/** `entries`: ids of the flow's nodes that may be led to; `ids`: all of them. */
export const startDrawing = (ids: ReadonlySet<string>, entries: ReadonlySet<string>): Drawing => {
  const definition: Definition = { nodes: {}, edges: [], variables: {} };
  const madeFor = new Map<string, string>();
  const unused = (wanted: string): string => (ids.has(wanted) || madeFor.has(wanted) ? unused(`${wanted}~`) : wanted);
  const join = (from: string, fromPort: string, to: string) => {
    definition.edges.push({ id: `e${definition.edges.length + 1}`, from, fromPort, to, toPort: "input" });
  };
  return {
    definition,
    madeFor,
    join,
    lead: (from, port, to) => {
      if (to !== undefined && entries.has(to)) join(from, port, to);
    },
    put: (of, part, type, config) => {
      const id = madeFor.has(of.id) ? unused(`${of.id}~${part}`) : of.id;
      const { posX, posY } = of.flowNodePosition ?? {};
      definition.nodes[id] = { type, position: { x: coordinate(posX), y: coordinate(posY) }, config };
      madeFor.set(id, of.id);
      return id;
    },
  };
};
