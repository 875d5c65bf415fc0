// Flows as their users list them. A flow is a workflow (workflows.ts); this reads what the lists of others leave out, the document.
import { and, desc, eq, ne, sql } from "drizzle-orm";
import { orm } from "../d1.ts";
import { workflows } from "../schema.ts";
import type { WorkflowRow } from "./workflows.ts";

export type FlowRow = Pick<
  WorkflowRow,
  "id" | "status" | "entityId" | "wire" | "createdBy" | "createdAt" | "updatedAt"
>;

const { n, id, status, entityId, wire, createdBy, createdAt, updatedAt } = workflows;

/** Where a page ends, and the next one begins. */
export type FlowCursor = { createdAt: number; n: number };

/** A user's own, newest first, without those that are archived; after `last` of the page before, if there was one. */
export const listFlowsOf = (
  db: D1Database,
  of: { organizationId: string; userId: string },
  last: FlowCursor | null,
  limit: number,
): Promise<(FlowRow & { n: number })[]> =>
  orm(db)
    .select({ n, id, status, entityId, wire, createdBy, createdAt, updatedAt })
    .from(workflows)
    .where(
      and(
        eq(workflows.organizationId, of.organizationId),
        eq(workflows.createdBy, of.userId),
        eq(workflows.authoring, "flow"),
        ne(workflows.status, "archived"),
        last ? sql`(${createdAt}, ${n}) < (${last.createdAt}, ${last.n})` : undefined,
      ),
    )
    .orderBy(desc(createdAt), desc(n))
    .limit(limit);
