// Statuses that came before we knew the message by its provider's id: kept when they come, taken up when the id is written.
import { MESSAGE_STATUSES } from "../../channels/status.ts";
import { raiseStatuses, type StatusReport } from "../../db/queries/messages.ts";
import { deleteParked, forgetParked, parkStatuses } from "../../db/queries/parked-statuses.ts";
import { DAY_MS } from "../../lib/durations.ts";
import type { Database } from "../ports.ts";

/** A provider tells of a message for days at most; later nobody will come for what is parked, in ms. */
export const PARKED_MS = 7 * DAY_MS;

/** For the batch that raises `reports`, behind it. */
export const park = (db: Database, reports: readonly StatusReport[]): D1PreparedStatement[] => {
  const nameless = reports.filter(({ id, providerId }) => id === null && providerId !== null);
  if (nameless.length === 0) return [];
  const organizations = [...new Set(nameless.map(({ organizationId }) => organizationId))];
  const latest = Math.max(...nameless.map(({ at }) => at));
  return [parkStatuses(db, nameless), forgetParked(db, organizations, latest - PARKED_MS)];
};

/** An UPDATE takes one of several rows that name the same message, so each round names a message once. */
export const roundsOf = (reports: readonly StatusReport[]): StatusReport[][] => {
  const rounds: StatusReport[][] = [];
  const seen = new Map<string, number>();
  for (const report of reports) {
    const key = `${report.organizationId}/${report.id ?? report.providerId}`;
    const round = seen.get(key) ?? 0;
    seen.set(key, round + 1);
    if (round === rounds.length) rounds.push([]);
    rounds[round]!.push(report);
  }
  return rounds;
};

/** `parked`: what `selectParked` answered after the provider's id was written. */
export const takeUp = async (db: Database, parked: readonly unknown[]): Promise<void> => {
  if (parked.length === 0) return;
  const reports = parked as StatusReport[];
  await db.batch([
    ...roundsOf(reports).map((round) => raiseStatuses(db, MESSAGE_STATUSES, round)),
    deleteParked(db, reports),
  ]);
};
