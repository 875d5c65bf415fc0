// What a flow's document runs as: the compiled definition, with the flow's own nodes counted. Whether people may meet it is judged here once more,
// with what only the product knows (URLs that nobody may call from here).
import type { Definition } from "../../engine/contract.ts";
import type { Program } from "../../engine/program.ts";
import { DomainError } from "../errors.ts";
import type { Egress } from "../ports.ts";
import { findingsOf, programOf } from "../workflow/definition.ts";
import { checkFlow, type FlowFinding } from "./check-flow.ts";
import { compileFlow } from "./compile-flow.ts";
import type { Flow } from "./flow.ts";
import { MAX_COUNTED_BYTES } from "./limits.ts";

/** Of any flow, finished or not. */
export const definitionOfFlow = (flow: Flow): Definition => {
  const { definition } = compileFlow(flow);
  const counted = flow.flowNodes.map(({ id }) => id).filter((id) => Object.hasOwn(definition.nodes, id));
  return { ...definition, settings: { ...definition.settings, counted: [...new Set(counted)] } };
};

export type RunnableFlow = { definition: Definition; program: Program; warnings: FlowFinding[] };

/** Throws `invalid_definition` with the findings of a flow that would go wrong, errors first. */
export const runnableFlow = (flow: Flow, egress: Egress): RunnableFlow => {
  const checked = checkFlow(flow);
  const errors = checked.filter(({ severity }) => severity === "error");
  const warnings = checked.filter(({ severity }) => severity !== "error");
  const found = errors.length > 0 ? errors : productFindings(flow, egress);
  if (found.length > 0) throw refused([...found, ...warnings], found.length);
  const definition = definitionOfFlow(flow);
  return { definition, program: programOf(definition, "invalid_definition", egress), warnings };
};

/** Of a flow without a fault of its own. */
const productFindings = (flow: Flow, egress: Egress): FlowFinding[] => {
  const { madeFor } = compileFlow(flow);
  const definition = definitionOfFlow(flow);
  const places = new Map(flow.flowNodes.map(({ id }, index) => [id, `flowNodes.${index}`]));
  const findings = findingsOf(definition, egress).flatMap(({ severity, code, message, nodeId }): FlowFinding[] => {
    if (severity !== "error") return [];
    const id = nodeId === undefined ? undefined : madeFor.get(nodeId);
    const path = (id !== undefined && places.get(id)) || "flowNodes";
    return [{ severity, code, message, path, ...(id !== undefined && { nodeId: id }) }];
  });
  const bytes = new TextEncoder().encode(JSON.stringify(definition.settings?.counted)).byteLength;
  if (bytes <= MAX_COUNTED_BYTES) return findings;
  const message = `The ids of all nodes together may have at most ${MAX_COUNTED_BYTES} bytes.`;
  return [...findings, { severity: "error", code: "too_large", message, path: "flowNodes" }];
};

const refused = (findings: FlowFinding[], errors: number): DomainError =>
  new DomainError("invalid_definition", `The flow has ${errors} error${errors === 1 ? "" : "s"}`, {
    subject: "flow",
    problems: findings.slice(0, errors).map(({ path, message, code }) => ({ field: path, message, code })),
    details: { findings: JSON.parse(JSON.stringify(findings)) },
  });
