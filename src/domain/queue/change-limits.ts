// How many runs of an organisation may be at work at a time, and how many may wait: read by its members, changed by its admins.
import { findQueueLimits, mergeQueueLimits } from "../../db/queries/queue.ts";
import type { JsonObject } from "../../lib/json.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { authorizeRole } from "../permission.ts";
import { tell } from "../tell.ts";
import { type QueueLimits, queueLimitsOf } from "./limits.ts";

export const readQueueLimits = async ({ ports, principal }: Context): Promise<QueueLimits> => {
  authorizeRole(principal, "viewer", "read");
  return queueLimitsOf(await findQueueLimits(ports.db, principal.organizationId));
};

/** Null is as usual: any number at work. What waits is let in at once where there is more room now; what works goes on where there is less. */
export const changeQueueLimits = async (
  context: Context,
  change: { [Name in keyof QueueLimits]?: number | null },
): Promise<QueueLimits> => {
  const { ports, principal } = context;
  authorizeRole(principal, "admin", "admin");
  const { organizationId } = principal;
  const details: JsonObject = { ...change };
  await ports.db.batch([
    mergeQueueLimits(ports.db, organizationId, change),
    auditStatement(context, {
      action: "organization.queue_changed",
      targetType: "organization",
      targetId: organizationId,
      details,
    }),
  ]);
  // A dispatcher that was not told reads them by itself soon.
  await tell(() => ports.queues.look(organizationId));
  return queueLimitsOf(await findQueueLimits(ports.db, organizationId));
};
