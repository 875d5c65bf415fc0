// What an enhanced workflow may be saved with, finished or not: not too large, no conditions that nothing makes sense of, no workflow that is not the
// caller's organisation's.
import { namesOf } from "../../../db/queries/queue.ts";
import type { Program } from "../../../engine/program.ts";
import { isJsonObject, own } from "../../../lib/json.ts";
import { mapConcurrently } from "../../../lib/map-concurrently.ts";
import type { Context } from "../../context.ts";
import { DomainError } from "../../errors.ts";
import { openWorkflowHead } from "../access.ts";
import { checkSize, type Definition, type Finding, refuseSenseless, unrunnable } from "../definition.ts";
import type { Judged } from "./compile-workflow.ts";
import type { EnhancedWire } from "./workflow-data.ts";

/** Of the drawing and what it compiled to together, as JSON: a row of D1 holds 2 MB. */
const MAX_ROW_BYTES = 1_800_000;

const bytesOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).byteLength;

/** Throws `invalid_input` or `payload_too_large`. */
export const checkWire = (wire: EnhancedWire, { definition, findings }: Judged): void => {
  checkSize(definition);
  refuseSenseless(findings);
  const size = bytesOf(wire) + bytesOf(definition);
  if (size <= MAX_ROW_BYTES) return;
  const message = `The workflow is too large: ${size} bytes with what it runs as, at most ${MAX_ROW_BYTES}`;
  throw new DomainError("payload_too_large", message, {
    problems: [{ field: "workflowData", message: "is too large" }],
    details: { limit: MAX_ROW_BYTES, size },
  });
};

const SUBWORKFLOW = "action_subworkflow";
/** What a template makes of a run's data is known when it runs. */
const isLiteral = (id: unknown): id is string => typeof id === "string" && !id.includes("{{") && !id.includes("{%");

/** Workflows that it starts: for its failures, and by its nodes, as far as they are named by their ids. */
const namedBy = ({ settings, workflowData }: EnhancedWire): Set<string> => {
  const children = workflowData.nodes.flatMap(({ type, data }) =>
    type === SUBWORKFLOW && isJsonObject(data?.config) ? [data.config.workflow_id] : [],
  );
  return new Set([settings.errorWorkflowId, ...children].filter(isLiteral));
};

const AT_ONCE = 6;

/** Who is told that there is none is told which of those that the drawing names. */
const openNamed = async (context: Context, id: string): Promise<void> => {
  try {
    await openWorkflowHead(context, id, "execute");
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "not_found") throw error;
    throw new DomainError("not_found", unknownWorkflow(id), { subject: "workflow", details: { workflowId: id } });
  }
};

const unknownWorkflow = (id: string): string => `There is no workflow '${id}'`;

/** Those that are named anew are workflows that the caller may execute. Throws `not_found`, `forbidden`. */
export const checkNamedWorkflows = async (
  context: Context,
  wire: EnhancedWire,
  before?: EnhancedWire,
): Promise<void> => {
  const known = before ? namedBy(before) : new Set<string>();
  const added = [...namedBy(wire)].filter((id) => !known.has(id));
  await mapConcurrently(added, AT_ONCE, (id) => openNamed(context, id));
};

/** Nodes that start workflows that the caller's organisation does not have. One read at the most. */
export const unknownChildren = async ({ ports, principal }: Context, { nodes }: Definition): Promise<Finding[]> => {
  const named = Object.entries(nodes).flatMap(([nodeId, { type, config }]) => {
    const id = type === SUBWORKFLOW ? own(config, "workflow_id") : undefined;
    return isLiteral(id) ? [{ nodeId, id }] : [];
  });
  if (named.length === 0) return [];
  const known = await namesOf(ports.db, principal.organizationId, [...new Set(named.map(({ id }) => id))]);
  return named
    .filter(({ id }) => !known.has(id))
    .map(({ nodeId, id }) => ({
      ...{ severity: "error", code: "unknown_workflow", message: unknownWorkflow(id), nodeId },
      path: `nodes.${nodeId}.config.workflow_id`,
    }));
};

/** What runs. Throws `invalid_definition` with what must be mended before it can. */
export const requireRunnable = ({ findings, program }: Judged): Program => {
  const errors = findings.filter(({ severity }) => severity === "error");
  if (program && errors.length === 0) return program;
  throw unrunnable("invalid_definition", errors);
};
