// A new segment, counted when it is made.
import { insertSegment } from "../../db/queries/segments.ts";
import { newId } from "../../lib/ids.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { authorizeRole } from "../permission.ts";
import { countAudience } from "./audience.ts";
import { rowOf, type Segment, type SegmentInput } from "./segment.ts";

export const createSegment = async (context: Context, input: SegmentInput): Promise<Segment> => {
  authorizeRole(context.principal, "editor", "write");
  const { ports, principal } = context;
  const { organizationId } = principal;
  const at = ports.now();
  const segment: Segment = {
    ...input,
    organizationId,
    id: newId(at),
    size: await countAudience(ports.db, organizationId, input.condition, at),
    countedAt: at,
    createdBy: principal.userId,
    createdAt: at,
    updatedAt: at,
  };
  await ports.db.batch([
    insertSegment(ports.db, rowOf(segment)),
    auditStatement(context, {
      action: "segment.created",
      targetType: "segment",
      targetId: segment.id,
      details: { name: segment.name },
    }),
  ]);
  return segment;
};
