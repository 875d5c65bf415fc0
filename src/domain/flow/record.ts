// A flow with what is known of it beside its document: a workflow of the authoring API `flow`, seen by who made it.
import type { FlowRow } from "../../db/queries/flows.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { WorkflowStatus } from "../workflow/workflow.ts";
import type { Flow } from "./flow.ts";

export type FlowRecord = {
  id: string;
  content: Flow;
  status: WorkflowStatus;
  /** Of the user who made it: the only one who may see and change it as a flow. */
  userId: string;
  /** A label inside the organisation; other APIs call it the entity. */
  brandId: number;
  createdAt: number;
  /** Of anything about it, and of its content, epoch ms. */
  updatedAt: number;
  contentUpdatedAt: number;
};

/** PERSISTED CONTRACT: workflows.wire of a flow. */
type FlowWire = { flow: Flow; contentUpdatedAt: number };

export const wireOf = (wire: FlowWire): JsonObject => wire as JsonObject;

export const recordOf = (row: FlowRow): FlowRecord => {
  const { flow, contentUpdatedAt } = row.wire as FlowWire;
  return {
    id: row.id,
    content: flow,
    status: row.status,
    userId: row.createdBy,
    brandId: row.entityId ?? 0,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    contentUpdatedAt: Math.max(contentUpdatedAt, row.createdAt),
  };
};
