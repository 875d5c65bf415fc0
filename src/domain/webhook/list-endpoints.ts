// An organisation's webhooks, of all its APIs, and what they have counted together.
import { type CountSums, listEndpoints as queryEndpoints, sumCounts } from "../../db/queries/endpoints.ts";
import { atLeast, type Context } from "../context.ts";
import { authorizeRole } from "../permission.ts";
import { type Endpoint, endpointOfRow } from "./endpoint.ts";

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
  return { rows: rows.map(endpointOfRow), total, sums };
};
