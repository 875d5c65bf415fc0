// The stream API.
import { newId } from "../../../src/lib/ids.ts";
import { db, type Tenant } from "../../fixtures/identity.ts";
import { call, type Entry, fetch, made } from "./kit.ts";

const aTemplate = async (owner: Tenant) => ({
  template_id: (await made(call(owner, "POST", "/api/v1/templates", { name: "t", content: "Hi {name}" }))).id!,
});
const aCampaign = async (owner: Tenant) => {
  const { template_id } = await aTemplate(owner);
  const segment_id = newId();
  await db
    .prepare(
      `INSERT INTO segments (org_id, id, name, condition, criteria, size, counted_at, created_by, created_at, updated_at)
       VALUES (?1, ?2, 's', '{"operator":"and","conditions":[]}', '{}', 0, 1, 'test', 1, 1)`,
    )
    .bind(owner.organizationId, segment_id)
    .run();
  const campaign = await made(call(owner, "POST", "/api/v1/campaigns", { name: "c", template_id, segment_id }));
  return { campaign_id: campaign.id! };
};
let numbers = 0;
const aUser = async (owner: Tenant) => {
  const phone_e164 = `+1415555${String(numbers++).padStart(4, "0")}`;
  await made(call(owner, "POST", "/api/v1/users", { phone_e164 }));
  return { phone_e164 };
};
/** Of a user: nobody has this number. */
const noUser = { phone_e164: "+14155559999" };
const anUpload = async ({ headers }: Tenant) => {
  const form = new FormData();
  form.append("file", new File(["phone_e164\n+14155558888\n"], "users.csv"));
  const answer = await fetch("/api/v1/users/bulk/upload", { method: "POST", headers, body: form });
  return { upload_id: ((await answer.json()) as { upload_id: string }).upload_id };
};
const aSegment = async (owner: Tenant) => {
  const filter_criteria = { attribute: "city", operator: "equals", value: "Austin" };
  const segment = await made(call(owner, "POST", "/api/v1/segments", { name: "s", filter_criteria }));
  return { segment_id: segment.id! };
};
/** What was done to it before the route is tried. */
const after =
  (...doings: string[]) =>
  async (owner: Tenant) => {
    const ids = await aCampaign(owner);
    for (const doing of doings) await call(owner, "POST", `/api/v1/campaigns/${ids.campaign_id}/${doing}`);
    return ids;
  };

export const stream: Record<string, Entry> = {
  "GET /api/v1/users/:phone_e164": { make: aUser, missing: noUser },
  "PUT /api/v1/users/:phone_e164": { make: aUser, missing: noUser, body: { attributes: { a: 1 } } },
  "DELETE /api/v1/users/:phone_e164": { make: aUser, missing: noUser },
  "GET /api/v1/users/bulk/upload/:upload_id": { make: anUpload },
  "GET /api/v1/segments/:segment_id": { make: aSegment },
  "PUT /api/v1/segments/:segment_id": { make: aSegment, body: { name: "x" } },
  "DELETE /api/v1/segments/:segment_id": { make: aSegment },
  "POST /api/v1/segments/:segment_id/evaluate": { make: aSegment },
  "GET /api/v1/templates/:template_id": { make: aTemplate },
  "PUT /api/v1/templates/:template_id": { make: aTemplate, body: { name: "x" } },
  "DELETE /api/v1/templates/:template_id": { make: aTemplate },
  "GET /api/v1/campaigns/:campaign_id": { make: aCampaign },
  "PUT /api/v1/campaigns/:campaign_id": { make: aCampaign, body: { name: "x" } },
  "DELETE /api/v1/campaigns/:campaign_id": { make: aCampaign },
  "POST /api/v1/campaigns/:campaign_id/trigger": { make: aCampaign },
  "POST /api/v1/campaigns/:campaign_id/pause": { make: after("trigger") },
  "POST /api/v1/campaigns/:campaign_id/resume": { make: after("trigger", "pause") },
  "POST /api/v1/campaigns/:campaign_id/cancel": { make: aCampaign },
  "GET /api/v1/reporting/campaigns/:campaign_id/summary": { make: aCampaign },
};
