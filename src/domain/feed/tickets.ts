// Tickets for listeners that can send no headers (a browser's EventSource): for one workflow and one caller, once, within seconds.
import { deleteExpiredTickets, insertTicket, takeTicket } from "../../db/queries/stream-tickets.ts";
import { sha256Hex } from "../../lib/hmac.ts";
import { randomToken } from "../../lib/ids.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context, Principal } from "../context.ts";
import { DomainError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import { openWorkflowHead } from "../workflow/access.ts";
import { presentPrincipals } from "./present-principals.ts";

/** SECURITY "Output". */
const TICKET_MS = 30_000;
const TICKET = /^[A-Za-z0-9_-]{43}$/;

/** `expiresAt`: epoch ms. */
export const issueTicket = async (
  context: Context,
  workflowId: string,
): Promise<{ ticket: string; expiresAt: number }> => {
  const { id } = await openWorkflowHead(context, workflowId, "view");
  const { principal, ports } = context;
  const now = ports.now();
  const ticket = randomToken();
  const expiresAt = now + TICKET_MS;
  await ports.db.batch([
    deleteExpiredTickets(ports.db, now),
    insertTicket(ports.db, {
      organizationId: principal.organizationId,
      hash: await sha256Hex(ticket),
      workflowId: id,
      userId: principal.userId,
      username: principal.username,
      keyId: principal.keyId ?? null,
      scopes: principal.scopes ?? null,
      credentialUntil: principal.expiresAt ?? null,
      expiresAt,
    }),
    auditStatement(context, { action: "stream.ticket_issued", targetType: "workflow", targetId: id }),
  ]);
  return { ticket, expiresAt };
};

/** Who it stands for, with the rights that they have now; it is used up. Throws `unauthenticated`: unknown, used and expired sound the same. */
export const redeemTicket = async (
  { db, now }: Pick<Ports, "db" | "now">,
  ticket: string,
  workflowId: string,
): Promise<Principal> => {
  const row = TICKET.test(ticket) ? await takeTicket(db, await sha256Hex(ticket), workflowId, now()) : undefined;
  const [principal] = row
    ? await presentPrincipals(db, row, [
        {
          userId: row.userId,
          username: row.username,
          ...(row.keyId === null ? {} : { keyId: row.keyId }),
          ...(row.scopes === null ? {} : { scopes: row.scopes }),
          ...(row.credentialUntil === null ? {} : { expiresAt: row.credentialUntil }),
        },
      ])
    : [];
  if (!principal || (principal.expiresAt ?? Number.POSITIVE_INFINITY) <= now())
    throw new DomainError("unauthenticated", "Invalid or expired ticket");
  return principal;
};
