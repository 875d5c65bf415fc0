// What an organisation wants of every message that leaves it: when people are left alone, how often they are written to, whose clock counts
// where nothing is known of theirs.
import { selectPolicy } from "../../db/queries/messaging-policy.ts";
import type { Database } from "../ports.ts";
import type { QuietHours } from "./quiet-hours.ts";

/** PERSISTED CONTRACT (organizations.messaging_policy). */
export type MessagingPolicy = {
  quietHours: QuietHours | null;
  /** At most `max` messages to one person in `windowSeconds`, whatever sends them. */
  frequencyCap: { max: number; windowSeconds: number } | null;
  /** IANA zone. */
  timezone: string;
};

export const NO_POLICY: MessagingPolicy = { quietHours: null, frequencyCap: null, timezone: "UTC" };

export const policyOf = (stored: string | null): MessagingPolicy =>
  stored === null ? NO_POLICY : { ...NO_POLICY, ...(JSON.parse(stored) as Partial<MessagingPolicy>) };

/** One read by primary key. */
export const readPolicy = async (db: Database, organizationId: string): Promise<MessagingPolicy> => {
  const row = await selectPolicy(db, organizationId).first<{ policy: string | null }>();
  return policyOf(row?.policy ?? null);
};
