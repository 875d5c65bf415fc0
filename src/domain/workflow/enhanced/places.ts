// Where in what its author sent a thing is that the engine says of a definition: a path inside the definition becomes one inside the body.
import type { Definition, Finding } from "../../../engine/contract.ts";
import type { EnhancedWire } from "./workflow-data.ts";

/** The trigger in short, among those that are added to the graph; its node is `trigger_shorthand`. */
export const SHORTHAND = "shorthand";

/** A dotted path inside a definition, as one inside the body. */
export type PlaceOf = (thing: Pick<Finding, "path" | "nodeId">) => string;

const EDGE_FIELDS: Record<string, string> = {
  from: "source",
  to: "target",
  fromPort: "sourceHandle",
  toPort: "targetHandle",
};

const placesOf = (ids: readonly string[], triggers: EnhancedWire["triggers"] = []): PlaceOf => {
  // Of two nodes with one id the first.
  const indexes = new Map(ids.map((id, index) => [id, index] as const).reverse());
  return ({ path, nodeId }) => placeOf(path, nodeId, { indexes, triggers });
};

type Places = { indexes: ReadonlyMap<string, number>; triggers: NonNullable<EnhancedWire["triggers"]> };

const placeOf = (path: string, nodeId: string | undefined, { indexes, triggers }: Places): string => {
  const edge = /^edges(?:\.(\d+)(?:\.(\w+))?)?$/.exec(path);
  if (edge) {
    const [, index, field] = edge;
    const parts = ["workflowData", "edges", index, field && (EDGE_FIELDS[field] ?? field)];
    return parts.filter((part) => part !== undefined).join(".");
  }
  if (nodeId === undefined) return path === "" ? "workflowData" : `workflowData.${path}`;
  const rest = path.slice(`nodes.${nodeId}`.length);
  const index = indexes.get(nodeId);
  if (index !== undefined) return `workflowData.nodes.${index}${rest.replace(/^\.config/, ".data.config")}`;
  if (nodeId === `trigger_${SHORTHAND}`)
    return /^\.config/.test(rest) ? `triggerConfig${rest.slice(7)}` : "triggerType";
  const row = triggers.findIndex(({ id }) => nodeId === `trigger_${id}`);
  return row === -1 ? `workflowData${rest}` : `triggers.${row}${rest}`;
};

export const placesIn = ({ workflowData, triggers }: EnhancedWire) =>
  placesOf(
    workflowData.nodes.map(({ id }) => id),
    triggers,
  );

/** Of another API's, whose drawing is made of its definition. */
export const placesInDefinition = ({ nodes }: Definition) => placesOf(Object.keys(nodes));
