// What starts a workflow, wherever it was said: a node of its graph, the trigger in short, or a row of its own beside the graph. Pure.
import type { JsonObject } from "../../lib/json.ts";
import { triggerTypes } from "../../triggers/index.ts";
import type { ScheduleConfig } from "../../triggers/schedule-terms.ts";
import { SHORTHAND } from "../workflow/enhanced/places.ts";
import type { ScheduleType } from "../workflow/enhanced/trigger-name.ts";
import { contentOf } from "../workflow/enhanced/trigger-node.ts";
import { type TriggerRow, wireOf } from "../workflow/enhanced/workflow-data.ts";
import type { Workflow } from "../workflow/workflow.ts";

export type WorkflowTrigger = {
  /** Of a row its own, else its node's. */
  id: string;
  triggerType: string;
  name: string;
  config: JsonObject;
  scheduleType: ScheduleType;
  source: "node" | "shorthand" | "row";
  enabled: boolean;
  /** The node that it is in the graph; of a row that says what another trigger says, that one's. Null while it is disabled. */
  nodeId: string | null;
  /** Epoch ms; null for what is as old as the workflow. */
  createdAt: number | null;
  updatedAt: number | null;
};

export const scheduleTypeOfRow = ({ triggerType, config, scheduleType }: TriggerRow): ScheduleType =>
  scheduleType ?? scheduleTypeOf(triggerType, config);

const scheduleTypeOf = (type: string, config: JsonObject): ScheduleType => {
  if (type !== "trigger_schedule") return "immediate";
  const { at, every_seconds } = config as ScheduleConfig;
  if (at !== undefined) return "scheduled";
  return every_seconds === undefined ? "cron" : "recurring";
};

const isTrigger = ({ type }: { type: string }): boolean => triggerTypes.has(type);

/** Rows first, in the order in which they were made. */
export const triggersOf = ({ definition, authoring, wire }: Workflow): WorkflowTrigger[] => {
  const rows = authoring === "enhanced" ? (wireOf({ wire }).triggers ?? []) : [];
  const nodes = Object.entries(definition.nodes).filter(([, node]) => isTrigger(node));
  const byContent = new Map(
    nodes.map(([id, { type, config }]) => [contentOf({ type, config }), id] as const).reverse(),
  );
  const ofRows = rows.map((row): WorkflowTrigger => {
    const nodeId = row.enabled ? byContent.get(contentOf({ type: row.triggerType, config: row.config })) : undefined;
    return { ...row, source: "row", nodeId: nodeId ?? null, scheduleType: scheduleTypeOfRow(row) };
  });
  const isOfRow = (id: string) => rows.some((row) => id.replace(/_+$/, "") === `trigger_${row.id}`);
  const others = nodes.filter(([id]) => !isOfRow(id));
  return [
    ...ofRows,
    ...others.map(([id, { type, label, config }]): WorkflowTrigger => {
      const isShort = authoring === "enhanced" && id === `trigger_${SHORTHAND}`;
      return {
        id,
        triggerType: type,
        name: label ?? id,
        config,
        scheduleType: scheduleTypeOf(type, config),
        source: isShort ? "shorthand" : "node",
        enabled: true,
        nodeId: id,
        createdAt: null,
        updatedAt: null,
      };
    }),
  ];
};

/** The first trigger before `row` that says the same. */
export const sameAs = (workflow: Workflow, row: TriggerRow): WorkflowTrigger | undefined => {
  const content = contentOf({ type: row.triggerType, config: row.config });
  return triggersOf(workflow).find(
    (one) => one.id !== row.id && one.enabled && contentOf({ type: one.triggerType, config: one.config }) === content,
  );
};
