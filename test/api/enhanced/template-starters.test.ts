// The templates that come with the product, on the platform: instantiated and published through the API, started by a real event, and what people got.
// Their branches and long waits are test/domain/blueprint/starters.test.ts.
import { beforeAll, describe, expect, it } from "vitest";
import type { StreamEvent } from "../../../src/domain/event.ts";
import { newId } from "../../../src/lib/ids.ts";
import { valuesFor } from "../../domain/blueprint/story.ts";
import { db, makeOrganization, type Tenant } from "../../fixtures/identity.ts";
import { eventually } from "../../objects/kit.ts";
import { deliver, messageOf } from "../../queue/kit.ts";
import { BASE as MARKETING } from "../marketing/kit.ts";
import { caller } from "./workflow-kit.ts";

let owner: Tenant;
let contactId: string;
const phone = "+14155550123";
const call = caller(() => owner);

beforeAll(async () => {
  owner = await makeOrganization();
  const made = await call("POST", "/api/v1/users", { phone_e164: phone, attributes: { first_name: "Ann" } });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  contactId = (await db
    .prepare("SELECT id FROM contacts WHERE org_id = ?1")
    .bind(owner.organizationId)
    .first<string>("id"))!;
  await db
    .prepare(`UPDATE contacts SET tags = '["marketing-opt-in"]' WHERE org_id = ?1`)
    .bind(owner.organizationId)
    .run();
});

type Case = {
  type: string;
  data?: StreamEvent["data"];
  values?: object;
  /** In the message that goes; null: none does at once. */
  text: string | null;
  /** Nobody's event. */
  anonymous?: true;
  /** A node that would call out. */
  without?: string;
};

const inAnHour = new Date(Date.now() + 3_600_000).toISOString();

const CASES: Record<string, Case> = {
  starter_welcome: { type: "USER_CREATED", text: "Hi Ann, welcome to Mill & Co!" },
  starter_double_opt_in: {
    type: "MESSAGE_RECEIVED",
    data: { content: "join" },
    values: { consent_tag: "newsletter" },
    text: "please confirm",
  },
  starter_abandoned_cart: {
    type: "checkout.started",
    data: { cart_url: "https://shop.example/c/1" },
    values: { first_hours: 0 },
    text: "https://shop.example/c/1",
  },
  starter_order_status: {
    type: "order.updated",
    data: { order_id: "4711", status: "delivered" },
    text: "your order 4711 was delivered, Ann.",
  },
  starter_appointment_reminder: {
    type: "appointment.booked",
    data: { appointment_id: "a", starts_at: inAnHour },
    text: "a reminder of your appointment at Mill & Co",
  },
  starter_nps_survey: {
    type: "order.delivered",
    values: { delay_days: 0 },
    text: "how likely are you to recommend Mill & Co",
  },
  starter_lead_routing: {
    type: "lead.created",
    data: { name: "Ann", budget: 1 },
    without: "crm",
    text: "thank you for writing to Mill & Co",
  },
  starter_win_back: {
    type: "TAG_ADDED",
    data: { tag_name: "inactive" },
    text: "it's been a while! 10% off everything.",
  },
  starter_incident_alert: {
    type: "WEBHOOK_RECEIVED",
    data: { severity: "critical", title: "Down" },
    values: { on_call_phone: phone },
    text: "[CRITICAL] Down Reply ACK within 10 minutes.",
    anonymous: true,
  },
  starter_webhook_relay: {
    type: "WEBHOOK_RECEIVED",
    data: { type: "a" },
    without: "send",
    text: null,
    anonymous: true,
  },
};

describe("a starter, from the list to a person's phone", () => {
  it("is in the list with its category, and in no organization's own", async () => {
    const { body } = await call("GET", "/api/v2/templates?limit=100&isPublic=true");
    const builtIn = body.templates.filter((one: { isBuiltIn: boolean }) => one.isBuiltIn);
    expect(builtIn.map((one: { id: string }) => one.id).sort()).toEqual(Object.keys(CASES).sort());
    expect(
      builtIn.every((one: { isOwn: boolean; organizationId: null }) => !one.isOwn && one.organizationId === null),
    ).toBe(true);
    expect(body.categories).toContainEqual({ id: "Sales", name: "Sales", count: 2 });
    // Before anybody has used one, these are what is shown first.
    const shown = { isBuiltIn: true, isFeatured: true, usageCount: 0, nodeCount: expect.any(Number) };
    expect(body.featuredTemplates).toEqual(Array.from({ length: 6 }, () => expect.objectContaining(shown)));
    const refused = await call("PUT", "/api/v2/templates/starter_welcome", { name: "Mine" });
    expect([refused.status, refused.body.error.code]).toEqual([403, "INSUFFICIENT_PERMISSIONS"]);
  });

  it.each(Object.entries(CASES))("%s", async (id, { type, data = {}, values = {}, text, anonymous, without }) => {
    const { status, body } = await call("POST", `/api/v2/templates/${id}/instantiate`, {
      name: id,
      variableValues: { ...valuesFor(id), ...values },
      // It may be night.
      customizations: [
        { type: "set_settings", settings: { quietHours: null } },
        ...(without ? [{ type: "remove_node", nodeId: without }] : []),
      ],
    });
    expect(status, JSON.stringify(body)).toBe(201);
    const { workflow, warnings } = body;
    expect(body.appliedCustomizations.every((one: { applied: boolean }) => one.applied)).toBe(true);
    const names = [...JSON.stringify(workflow.workflowData).matchAll(/"event_type":"([a-z][\w.]*)"/g)];
    const untold = [...new Set(names.map(([, name]) => name))].map((name) => expect.stringContaining(`'${name}'`));
    if (!without) expect(warnings).toEqual(anonymous ? [expect.stringContaining("POST /api/v2/webhooks")] : untold);
    expect(workflow.settings.quietHours).toBeUndefined();
    const published = await call("PUT", `/${workflow.id}`, { status: "active" });
    expect(published.status, JSON.stringify(published.body)).toBe(200);
    expect(published.body.workflow).toMatchObject({ status: "active", version: 1, templateId: id });
    const now = Date.now();
    const start = workflow.workflowData.nodes.find((node: { type: string }) => node.type.startsWith("trigger_")).id;
    const event: StreamEvent = {
      id: newId(now),
      organizationId: owner.organizationId,
      type,
      source: "test",
      data,
      occurredAt: now,
      depth: 0,
      ...(anonymous ? { target: { workflowId: workflow.id, nodeIds: [start] } } : { contactId }),
    };
    await deliver([{ body: messageOf(event) }]);
    const of = `FROM executions WHERE org_id = ?1 AND workflow_id = ?2`;
    const run = await eventually(() =>
      db.prepare(`SELECT id ${of}`).bind(owner.organizationId, workflow.id).first<string>("id"),
    );
    if (text !== null) {
      const sent = await eventually(() =>
        db
          .prepare("SELECT body, status, contact_id AS contactId FROM messages WHERE org_id = ?1 AND execution_id = ?2")
          .bind(owner.organizationId, run)
          .first<{ body: string; status: string; contactId: string }>(),
      );
      expect(sent).toMatchObject({ status: "delivered", contactId });
      expect(sent.body).toContain(text);
    }
    expect((await call("GET", `/api/v2/templates/${id}`)).body.template.usageCount).toBe(1);
    await call("DELETE", `/${workflow.id}`);
  });

  it("says which events nobody can tell of, until they are event types", async () => {
    const order = { name: "Orders", variableValues: valuesFor("starter_order_status") };
    const warningsOf = async () =>
      (await call("POST", "/api/v2/templates/starter_order_status/instantiate", order)).body.warnings;
    expect(await warningsOf()).toEqual([expect.stringMatching(/'order\.updated'.*event-types.*process_event/)]);
    const made = await call("POST", `${MARKETING}/event-types`, { name: "An order changes", code: "order.updated" });
    expect(made.status).toBe(201);
    expect(await warningsOf()).toEqual([]);
    const told = await call("POST", `${MARKETING}/triggers/process_event`, { event_type: "order.updated", data: {} });
    expect(told.status).toBe(200);
  });
});
