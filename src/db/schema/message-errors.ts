// Why messages failed, by error code and hour (as message_activity counts hours) or campaign; outlives the messages. Only triggers write here
// (migrations/).
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId, time } from "./columns.ts";

export const messageErrors = sqliteTable(
  "message_errors",
  {
    organizationId: organizationId(),
    /** Of one campaign; '' for all messages of the organisation. */
    campaignId: text("campaign_id").notNull(),
    /** Epoch ms of the full hour; 0 for a campaign's, which are of all time. */
    hour: time("hour").notNull(),
    /** '' when none was given. */
    code: text("code").notNull(),
    /** The provider's wording of the code, when it has one. */
    name: text("name"),
    n: integer("n").notNull(),
    /** When the latest of them was heard of. */
    lastAt: time("last_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.campaignId, table.hour, table.code] })],
);
