// An organisation's webhooks, of all its APIs, and what they have counted together.
import { type CountSums, listEndpoints as queryEndpoints, sumCounts } from "../../db/queries/endpoints.ts";
import { atLeast, type Context } from "../context.ts";
import { authorizeRole } from "../permission.ts";
import { type Endpoint, endpointOfRow } from "./endpoint.ts";
import { withLiveCounts } from "./live-counts.ts";

/** Newest first; those of workflows that were hidden from the caller are left out. The sums are over all. */
export const listEndpoints = async (
  context: Context,
  filter: { workflowId?: string },
  page: { limit: number; offset: number },
): Promise<{ rows: Endpoint[]; total: number; sums: CountSums }> => {
  const { principal, ports } = context;
  authorizeRole(principal, "viewer", "read");
  const visibleTo = atLeast(principal.role, "admin") ? {} : { visibleTo: principal.userId };
  const [{ rows, total }, sums] = await Promise.all([
    queryEndpoints(ports.db, principal.organizationId, { ...filter, ...visibleTo }, page),
    sumCounts(ports.db, principal.organizationId),
  ]);
  const written = rows.map(endpointOfRow);
  const live = await withLiveCounts(ports, written);
  return { rows: live, total, sums: written.reduce((all, row, index) => corrected(all, row, live[index]!), sums) };
};

/** The sums of what the rows say, with what one of them does not say yet. */
const corrected = (sums: CountSums, { counts: before }: Endpoint, { counts: after }: Endpoint): CountSums => {
  if (before === after) return sums;
  const refused: CountSums["refused"] = { ...sums.refused };
  for (const [reason, n] of Object.entries(after.refused)) {
    const more = n - (before.refused[reason as keyof typeof before.refused] ?? 0);
    refused[reason] = (refused[reason] ?? 0) + more;
  }
  return {
    ...sums,
    refused,
    received: sums.received + after.received - before.received,
    accepted: sums.accepted + after.accepted - before.accepted,
    duplicates: sums.duplicates + after.duplicates - before.duplicates,
    filtered: sums.filtered + after.filtered - before.filtered,
    lastReceivedAt: Math.max(sums.lastReceivedAt ?? 0, after.lastReceivedAt ?? 0) || null,
  };
};
