// An enhanced workflow as its author wrote it: the drawing of an editor (React Flow), a trigger in short, and settings. It is kept exactly as it was
// sent, fields that we do not know included, and may be unfinished; what it runs as is compile-workflow.ts.
import type { JsonObject } from "../../../lib/json.ts";
import type { VariableRow } from "../../variable/variable.ts";
import type { Workflow } from "../workflow.ts";

/** Further fields of a node or an edge (`width`, `selected`, `style`, …) are the editor's own. */
export type DataNode = {
  id: string;
  type: string;
  position?: { x: number; y: number };
  data?: { label?: string; config?: JsonObject };
};

/** `null`, as editors write it, is the usual handle. */
export type DataEdge = {
  id?: string;
  source: string;
  target: string;
  sourceHandle?: string | null;
  targetHandle?: string | null;
};

export type WorkflowData = {
  nodes: DataNode[];
  edges: DataEdge[];
  /** What runs start with, by name. */
  variables?: JsonObject;
};

export type EnhancedSettings = {
  timeoutSeconds?: number;
  maxConcurrency?: number;
  /** Of actions that name no retry of their own. */
  retry?: { maxAttempts: number; backoffSeconds: number };
  /** Started with what is known of the run, when a run fails. */
  errorWorkflowId?: string;
  /** No message of this workflow leaves then; `timezone` absent: on the recipient's clock. */
  quietHours?: { start: string; end: string; timezone?: string };
};

/** A trigger that is a row of its own beside the graph (…/triggers). `triggerType` is a full name of the catalogue, `config` as its schema has it. */
export type TriggerRow = {
  id: string;
  triggerType: string;
  name: string;
  config: JsonObject;
  /** Said, where the config alone would not tell: one time that had nearly come when it was made. */
  scheduleType?: "immediate";
  enabled: boolean;
  createdAt: number;
  updatedAt: number;
};

/** PERSISTED CONTRACT: workflows.wire of an enhanced workflow. */
export type EnhancedWire = {
  workflowData: WorkflowData;
  /** In short, one trigger; null: the graph has its own. */
  triggerType: string | null;
  triggerConfig: JsonObject;
  settings: EnhancedSettings;
  templateId: string | null;
  triggers?: TriggerRow[];
  /** Declared ones, of the workflow and of what its executions are given; they go before those of the drawing. */
  variables?: VariableRow[];
};

export const wireOf = ({ wire }: Pick<Workflow, "wire">): EnhancedWire => wire as EnhancedWire;

export const storedWire = (wire: EnhancedWire): JsonObject => wire;
