// Immutable versions of workflows. What makes them is in workflows.ts.
import { and, eq } from "drizzle-orm";
import { orm } from "../d1.ts";
import { workflowVersions } from "../schema.ts";

export type VersionRow = typeof workflowVersions.$inferSelect;

export const findVersion = (db: D1Database, organizationId: string, id: string): Promise<VersionRow | undefined> =>
  orm(db)
    .select()
    .from(workflowVersions)
    .where(and(eq(workflowVersions.organizationId, organizationId), eq(workflowVersions.id, id)))
    .get();

export const findVersionByNumber = (
  db: D1Database,
  organizationId: string,
  workflowId: string,
  number: number,
): Promise<VersionRow | undefined> =>
  orm(db)
    .select()
    .from(workflowVersions)
    .where(
      and(
        eq(workflowVersions.organizationId, organizationId),
        eq(workflowVersions.workflowId, workflowId),
        eq(workflowVersions.number, number),
      ),
    )
    .get();
