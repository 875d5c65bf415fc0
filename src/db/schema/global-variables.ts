// Variables that every run of an organisation starts with. Each change moves organizations.variables_at, by which runs know whether there are any.
import { primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { jsonValue, organizationId, time } from "./columns.ts";

export const globalVariables = sqliteTable(
  "global_variables",
  {
    organizationId: organizationId(),
    name: text("name").notNull(),
    dataType: text("data_type").notNull(),
    /** What runs get; of a secret what stands for it. Null: none. */
    value: jsonValue("value"),
    description: text("description").notNull().default(""),
    /** Of secret_values; null for one that is no secret. */
    secretId: text("secret_id"),
    /** ValidationRule[] (domain/variable/variable.ts). */
    validationRules: jsonValue("validation_rules").notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: time("created_at").notNull(),
    updatedAt: time("updated_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.name] })],
);
