// Changes to a segment. A campaign that runs keeps the audience with which it began.
import { updateSegment as updateStatement } from "../../db/queries/segments.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { authorizeRole } from "../permission.ts";
import { countAudience } from "./audience.ts";
import { readSegment } from "./read-segment.ts";
import { rowOf, type Segment, type SegmentInput } from "./segment.ts";

/** What is not named stays; another condition is counted anew. */
export const updateSegment = async (context: Context, id: string, change: Partial<SegmentInput>): Promise<Segment> => {
  authorizeRole(context.principal, "editor", "write");
  const { db, now } = context.ports;
  const segment = await readSegment(context, id);
  const at = now();
  const next: Segment = { ...segment, ...change, updatedAt: at };
  if (change.condition) {
    next.size = await countAudience(db, segment.organizationId, change.condition, at);
    next.countedAt = at;
  }
  const { name, description, condition, criteria, size, countedAt, updatedAt } = rowOf(next);
  await db.batch([
    updateStatement(db, segment, { name, description, condition, criteria, size, countedAt, updatedAt }),
    auditStatement(context, {
      action: "segment.updated",
      targetType: "segment",
      targetId: id,
      details: { fields: Object.keys(change).filter((field) => field !== "condition") },
    }),
  ]);
  return next;
};
