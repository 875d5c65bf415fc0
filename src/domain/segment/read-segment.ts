// One segment, and all of them, for whoever may look.
import { findSegment, listSegments as querySegments } from "../../db/queries/segments.ts";
import type { Context } from "../context.ts";
import { notFound } from "../errors.ts";
import { authorizeRole } from "../permission.ts";
import { type Segment, segmentOf } from "./segment.ts";

export const readSegment = async (context: Context, id: string): Promise<Segment> => {
  authorizeRole(context.principal, "viewer", "read");
  const found = await findSegment(context.ports.db, context.principal.organizationId, id);
  if (!found) throw notFound("segment");
  return segmentOf(found);
};

/** Newest first. */
export const listSegments = async (
  context: Context,
  page: { limit: number; offset: number },
): Promise<{ rows: Segment[]; total: number }> => {
  authorizeRole(context.principal, "viewer", "read");
  const { rows, total } = await querySegments(context.ports.db, context.principal.organizationId, page);
  return { rows: rows.map(segmentOf), total };
};
