// Writing requests that came with an Idempotency-Key, and what was answered: the same key again gets the same answer, for a day.
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizationId, time } from "./columns.ts";

export const idempotentRequests = sqliteTable(
  "idempotent_requests",
  {
    organizationId: organizationId(),
    /** SHA-256 of the caller and their key. */
    key: text("key").notNull(),
    /** SHA-256 of what was asked: method, path and body. */
    fingerprint: text("fingerprint").notNull(),
    /** Of the request that carries it out: the audit log says by it whether that came to its end. */
    requestId: text("request_id").notNull(),
    /** Null while it is being carried out. */
    status: integer("status"),
    /** lib/seal.ts, field `idempotent_requests.answer:<key>`: an answer may hold what is shown once. */
    answerSealed: text("answer_sealed"),
    at: time("at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.key] }),
    index("idempotent_requests_at").on(table.organizationId, table.at),
  ],
);
