// A segment as verbs take and give it.
import type { SegmentRow } from "../../db/queries/segments.ts";
import type { ConditionTree } from "../../engine/expression/condition-tree.ts";
import type { JsonObject } from "../../lib/json.ts";

/** `condition` was checked by whoever read `criteria`, which is the same as its author wrote it. */
export type SegmentInput = { name: string; description: string; condition: ConditionTree; criteria: JsonObject };

/** `size` was measured at `countedAt`. */
export type Segment = Omit<SegmentRow, "condition"> & { condition: ConditionTree };

export const segmentOf = ({ condition, ...row }: SegmentRow): Segment => ({
  ...row,
  condition: condition as ConditionTree,
});

export const rowOf = ({ condition, ...segment }: Segment): SegmentRow => ({
  ...segment,
  condition: condition,
});
