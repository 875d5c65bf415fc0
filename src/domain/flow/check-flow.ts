// What publishing checks of a flow: everything that would make a conversation go wrong, each finding with its node and its path in the document.
// What the engine finds in the compiled definition is told as well, at the flow's node that it is about.
import { compile } from "../../engine/compile.ts";
import type { Finding } from "../../engine/contract.ts";
import { nodeTypes } from "../../nodes/index.ts";
import { checkGraph } from "./check-graph.ts";
import { checkNode } from "./check-node.ts";
import { compileFlow } from "./compile-flow.ts";
import type { Flow, FlowNode } from "./flow.ts";

/** `offer`: the node as it would be right, where there is such a thing (buttons that are too many as a list). */
export type FlowFinding = Finding & { offer?: FlowNode };

/** All findings at once. A flow without an error may be published. */
export const checkFlow = (flow: Flow): FlowFinding[] => {
  const findings: FlowFinding[] = [];
  flow.flowNodes.forEach((node, index) => {
    checkNode(node, (code, path, message, { severity = "error" as const, ...more } = {}) => {
      findings.push({ severity, code, message, nodeId: node.id, path: `flowNodes.${index}.${path}`, ...more });
    });
  });
  checkGraph(flow, (code, path, message, { severity = "error" as const, ...about }) => {
    findings.push({ severity, code, message, path, ...about });
  });
  return findings.some(({ severity }) => severity === "error") ? findings : [...findings, ...engineFindings(flow)];
};

/** Errors of the engine that nothing above has foreseen: a text too long for a template, a graph too large. */
const engineFindings = (flow: Flow): FlowFinding[] => {
  const { definition, madeFor } = compileFlow(flow);
  return compile(definition, nodeTypes).findings.flatMap(({ severity, code, message, nodeId, path }) => {
    if (severity !== "error") return [];
    const id = nodeId === undefined ? undefined : madeFor.get(nodeId);
    const index = flow.flowNodes.findIndex((node) => node.id === id);
    const about = id === undefined ? {} : { nodeId: id };
    // A step's config is the definition's: what is wrong in it has a place in the flow.
    const inside =
      path.startsWith(`nodes.${id}.config`) && flow.flowNodes[index]?.config ? path.slice(`nodes.${id}`.length) : "";
    return [{ severity, code, message, path: index < 0 ? "flowNodes" : `flowNodes.${index}${inside}`, ...about }];
  });
};
