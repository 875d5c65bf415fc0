// Contacts, a segment that holds them all, and campaigns over them, by the API where it has a word for it.
import { newId } from "../../src/lib/ids.ts";
import { makePorts } from "../../src/objects/ports.ts";
import { campaignName } from "../../src/objects/rpc.ts";
import { testApp } from "../fixtures/app.ts";
import { db, makeOrganization, type Tenant, testEnv } from "../fixtures/identity.ts";
import { eventually } from "./kit.ts";

const { campaigns } = makePorts(testEnv);
const app = testApp({ ports: { campaigns } });

export type Campaigner = Tenant & { segmentId: string; contacts: { id: string; phone: string }[] };

/** People with a number and a first name each, in an organisation of their own with a segment of everybody. */
export const makeCampaigner = async (people: number, owner?: Tenant): Promise<Campaigner> => {
  const tenant = owner ?? (await makeOrganization());
  const contacts = Array.from({ length: people }, (_, n) => ({
    id: newId(Date.now() - people + n),
    phone: `+1415555${String(1_000 + n).padStart(4, "0")}`,
    name: `Person ${n}`,
  }));
  const segmentId = newId();
  await db.batch([
    db
      .prepare(
        `INSERT INTO contacts (org_id, id, name, attributes, facts, created_at, updated_at)
         SELECT ?1, value ->> 'id', value ->> 'name', json_object('first', value ->> 'name'), '[]', 1, 1 FROM json_each(?2)`,
      )
      .bind(tenant.organizationId, JSON.stringify(contacts)),
    db
      .prepare(
        `INSERT INTO identities (org_id, kind, value, contact_id)
         SELECT ?1, 'phone', value ->> 'phone', value ->> 'id' FROM json_each(?2)`,
      )
      .bind(tenant.organizationId, JSON.stringify(contacts)),
    db
      .prepare(
        `INSERT INTO segments (org_id, id, name, condition, criteria, size, counted_at, created_by, created_at, updated_at)
         VALUES (?1, ?2, 'Everybody', '{"operator":"and","conditions":[]}', '{}', 0, 1, 'test', 1, 1)`,
      )
      .bind(tenant.organizationId, segmentId),
  ]);
  return { ...tenant, segmentId, contacts };
};

export const call = async (who: Tenant, method: string, path: string, body?: unknown) => {
  app.limiter.clear();
  const response = await app.fetch(`/api/v1${path}`, {
    method,
    headers: who.headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

export const makeCampaign = async (
  who: Campaigner,
  more: Record<string, unknown> = {},
  content = "Hi {first}!",
): Promise<string> => {
  const template = await call(who, "POST", "/templates", { name: "Welcome", content });
  const made = await call(who, "POST", "/campaigns", {
    name: "Welcome Campaign",
    template_id: template.body.id,
    segment_id: who.segmentId,
    ...more,
  });
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  return String(made.body.id);
};

export const read = async (who: Tenant, id: string) => (await call(who, "GET", `/campaigns/${id}`)).body;

/** The campaign, once it has this status. */
export const reaches = (who: Tenant, id: string, status: string, ms?: number) =>
  eventually(async () => {
    const campaign = await read(who, id);
    return campaign.status === status && campaign;
  }, ms);

export type Message = {
  id: string;
  contactId: string;
  recipient: string;
  body: string;
  status: string;
  errorCode: string | null;
  error: string | null;
  holdUntil: number | null;
};

export const messagesOf = async ({ organizationId }: Tenant, campaignId: string): Promise<Message[]> =>
  (
    await db
      .prepare(
        `SELECT id, contact_id AS contactId, recipient, body, status, error_code AS errorCode, error, hold_until AS holdUntil
         FROM messages WHERE org_id = ?1 AND campaign_id = ?2 ORDER BY contact_id`,
      )
      .bind(organizationId, campaignId)
      .all<Message>()
  ).results;

export const stubOf = ({ organizationId }: Tenant, id: string) =>
  testEnv.CAMPAIGN.get(testEnv.CAMPAIGN.idFromName(campaignName(organizationId, id)));
