// Which message of ours a person says they answer.
import { selectRepliedTo } from "../../db/queries/answered-templates.ts";
import type { Database } from "../ports.ts";

export type RepliedTo = { executionId: string | null; isTemplate: boolean };

/** One read, by the provider's id; undefined when we know no such message. */
export const repliedTo = async (
  db: Database,
  organizationId: string,
  providerId: string,
): Promise<RepliedTo | undefined> => {
  const row = await selectRepliedTo(db, organizationId, providerId).first<{
    executionId: string | null;
    isTemplate: number;
  }>();
  return row ? { executionId: row.executionId, isTemplate: row.isTemplate === 1 } : undefined;
};
