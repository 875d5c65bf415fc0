// What an enhanced workflow runs as: its drawing becomes the engine's definition, its trigger in short and its trigger rows become trigger nodes.
// Pure; a version holds what comes out. Where things lie on the screen is no part of it, so moving a node makes no version.
import type { Definition, EdgeDefinition, Finding, NodeDefinition } from "../../../engine/contract.ts";
import type { Program } from "../../../engine/program.ts";
import { isJsonObject, type JsonObject } from "../../../lib/json.ts";
import { declaredVariables } from "../../variable/declared.ts";
import { type Judges, judgeDefinition } from "../definition.ts";
import { type PlaceOf, placesIn, SHORTHAND } from "./places.ts";
import { definitionSettings } from "./settings.ts";
import { triggerNodeOf } from "./trigger-name.ts";
import { addTriggers } from "./trigger-node.ts";
import type { DataEdge, DataNode, EnhancedWire, WorkflowData } from "./workflow-data.ts";

type Compiled = { definition: Definition; findings: Finding[] };

const nodeOf = ({ type, data }: DataNode): NodeDefinition => ({
  type,
  ...(data?.label !== undefined && { label: data.label }),
  config: isJsonObject(data?.config) ? data.config : {},
});

/** Edges that came without an id get `edge<n>`, the first that is free. */
const edgesOf = (edges: readonly DataEdge[]): EdgeDefinition[] => {
  const taken = new Set(edges.map(({ id }) => id));
  let n = 0;
  const free = (): string => {
    do n++;
    while (taken.has(`edge${n}`));
    return `edge${n}`;
  };
  return edges.map(({ id, source, target, sourceHandle, targetHandle }) => ({
    id: id ?? free(),
    from: source,
    fromPort: sourceHandle ?? "output",
    to: target,
    toPort: targetHandle ?? "input",
  }));
};

const drawn = ({ nodes, edges, variables = {} }: WorkflowData): Definition => ({
  nodes: Object.fromEntries(nodes.map((node) => [node.id, nodeOf(node)])),
  edges: edgesOf(edges),
  variables,
});

/** Of two nodes with one id the definition holds one only. */
const repeatedIds = ({ nodes }: WorkflowData): Finding[] => {
  const seen = new Set<string>();
  return nodes.flatMap(({ id }, index): Finding[] => {
    if (!seen.has(id)) {
      seen.add(id);
      return [];
    }
    const message = `Node id '${id}' is used twice`;
    return [{ severity: "error", code: "duplicate_node", message, nodeId: id, path: `workflowData.nodes.${index}.id` }];
  });
};

/** A trigger alone does nothing; without one, the engine says so itself. */
const emptyDrawing = ({ nodes }: WorkflowData, definition: Definition): Finding[] =>
  nodes.length > 0 || Object.keys(definition.nodes).length === 0
    ? []
    : [{ severity: "error", code: "no_nodes", message: "Workflow has no nodes", path: "workflowData.nodes" }];

type Added = { id: string; type: string; config: JsonObject; name: string };

/** The trigger in short and the enabled rows, as nodes to be; and what is wrong with those that make none. */
const triggersOf = ({ triggerType, triggerConfig, triggers = [] }: EnhancedWire) => {
  const added: Added[] = [];
  const findings: Finding[] = [];
  if (triggerType !== null) {
    const made = triggerNodeOf({ triggerType, config: triggerConfig });
    if (made.ok) added.push({ id: SHORTHAND, type: made.type, config: made.config, name: "Trigger" });
    else {
      const toFinding = ({ field, message, code = "bad_config" }: (typeof made.problems)[number]): Finding => ({
        severity: "error",
        code,
        message,
        path: field === "triggerType" ? field : field.replace(/^config/, "triggerConfig"),
      });
      findings.push(...made.problems.map(toFinding));
    }
  }
  for (const { id, triggerType: type, config, name, enabled } of triggers)
    if (enabled) added.push({ id, type, config, name });
  return { added, findings };
};

/** Findings of its own only: what the engine says of the definition is `judgeWorkflow`'s. */
export const compileWorkflow = (wire: EnhancedWire): Compiled => {
  const { added, findings } = triggersOf(wire);
  const settings = definitionSettings(wire.settings);
  const drawing = addTriggers(drawn(wire.workflowData), added);
  const declared = declaredVariables(wire.variables ?? []);
  const all = { ...settings, ...(declared.secrets.length > 0 && { secrets: declared.secrets }) };
  const definition = {
    ...drawing,
    variables: { ...drawing.variables, ...declared.values },
    ...(Object.keys(all).length > 0 && { settings: all }),
  };
  const own = [...emptyDrawing(wire.workflowData, definition), ...repeatedIds(wire.workflowData), ...findings];
  return { definition, findings: own };
};

/** `program`: null when there is an error. `placeOf`: where in what its author sent a thing is. */
export type Judged = { definition: Definition; findings: Finding[]; program: Program | null; placeOf: PlaceOf };

/** Everything that is wrong with a workflow, with paths into what its author sent. */
export const judgeWorkflow = (wire: EnhancedWire, judges?: Judges): Judged => {
  const { definition, findings } = compileWorkflow(wire);
  const { program, findings: found } = judgeDefinition(definition, judges);
  const placeOf = placesIn(wire);
  const placed = found.map((finding) => ({ ...finding, path: placeOf(finding) }));
  return { definition, findings: [...findings, ...placed], program, placeOf };
};
