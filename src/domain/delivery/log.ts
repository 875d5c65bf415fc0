// The log of outgoing webhooks: what objects tell of their deliveries, and what people read of them.
import { type AuditRow, insertAuditOnce } from "../../db/queries/audit.ts";
import {
  type DeliveryRow,
  deleteDelivery,
  findDelivery,
  listDeliveries as queryDeliveries,
  writeDelivery,
} from "../../db/queries/deliveries.ts";
import type { Context } from "../context.ts";
import { notFound } from "../errors.ts";
import { authorizeRole } from "../permission.ts";
import type { Database } from "../ports.ts";
import type { Delivery, DeliveryAttempt, DeliveryMethod, DeliveryStatus } from "./delivery.ts";

/** With who asked for it, the first time: neither is there without the other. */
export const tellDelivery = async (
  db: Database,
  { attempts, ...delivery }: Delivery,
  audit: AuditRow | undefined,
): Promise<void> => {
  const written = writeDelivery(db, {
    ...delivery,
    attempts: attempts,
    attemptCount: attempts.length,
    responseStatus: attempts.at(-1)?.responseStatus ?? null,
  });
  await db.batch([written, ...(audit ? [insertAuditOnce(db, audit)] : [])]);
};

export const forgetDelivery = (db: Database, { organizationId, id }: Delivery): Promise<void> =>
  deleteDelivery(db, organizationId, id);

const deliveryOfRow = ({ attemptCount: _, responseStatus: _r, attempts, ...row }: DeliveryRow): Delivery => ({
  ...row,
  method: row.method as DeliveryMethod,
  attempts: attempts as DeliveryAttempt[],
});

/** Newest first. */
export const listDeliveries = async (
  { principal, ports }: Context,
  filter: { status?: DeliveryStatus },
  page: { limit: number; offset: number },
): Promise<{ rows: Delivery[]; total: number }> => {
  authorizeRole(principal, "viewer", "read");
  const { rows, total } = await queryDeliveries(ports.db, principal.organizationId, filter, page);
  return { rows: rows.map(deliveryOfRow), total };
};

export const readDelivery = async ({ principal, ports }: Context, id: string): Promise<Delivery> => {
  authorizeRole(principal, "viewer", "read");
  const row = await findDelivery(ports.db, principal.organizationId, id);
  if (!row) throw notFound("delivery");
  return deliveryOfRow(row);
};
