// How long an organisation keeps its data, as its people read and change it.
import { beforeEach, describe, expect, it } from "vitest";
import { newId } from "../../../src/lib/ids.ts";
import { testApp } from "../../fixtures/app.ts";
import { db, join, makeOrganization, type Tenant } from "../../fixtures/identity.ts";

const { fetch } = testApp();
let owner: Tenant;
beforeEach(async () => {
  owner = await makeOrganization();
});

const call = async (method: string, body?: unknown, who = owner) => {
  const answer = await fetch("/api/v2/organization/retention", {
    method,
    headers: who.headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as { validation?: { field: string }[] } };
};
const usual = { executions_days: 30, events_days: 90, messages_days: 365, dead_letters_days: 90 };

describe("/api/v2/organization/retention", () => {
  it("is as usual until somebody says otherwise, and what is not named stays", async () => {
    expect(await call("GET")).toEqual({ status: 200, body: usual });
    const changed = await call("PATCH", { executions_days: 400, messages_days: 60 });
    expect(changed).toEqual({ status: 200, body: { ...usual, executions_days: 400, messages_days: 60 } });
    expect((await call("PATCH", { dead_letters_days: 30 })).body).toEqual({
      executions_days: 400,
      events_days: 90,
      messages_days: 60,
      dead_letters_days: 30,
    });
    expect((await call("PATCH", { messages_days: null })).body).toMatchObject({ messages_days: 365 });
    expect(await call("GET", undefined, await makeOrganization())).toEqual({ status: 200, body: usual });
  });

  it("leaves its trace in the audit log", async () => {
    await call("PATCH", { events_days: 31 });
    const row = await db
      .prepare("SELECT actor, action, target_id, details FROM audit WHERE org_id = ?1")
      .bind(owner.organizationId)
      .first<{ details: string }>();
    expect(row).toMatchObject({
      actor: `user:${owner.userId}`,
      action: "retention.changed",
      target_id: owner.organizationId,
    });
    expect(JSON.parse(row!.details)).toMatchObject({ from: { events: 90 }, to: { events: 31 } });
  });

  it.each([
    [{ events_days: 29 }, "events_days"],
    [{ events_days: 3_651 }, "events_days"],
    [{ events_days: 30.5 }, "events_days"],
    [{ events_days: "90" }, "events_days"],
    [{ audit_days: 90 }, "audit_days"],
  ])("refuses %j by its field", async (body, field) => {
    const answer = await call("PATCH", body);
    expect([answer.status, answer.body.validation?.[0]?.field]).toEqual([400, field]);
    expect((await call("GET")).body).toEqual(usual);
  });

  it("refuses a change of nothing", async () => {
    expect((await call("PATCH", {})).status).toBe(400);
  });

  it("is read by all and changed by admins", async () => {
    const editor = await join(owner.organizationId, `editor-${newId()}`, "editor");
    expect((await call("GET", undefined, editor)).status).toBe(200);
    expect((await call("PATCH", { events_days: 60 }, editor)).status).toBe(403);
  });
});
