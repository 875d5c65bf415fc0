// Campaigns over HTTP: the document's shapes, what is refused, and who may do what. How they are sent is test/objects/campaign.test.ts.
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newId } from "../../../src/lib/ids.ts";
import { testApp } from "../../fixtures/app.ts";
import { db, join, makeOrganization, type Tenant } from "../../fixtures/identity.ts";

const looks: string[] = [];
const campaigns = { look: async (_organizationId: string, id: string) => void looks.push(id) };
const { fetch, limiter } = testApp({ ports: { campaigns } });

let owner: Tenant;
let templateId: string;
let segmentId: string;
beforeAll(async () => {
  owner = await makeOrganization();
  const template = await call("POST", "/templates", { name: "Welcome Template", content: "Welcome {name}!" });
  templateId = String(template.body.id);
  const segment = await call("POST", "/segments", {
    name: "New Users",
    filter_criteria: { attribute: "signup_date", operator: "after", value: "2024-01-01" },
  });
  segmentId = String(segment.body.id);
});
beforeEach(() => limiter.clear());

const call = async (method: string, path: string, body?: unknown, who = owner) => {
  const response = await fetch(`/api/v1${path}`, {
    method,
    headers: who.headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

const bodyOf = (more: object = {}) => ({
  name: "Spring Promotion",
  template_id: templateId,
  segment_id: segmentId,
  ...more,
});
const make = async (more: object = {}): Promise<string> => {
  const made = await call("POST", "/campaigns", bodyOf(more));
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  return String(made.body.id);
};
const future = (hours = 1) => new Date(Date.now() + hours * 3_600_000).toISOString();

describe("a campaign", () => {
  it("is made as a draft and shown as the document shows it", async () => {
    const id = await make({ description: "Spring sale announcement campaign", rate_limit_per_second: 3 });
    const shown = {
      id,
      name: "Spring Promotion",
      description: "Spring sale announcement campaign",
      status: "DRAFT",
      schedule_time: null,
      template: { id: templateId, name: "Welcome Template", content: "Welcome {name}!" },
      segment: { id: segmentId, name: "New Users" },
      messages_sent: 0,
      messages_failed: 0,
      rate_limit_per_second: 3,
    };
    expect((await call("GET", `/campaigns/${id}`)).body).toMatchObject(shown);
    const { body } = await call("GET", "/campaigns?per_page=1");
    expect(body).toMatchObject({ campaigns: [shown], page: 1, per_page: 1 });
    expect(body.total).toBeGreaterThanOrEqual(1);
  });

  it("is scheduled when it names a time, and its object hears of it", async () => {
    const schedule_time = future();
    const id = await make({ schedule_time, quiet_hours_start: "22:00", quiet_hours_end: "08:00" });
    expect(looks).toContain(id);
    expect((await call("GET", `/campaigns/${id}`)).body).toMatchObject({
      status: "SCHEDULED",
      schedule_time,
      quiet_hours_start: "22:00",
      quiet_hours_end: "08:00",
    });
    for (const status of ["SCHEDULED", "scheduled", "Scheduled"]) {
      const listed = await call("GET", `/campaigns?status=${status}`);
      expect((listed.body.campaigns as { id: string }[]).map((one) => one.id)).toContain(id);
    }
    expect(await call("GET", "/campaigns?status=sleeping")).toMatchObject({
      status: 400,
      body: { field: "status", details: { expected: expect.stringContaining("RUNNING") } },
    });
    expect((await call("GET", "/campaigns?status=DRAFT")).body.campaigns).not.toContainEqual(
      expect.objectContaining({ id }),
    );
  });

  it.each([
    ["no name", { name: undefined }, 400, "name"],
    ["an unknown field", { status: "RUNNING" }, 400, "status"],
    ["another organisation", { organization_id: "x" }, 400, "organization_id"],
    ["a rate of nothing", { rate_limit_per_second: 0 }, 400, "rate_limit_per_second"],
    ["a rate of half a message", { rate_limit_per_second: 0.5 }, 400, "rate_limit_per_second"],
    ["a rate that no sender has", { rate_limit_per_second: 1_001 }, 400, "rate_limit_per_second"],
    ["an hour that no day has", { quiet_hours_start: "24:00", quiet_hours_end: "08:00" }, 400, "quiet_hours_start"],
    ["half a window", { quiet_hours_start: "22:00" }, 400, "quiet_hours_end"],
    ["the other half", { quiet_hours_end: "08:00" }, 400, "quiet_hours_start"],
    ["a window of no time", { quiet_hours_start: "08:00", quiet_hours_end: "08:00" }, 400, "quiet_hours_end"],
    ["a time of nowhere", { schedule_time: "2030-03-15T09:00:00" }, 400, "schedule_time"],
    ["a time that has passed", { schedule_time: "2024-03-15T09:00:00Z" }, 422, "schedule_time"],
    ["an unknown template", { template_id: newId() }, 422, "template_id"],
    ["an unknown segment", { segment_id: "segment-uuid" }, 422, "segment_id"],
    ["a channel of no kind", { channel: "fax" }, 422, "channel"],
  ])("refuses %s by its field", async (_, more, status, field) => {
    const answer = await call("POST", "/campaigns", bodyOf(more));
    expect(answer).toMatchObject({ status, body: { details: { field } } });
    expect(answer.body.error).toBe(status === 400 ? "validation_error" : "unprocessable_entity");
    const told = { provided: expect.any(String), expected: expect.any(String) };
    if (status === 422) expect(answer.body.details).toMatchObject(told);
  });

  it("takes no template or segment of another organisation", async () => {
    const stranger = await makeOrganization();
    const answer = await call("POST", "/campaigns", bodyOf(), stranger);
    expect(answer).toMatchObject({ status: 422, body: { details: { field: "template_id" } } });
  });

  it("takes no template that was taken out of use", async () => {
    const { body } = await call("POST", "/templates", { name: "Old", content: "x", is_active: false });
    expect((await call("POST", "/campaigns", bodyOf({ template_id: body.id }))).status).toBe(422);
  });
});

describe("a description of null", () => {
  it("is none", async () => {
    const { body } = await call("POST", "/campaigns", bodyOf({ description: null }));
    expect(body).toMatchObject({ description: "" });
    await call("PUT", `/campaigns/${body.id}`, { description: "For summer" });
    expect((await call("PUT", `/campaigns/${body.id}`, { name: "Same" })).body.description).toBe("For summer");
    expect((await call("PUT", `/campaigns/${body.id}`, { description: null })).body.description).toBe("");
    const segment = { name: "S", description: null, filter_criteria: { attribute: "city", operator: "exists" } };
    expect(await call("POST", "/segments", segment)).toMatchObject({ status: 201 });
  });
});

describe("changes", () => {
  it("a draft takes all of them, and a schedule makes it scheduled", async () => {
    const id = await make();
    const schedule_time = future(2);
    const changed = await call("PUT", `/campaigns/${id}`, { name: "Summer", schedule_time });
    expect(changed).toMatchObject({ status: 200, body: { name: "Summer", status: "SCHEDULED", schedule_time } });
    expect((await call("PUT", `/campaigns/${id}`, { schedule_time: null })).body).toMatchObject({ status: "DRAFT" });
    expect((await call("PUT", `/campaigns/${id}`, { schedule_time: "2020-01-01T00:00:00Z" })).status).toBe(422);
    expect((await call("PUT", `/campaigns/${id}`, { segment_id: newId() })).status).toBe(422);
    expect((await call("PUT", `/campaigns/${id}`, { quiet_hours_start: "22:00" })).status).toBe(400);
  });

  it("one that has begun keeps its text and its people; one that runs keeps everything", async () => {
    const id = await make();
    await call("POST", `/campaigns/${id}/trigger`);
    expect((await call("PUT", `/campaigns/${id}`, { name: "x" })).status).toBe(409);
    await call("POST", `/campaigns/${id}/pause`);
    expect((await call("PUT", `/campaigns/${id}`, { segment_id: segmentId })).status).toBe(409);
    expect((await call("PUT", `/campaigns/${id}`, { rate_limit_per_second: 7 })).body).toMatchObject({
      rate_limit_per_second: 7,
      status: "PAUSED",
    });
  });

  it("one that has begun is cancelled before it is deleted", async () => {
    const id = await make();
    await call("POST", `/campaigns/${id}/trigger`);
    expect((await call("DELETE", `/campaigns/${id}`)).status).toBe(409);
    await call("POST", `/campaigns/${id}/cancel`);
    expect(await call("DELETE", `/campaigns/${id}`)).toMatchObject({ status: 200, body: { campaign_id: id } });
    expect((await call("GET", `/campaigns/${id}`)).status).toBe(404);
    const { results } = await db
      .prepare("SELECT action FROM audit WHERE org_id = ?1 AND target_id = ?2 ORDER BY id")
      .bind(owner.organizationId, id)
      .all<{ action: string }>();
    expect(results.map(({ action }) => action)).toEqual([
      "campaign.created",
      "campaign.triggered",
      "campaign.cancelled",
      "campaign.deleted",
    ]);
  });

  it("a template or segment that a campaign still needs stays", async () => {
    const { body } = await call("POST", "/templates", { name: "Needed", content: "x" });
    const id = await make({ template_id: body.id });
    expect((await call("DELETE", `/templates/${body.id}`)).status).toBe(409);
    await call("POST", `/campaigns/${id}/cancel`);
    expect((await call("DELETE", `/templates/${body.id}`)).status).toBe(200);
    expect((await call("GET", `/campaigns/${id}`)).body.template).toBeNull();
  });
});

describe("triggering", () => {
  it("tells how many there are, and is done once", async () => {
    const id = await make();
    expect(await call("POST", `/campaigns/${id}/trigger`)).toMatchObject({
      status: 200,
      body: {
        message: "Campaign triggered successfully",
        campaign_id: id,
        estimated_recipients: 0,
        execution_started: true,
      },
    });
    const again = await call("POST", `/campaigns/${id}/trigger`);
    expect(again).toMatchObject({ status: 409, body: { error: "conflict", details: { status: "RUNNING" } } });
  });

  it("is an operator's right, and not a viewer's; making one is an editor's", async () => {
    const id = await make();
    const viewer = await join(owner.organizationId, `v-${newId()}`, "viewer");
    const operator = await join(owner.organizationId, `o-${newId()}`, "operator");
    expect((await call("POST", `/campaigns/${id}/trigger`, undefined, viewer)).status).toBe(403);
    expect((await call("POST", "/campaigns", bodyOf(), operator)).status).toBe(403);
    expect((await call("GET", `/campaigns/${id}`, undefined, viewer)).status).toBe(200);
    expect((await call("POST", `/campaigns/${id}/trigger`, undefined, operator)).status).toBe(200);
  });
});
