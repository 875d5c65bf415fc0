// Runs' reports of themselves as rows of the index. The newest report of a run stands; the same one twice counts once.
import { type ProjectedRow, type ProjectedStep, upsertExecutions, upsertSteps } from "../../db/queries/projections.ts";
import { addStepRollups } from "../../db/queries/step-rollups.ts";
import { timeOfId } from "../../lib/ids.ts";
import { jsonBytes, partsBySize } from "../../lib/parts-by-size.ts";
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
    waitMs?: number | undefined;
    service?: string | undefined;
    late?: boolean | undefined;
  }[];
};

/** A statement's values hold 2 MB (D1). */
const MAX_VALUES_BYTES = 1_900_000;
/** Steps that fit it, whatever they say. */
const SURELY_FIT = 800;

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
  const steps = [...newest.values()].flatMap(({ organizationId, executionId, workflowId, dryRun, steps }) =>
    steps.map((step) => ({ organizationId, executionId, workflowId, dryRun, ...step })),
  );
  const isAnyCounted = rows.some(({ entries }) => entries);
  const rowParts = isAnyCounted ? partsBySize(rows, MAX_VALUES_BYTES, jsonBytes) : [rows];
  return [
    ...rowParts.map((part) => upsertExecutions(db, part)),
    ...partsOf(steps).flatMap((part) => [...addStepRollups(db, part), upsertSteps(db, part)]),
  ];
};

/** As few parts as fit a statement each. */
const partsOf = (steps: readonly ProjectedStep[]): ProjectedStep[][] => {
  if (steps.length === 0) return [];
  if (steps.length <= SURELY_FIT) return [[...steps]];
  return partsBySize(steps, MAX_VALUES_BYTES, jsonBytes);
};
