// What an editor offers to choose from: definitions, and what an organisation's data has shown, at a cost that does not grow with it.
import { beforeAll, describe, expect, it } from "vitest";
import { actionDefinitions } from "../../../src/domain/action/definitions.ts";
import { readTriggerOptions } from "../../../src/domain/configuration/read-trigger-options.ts";
import { makePorts } from "../../../src/objects/ports.ts";
import { countedD1 } from "../../fixtures/counted-d1.ts";
import { db, type Tenant, testEnv } from "../../fixtures/identity.ts";
import { eventually } from "../../objects/kit.ts";
import { call, makeOrganization } from "../core/kit.ts";

let who: Tenant;
beforeAll(async () => {
  who = await makeOrganization();
});

const contacts = async (bodies: object[]) => {
  for (const sent of bodies) {
    const { status, body } = await call(who, "POST", "/api/v1/users", sent);
    expect(status, JSON.stringify(body)).toBe(201);
  }
};

describe("GET /actions/definitions", () => {
  it("is the whole catalogue with schemas, ports and what each does to people", async () => {
    const { status, body } = await call(who, "GET", "/api/v2/actions/definitions");
    expect(status).toBe(200);
    expect(body.actions.map(({ type }: { type: string }) => type)).toEqual(actionDefinitions().map(({ type }) => type));
    const webhook = body.actions.find(({ type }: { type: string }) => type === "action_webhook");
    expect(webhook).toMatchObject({
      name: "HTTP request",
      category: "integration",
      ports: { inputs: ["input"], outputs: ["output"], anyOutput: false },
      defaultRetry: { maxAttempts: 1 },
      defaultTimeoutMs: 15_000,
      talksToPeople: false,
      configSchema: { properties: { url: {}, retry: {}, on_error: {} } },
      outputSchema: { required: ["status", "headers", "body"] },
    });
    const talking = body.actions.filter(({ talksToPeople }: { talksToPeople: boolean }) => talksToPeople);
    expect(talking.map(({ type }: { type: string }) => type)).toEqual([
      "action_chat_message",
      "action_send_media",
      "action_question",
      "action_email",
    ]);
    const counts = body.categories.map(({ count }: { count: number }) => count);
    expect(counts.reduce((sum: number, n: number) => sum + n, 0)).toBe(body.actions.length);
  });

  it("lists the organisation's own actions and channels, and never a credential", async () => {
    const canary = "canary-credential-5521";
    await call(who, "POST", "/api/v1/workflow/api/actions", {
      name: "Score",
      action_type: "custom_code",
      configuration: { code: "result = 1", language: "python" },
    });
    await call(who, "POST", "/api/v2/channels", {
      name: "Post",
      provider: "smtp",
      sender: "a@example.com",
      credentials: { url: `smtp://u:${canary}@mail.example.com:587` },
    });
    await db
      .prepare(
        "INSERT INTO service_rollups (org_id, hour, service, calls, failed, ms, times, last_failed_at) VALUES (?1, ?2, 'hooks.example.com', 4, 1, 9, '{}', ?3)",
      )
      .bind(who.organizationId, Math.floor(Date.now() / 3_600_000) * 3_600_000, Date.now())
      .run();
    const { body } = await call(who, "GET", "/api/v2/actions/definitions");
    expect(body.customActions).toEqual([
      expect.objectContaining({ name: "Score", actionType: "action_code", language: "python" }),
    ]);
    expect(body.integrations).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: "Post", provider: "smtp", source: "organization", status: "unused", calls: 0 }),
        expect.objectContaining({ kind: "inapp", source: "builtin" }),
        expect.objectContaining({
          name: "hooks.example.com",
          type: "host",
          calls: 4,
          failed: 1,
          successRate: 75,
          status: "healthy",
        }),
      ]),
    );
    expect(JSON.stringify(body)).not.toContain(canary);
  });
});

describe("GET /config/triggers", () => {
  it("lists sources, tags and attributes that contacts have, with their types and counts", async () => {
    await contacts([
      {
        phone_e164: "+12025550101",
        attributes: { source: "facebook", score: 5, vip: true, age: 30 },
        tags: ["lead", "vip"],
      },
      {
        phone_e164: "+12025550102",
        attributes: { source: "facebook", score: 7, since: "2026-01-02", age: 41 },
        tags: ["lead"],
      },
      { phone_e164: "+12025550103", attributes: { source: "walk-in", score: "none", list: [1] } },
    ]);
    const { status, body } = await call(who, "GET", "/api/v2/config/triggers");
    expect(status).toBe(200);
    const field = (name: string) => body.customFields.find((one: { name: string }) => one.name === name);
    expect(field("score")).toMatchObject({ count: 3, countIsExact: true, dataType: "mixed" });
    expect(field("score").dataTypes).toEqual(["string", "number"]);
    expect(field("source")).toMatchObject({ dataType: "string", count: 3 });
    expect(field("age")).toMatchObject({ dataType: "number", count: 2 });
    expect(field("vip")).toMatchObject({ dataType: "boolean", count: 1, path: "contact.attributes.vip" });
    expect(field("list")).toMatchObject({ dataType: "array" });
    expect(field("since")).toMatchObject({ dataType: "date", count: 1 });
    expect(body.tagsList).toEqual([
      { id: "lead", name: "lead", count: 2, countIsExact: true },
      { id: "vip", name: "vip", count: 1, countIsExact: true },
    ]);
    expect(body.leadSources.filter(({ type }: { type: string }) => type === "attribute")).toEqual([
      expect.objectContaining({ name: "facebook", attribute: "source", count: 2 }),
      expect.objectContaining({ name: "walk-in", count: 1 }),
    ]);
    expect(body.availableTriggers.length).toBeGreaterThan(5);
  });

  it("shows the fields that forms have sent", async () => {
    const tell = (data: object) =>
      call(who, "POST", "/api/v1/workflow/api/triggers/process_event", { event_type: "FORM_SUBMITTED", data });
    await call(who, "POST", "/api/v1/workflow/api/event-types", {
      name: "Form",
      code: "FORM_SUBMITTED",
      category: "custom",
    });
    await tell({ email: "a@example.com", age: 4 });
    await tell({ email: "b@example.com" });
    const form = await eventually(async () => {
      const { body } = await call(who, "GET", "/api/v2/config/triggers");
      const found = body.formsList.find((one: { eventType: string }) => one.eventType === "FORM_SUBMITTED");
      return found?.submissions === 2 && found;
    });
    expect(form.fields).toEqual(
      expect.arrayContaining([
        { name: "email", dataType: "string", count: 2 },
        { name: "age", dataType: "number", count: 1 },
      ]),
    );
  });

  it("costs no more with a thousand contacts than its bounds say", async () => {
    const crowd = await makeOrganization();
    const rows = (n: number) =>
      db
        .prepare(
          `INSERT INTO contact_facts (org_id, name, fact, contact_id)
           SELECT ?1, 'a.source', 'sshop', 'c' || value FROM generate_series(1, ?2)
           UNION ALL SELECT ?1, 'c.tags', '~slead', 'c' || value FROM generate_series(1, ?2)`.replaceAll(
            "generate_series(1, ?2)",
            "(WITH RECURSIVE s(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM s WHERE value < ?2) SELECT value FROM s)",
          ),
        )
        .bind(crowd.organizationId, n)
        .run();
    await rows(3_000);
    const { database, counted } = countedD1();
    const context = {
      principal: {
        organizationId: crowd.organizationId,
        userId: crowd.userId,
        username: "u",
        kind: "user",
        role: "owner",
      },
      ports: { ...makePorts(testEnv), db: database },
    } as never;
    const { tags } = await readTriggerOptions(context);
    expect(tags).toEqual([{ name: "lead", count: 250, isExact: false }]);
    expect(counted.rows).toBeLessThan(2_000);
  });
});

describe("GET /config/actions", () => {
  it("lists templates by what can carry them", async () => {
    const template = (body: object) => call(who, "POST", "/api/v1/templates", body);
    await template({ name: "Hi", content: "Hello {name}", variables: ["name"] });
    const { status, body } = await call(who, "GET", "/api/v2/config/actions");
    expect(status).toBe(200);
    expect(body.smsTemplates).toEqual([expect.objectContaining({ name: "Hi", variables: ["name"], segments: 1 })]);
    expect(body.emailTemplates).toHaveLength(1);
    expect(body.availableActions.length).toBe(actionDefinitions().length);
  });
});
