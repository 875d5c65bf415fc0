// What an organisation signs its outgoing webhooks with.
import { sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId, time } from "./columns.ts";

export const signingSecrets = sqliteTable("signing_secrets", {
  organizationId: organizationId().primaryKey(),
  /** lib/seal.ts, field `signing-secret`. */
  secretSealed: text("secret_sealed").notNull(),
  /** Signs as well until then. */
  previousSealed: text("previous_sealed"),
  previousUntil: time("previous_until"),
  createdAt: time("created_at").notNull(),
});
