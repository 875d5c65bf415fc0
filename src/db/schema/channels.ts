// Ways to send and receive that an organisation has set up itself. Those of the operator's variables have no row (objects/outside.ts).
import { index, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { jsonObject, organizationId, time } from "./columns.ts";

export const channels = sqliteTable(
  "channels",
  {
    organizationId: organizationId(),
    id: text("id").notNull(),
    kind: text("kind", { enum: ["sms", "whatsapp", "email"] }).notNull(),
    provider: text("provider", { enum: ["twilio", "whatsapp_cloud", "smtp"] }).notNull(),
    name: text("name").notNull(),
    /** The address that people see: a number, a mailbox. */
    sender: text("sender").notNull(),
    /** By what the provider's callbacks name it: the number, the messaging service, the phone number's id. */
    inboundKey: text("inbound_key"),
    /** JSON of the secrets; lib/seal.ts, field `channels.credentials:<id>`. */
    credentialsSealed: text("credentials_sealed").notNull(),
    /** What is no secret; its shape is the provider's (domain/channel/settings.ts). */
    settings: jsonObject("settings").notNull().default({}),
    /** Messages a second; null: the default of its kind of sender. */
    rate: real("rate"),
    status: text("status", { enum: ["active", "disabled"] })
      .notNull()
      .default("active"),
    verifiedAt: time("verified_at"),
    createdBy: text("created_by").notNull(),
    createdAt: time("created_at").notNull(),
    updatedAt: time("updated_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.id] }),
    // Without the organisation: a provider's callback names the sender only. Whose it is, the signature tells.
    index("channels_inbound").on(table.provider, table.inboundKey),
  ],
);
