// Runs' reports of themselves as rows of the index. The newest report of a run stands; the same one twice counts once.
import { countNewExecutions, type ProjectedRow, upsertExecutions } from "../../db/queries/projections.ts";
import { addStepRollups } from "../../db/queries/step-rollups.ts";
import { timeOfId } from "../../lib/ids.ts";
import { jsonBytes, partsBySize } from "../../lib/parts-by-size.ts";
import type { Database } from "../ports.ts";

export type Report = Omit<ProjectedRow, "createdAt" | "updatedAt">;

/** A statement's values hold 2 MB (D1). */
const MAX_VALUES_BYTES = 1_900_000;
/** Steps that fit it, whatever they say; a row without its steps weighs as much as two. */
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
  const rows = [...newest.values()].map((report) => ({
    ...report,
    createdAt: timeOfId(report.executionId) ?? report.startedAt,
    updatedAt: now,
  }));
  return partsOf(rows).flatMap((part) => [
    countNewExecutions(db, part),
    ...addStepRollups(db, part),
    upsertExecutions(db, part),
  ]);
};

/** As few parts as fit a statement each. */
const partsOf = (rows: readonly ProjectedRow[]): ProjectedRow[][] => {
  const weight = rows.reduce((sum, row) => sum + 2 + row.steps.length, 0);
  const surelyFit = weight <= SURELY_FIT && !rows.some(({ entries }) => entries);
  return surelyFit ? [[...rows]] : partsBySize(rows, MAX_VALUES_BYTES, jsonBytes);
};
