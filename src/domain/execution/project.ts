// Runs' reports of themselves as rows of the index. The newest report of a run stands; the same one twice counts once.
import { type ProjectedRow, upsertExecutions, upsertSteps } from "../../db/queries/projections.ts";
import { timeOfId } from "../../lib/ids.ts";
import type { Database } from "../ports.ts";

export type Report = Omit<ProjectedRow, "createdAt" | "updatedAt"> & {
  steps: {
    n: number;
    nodeId: string;
    nodeType: string;
    visit: number;
    status: string;
    startedAt: number;
    completedAt: number | null;
    attempts: number;
    error: string | null;
  }[];
};

/** A statement's values hold 2 MB (D1); a step takes some 350 bytes, and 2.4 KB at the most. */
const STEPS_A_STATEMENT = 800;

export const projectExecutions = async (db: Database, reports: readonly Report[], now: number): Promise<void> => {
  await db.batch(reportStatements(db, reports, now));
};

/** For a batch that holds more than reports. */
export const reportStatements = (db: Database, reports: readonly Report[], now: number): D1PreparedStatement[] => {
  const newest = new Map<string, Report>();
  for (const report of reports) {
    const known = newest.get(report.executionId);
    if (!known || known.seq <= report.seq) newest.set(report.executionId, report);
  }
  const rows = [...newest.values()].map(({ steps: _, ...row }) => ({
    ...row,
    createdAt: timeOfId(row.executionId) ?? row.startedAt,
    updatedAt: now,
  }));
  const steps = [...newest.values()].flatMap(({ organizationId, executionId, steps }) =>
    steps.map((step) => ({ organizationId, executionId, ...step })),
  );
  const parts = Array.from({ length: Math.ceil(steps.length / STEPS_A_STATEMENT) }, (_, part) =>
    steps.slice(part * STEPS_A_STATEMENT, (part + 1) * STEPS_A_STATEMENT),
  );
  return [upsertExecutions(db, rows), ...parts.map((part) => upsertSteps(db, part))];
};
