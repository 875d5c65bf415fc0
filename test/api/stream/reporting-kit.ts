// Messages and campaigns as rows, for tests of reports.
import { newId } from "../../../src/lib/ids.ts";
import { db } from "../../fixtures/identity.ts";

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export type Told = {
  id?: string;
  direction?: "inbound" | "outbound";
  campaign?: string | null;
  contact?: string;
  recipient?: string;
  status?: string;
  at: number;
  sentAt?: number | null;
  deliveredAt?: number | null;
  code?: string | null;
  name?: string | null;
  consent?: string | null;
};

export const putMessages = async (organizationId: string, messages: readonly Told[]): Promise<void> => {
  const rows = messages.map((one) => ({ id: newId(one.at), ...one }));
  for (let at = 0; at < rows.length; at += 500) {
    await db
      .prepare(
        `INSERT INTO messages (org_id, id, contact_id, direction, channel, sender, recipient, body, status, campaign_id, created_at, updated_at,
           sent_at, delivered_at, error_code, error_name, consent, provider_id)
         SELECT ?1, value ->> 'id', coalesce(value ->> 'contact', 'c'), coalesce(value ->> 'direction', 'outbound'), 'twilio', '+15550000000',
           coalesce(value ->> 'recipient', '+15551234567'), 'hello', coalesce(value ->> 'status', 'scheduled'), value ->> 'campaign',
           value ->> 'at', value ->> 'at', value ->> 'sentAt', value ->> 'deliveredAt', value ->> 'code', value ->> 'name', value ->> 'consent',
           'SM' || (value ->> 'id')
         FROM json_each(?2)`,
      )
      .bind(organizationId, JSON.stringify(rows.slice(at, at + 500)))
      .run();
  }
};

export const putCampaign = async (
  organizationId: string,
  given: { id?: string; name?: string; status?: string; startedAt?: number | null; endedAt?: number | null } = {},
): Promise<string> => {
  const id = given.id ?? newId();
  await db
    .prepare(
      `INSERT INTO campaigns (org_id, id, name, status, template_id, segment_id, recipients, created_by, created_at, updated_at, started_at, ended_at)
       VALUES (?1, ?2, ?3, ?4, 't', 's', 1000, 'u', 1, 1, ?5, ?6)`,
    )
    .bind(
      organizationId,
      id,
      given.name ?? "Welcome Campaign",
      given.status ?? "running",
      given.startedAt ?? null,
      given.endedAt ?? null,
    )
    .run();
  return id;
};
