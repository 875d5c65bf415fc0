// Templates over HTTP: the document's shapes, and what is refused.
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newId } from "../../../src/lib/ids.ts";
import { testApp } from "../../fixtures/app.ts";
import { db, join, makeOrganization, type Tenant } from "../../fixtures/identity.ts";

const { fetch, limiter } = testApp();
let owner: Tenant;
beforeAll(async () => {
  owner = await makeOrganization();
});
beforeEach(() => limiter.clear());

const call = async (method: string, path: string, body?: unknown, who = owner) => {
  const response = await fetch(`/api/v1/templates${path}`, {
    method,
    headers: who.headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

const CONTENT = "Hi {name}! Welcome to {company}. Your account in {city} is ready!";

describe("templates", () => {
  it("are made, read, changed, listed and deleted", async () => {
    const variables = ["customer_name", "order_id", "total_amount", "address", "delivery_date"];
    const made = await call("POST", "", {
      name: "Order Confirmation",
      content:
        "Hi {customer_name}! Your order #{order_id} for ${total_amount} has been confirmed. Delivery to {address} expected by {delivery_date}.",
      variables,
    });
    expect(made).toMatchObject({
      status: 201,
      body: { name: "Order Confirmation", variables, is_active: true, content_sid: null },
    });
    const id = String(made.body.id);
    expect((await call("GET", `/${id}`)).body).toMatchObject({ id, variables });

    const changed = await call("PUT", `/${id}`, { content: CONTENT, is_active: false });
    expect(changed).toMatchObject({
      status: 200,
      body: { content: CONTENT, variables: ["name", "company", "city"], character_count: 65, is_active: false },
    });
    const { body } = await call("GET", "?per_page=1");
    expect(body).toMatchObject({ total: 1, page: 1, per_page: 1, pages: 1 });
    expect((body.templates as { id: string }[]).map((one) => one.id)).toEqual([id]);

    expect(await call("DELETE", `/${id}`)).toMatchObject({ status: 200, body: { id } });
    expect((await call("GET", `/${id}`)).status).toBe(404);
    const { results } = await db
      .prepare("SELECT action FROM audit WHERE org_id = ?1 AND target_id = ?2 ORDER BY id")
      .bind(owner.organizationId, id)
      .all<{ action: string }>();
    expect(results.map(({ action }) => action)).toEqual(["template.created", "template.updated", "template.deleted"]);
  });

  it.each([
    ["an undeclared variable", { name: "x", content: "Hi {name}", variables: [] }, "variables"],
    ["a declared one that is not used", { name: "x", content: "Hi {name}", variables: ["name", "nmae"] }, "variables"],
    ["a text that no message can carry", { name: "x", content: "x".repeat(1_601) }, "content"],
    ["nothing to say", { name: "x", content: "  " }, "content"],
    ["no name", { content: "x" }, "name"],
    ["an unknown field", { name: "x", content: "x", organization_id: "y" }, "organization_id"],
    ["a content template's id that is none", { name: "x", content: "x", content_sid: "HX1" }, "content_sid"],
  ])("refuses %s by its field", async (_, body, field) => {
    const answer = await call("POST", "", body);
    expect(answer).toMatchObject({ status: 400, body: { error: "validation_error", details: { field } } });
  });

  it("computes the variables when none are declared, and lets a default stand for a value", async () => {
    const { body } = await call("POST", "", { name: "x", content: "Hi {name|you}, {name} {city}" });
    expect(body).toMatchObject({ variables: ["name", "city"] });
  });

  it("lets a name go undeclared that has a default wherever it stands", async () => {
    const content = "Hi {name}, dear {title|friend}";
    const made = await call("POST", "", { name: "x", content, variables: ["name"] });
    expect(made).toMatchObject({ status: 201, body: { variables: ["name", "title"] } });
    const again = { name: "x", content: `${content}, {title}`, variables: ["name"] };
    expect((await call("POST", "", again)).status).toBe(400);
  });

  it("keeps viewers from changing anything", async () => {
    const viewer = await join(owner.organizationId, `viewer-${newId()}`, "viewer");
    expect((await call("POST", "", { name: "x", content: "x" }, viewer)).status).toBe(403);
    expect((await call("GET", "", undefined, viewer)).status).toBe(200);
  });
});
