// Reading dead letters: for admins, because they hold what people sent.
import { type DeadLetterRow, findDeadLetter, listDeadLetterRows } from "../../db/queries/dead-letters.ts";
import type { Context } from "../context.ts";
import { notFound } from "../errors.ts";
import { authorizeRole } from "../permission.ts";

export type DeadLetter = Omit<DeadLetterRow, "organizationId">;

const viewOf = ({ organizationId: _, ...view }: DeadLetterRow): DeadLetter => view;

/** Newest first, a body of more than 16 KB as null; `open`: only those that were not replayed, or only those that were. */
export const listDeadLetters = async (
  { principal, ports }: Context,
  filter: { queue?: string; open?: boolean },
  page: { limit: number; offset: number },
): Promise<{ rows: DeadLetter[]; total: number }> => {
  authorizeRole(principal, "admin", "admin");
  const { rows, total } = await listDeadLetterRows(ports.db, principal.organizationId, filter, page);
  return { rows: rows.map(viewOf), total };
};

export const readDeadLetter = async ({ principal, ports }: Context, id: string): Promise<DeadLetter> => {
  authorizeRole(principal, "admin", "admin");
  const row = await findDeadLetter(ports.db, principal.organizationId, id);
  if (!row) throw notFound("dead letter");
  return viewOf(row);
};
