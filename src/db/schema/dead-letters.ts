// Queue messages that could not be processed, kept where people see them and can replay them.
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { jsonValue, organizationId, time } from "./columns.ts";

export const deadLetters = sqliteTable(
  "dead_letters",
  {
    /** Empty when the message was too broken to name one. */
    organizationId: organizationId(),
    id: text("id").notNull(),
    queue: text("queue").notNull(),
    /** The event or execution that it is about. */
    subjectId: text("subject_id"),
    body: jsonValue("body").notNull(),
    error: text("error").notNull(),
    attempts: integer("attempts").notNull(),
    createdAt: time("created_at").notNull(),
    replayedAt: time("replayed_at"),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    // The list, newest first.
    index("dead_letters_created").on(table.organizationId, table.createdAt),
  ],
);
