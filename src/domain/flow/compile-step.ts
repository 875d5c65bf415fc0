// A step of a flow: one node of the catalogue by its own name with its `config` (docs/nodes.md), for what the eight types of a flow's nodes do not
// say. Imported flows need them: a request to somebody's server, a value that is computed, a comparison that the flow's six do not know.
import type { JsonObject } from "../../lib/json.ts";
import type { Drawing } from "./drawing.ts";
import type { FlowNode } from "./flow.ts";
import { sameWord, type Ways } from "./ways.ts";

/** Ports of each, the usual ones first; those after `|` lead on only where a result of the node says so. */
const PORTS: ReadonlyMap<string, string> = new Map([
  ["data_variable", "output"],
  ["action_webhook", "output | error"],
  ["action_code", "output | error"],
  ["action_email", "output | error"],
  ["action_question", "answered | failed timeout"],
  ["condition_if", "true false"],
]);

/** A step that waits for what the person says next. */
export const LISTENING_STEP = "action_question";

export const STEP_TYPES: readonly string[] = [...PORTS.keys()];

/** Where a step goes on, port by port: by the result (`nodeResult`) of the port's name, as a condition does. */
export const stepWays = (node: FlowNode, ways: Ways): { port: string; to: string | undefined }[] => {
  const results = node.nodeResult ?? [];
  const [usual = "", said = ""] = (PORTS.get(node.type) ?? "").split(" | ");
  const named = said.split(" ").filter((port) => results.some(({ expectedInput }) => sameWord(expectedInput, port)));
  return [...usual.split(" "), ...named].map((port) => ({ port, to: ways.ofResult(results, port) }));
};

export const compileStep = (drawing: Drawing, node: FlowNode, ways: Ways): void => {
  const step = drawing.put(node, "step", node.type, (node.config ?? {}) as JsonObject);
  for (const { port, to } of stepWays(node, ways)) drawing.lead(step, port, to);
};
