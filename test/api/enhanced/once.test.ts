// The Idempotency-Key of writing requests, and reads that ask whether anything has changed.
import { beforeAll, describe, expect, it } from "vitest";
import { testApp } from "../../fixtures/app.ts";
import { db, makeOrganization, type Tenant } from "../../fixtures/identity.ts";

const { fetch } = testApp();
let owner: Tenant;
let stranger: Tenant;
beforeAll(async () => {
  [owner, stranger] = [await makeOrganization(), await makeOrganization()];
});

const trigger = { id: "t", type: "trigger_manual", position: { x: 0, y: 0 }, data: { label: "t", config: {} } };
const bodyOf = (name: string) => ({ name, workflowData: { nodes: [trigger], edges: [] } });

const create = async (key: string, name: string, who = owner) => {
  const answer = await fetch("/api/v2/workflows", {
    method: "POST",
    headers: { ...who.headers, "Idempotency-Key": key },
    body: JSON.stringify(bodyOf(name)),
  });
  const body = (await answer.json()) as { workflow?: { id: string }; error?: { code: string; message: string } };
  return { status: answer.status, again: answer.headers.get("idempotency-replayed"), id: body.workflow?.id, ...body };
};

const countOf = (name: string, who = owner) =>
  db
    .prepare("SELECT count(*) AS n FROM workflows WHERE org_id = ?1 AND name = ?2")
    .bind(who.organizationId, name)
    .first<number>("n");

const onlyRow = (who: Tenant, set: string, ...values: unknown[]) =>
  db
    .prepare(
      `UPDATE idempotent_requests SET ${set} WHERE org_id = ?1 AND at = (SELECT max(at) FROM idempotent_requests WHERE org_id = ?1)`,
    )
    .bind(who.organizationId, ...values)
    .run();

describe("a writing request with an Idempotency-Key", () => {
  it("is carried out once, and answered the same again", async () => {
    const first = await create("k1", "once");
    expect(first).toMatchObject({ status: 201, again: null });
    const second = await create("k1", "once");
    expect(second).toEqual({ ...first, again: "true" });
    expect(await countOf("once")).toBe(1);
    expect((await create("k2", "once")).id).not.toBe(first.id);
  });

  it("is somebody else's with another caller", async () => {
    const mine = await create("k3", "mine");
    const theirs = await create("k3", "mine", stranger);
    expect(theirs).toMatchObject({ status: 201, again: null });
    expect(theirs.id).not.toBe(mine.id);
  });

  it("is refused for another body, and for a key that is none", async () => {
    await create("k4", "first");
    expect(await create("k4", "second")).toMatchObject({ status: 422, error: { code: "UNPROCESSABLE" } });
    expect(await countOf("second")).toBe(0);
    expect(await create("a key", "third")).toMatchObject({ status: 400 });
  });

  it("may be mended when it was refused", async () => {
    expect(await create("k5", "")).toMatchObject({ status: 400 });
    expect(await create("k5", "mended")).toMatchObject({ status: 201, again: null });
  });

  it("is one, when many ask at once", async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => create("k6", "crowd")));
    expect(all.filter(({ status, again }) => status === 201 && again === null)).toHaveLength(1);
    for (const { status } of all) expect([201, 409]).toContain(status);
    expect(await countOf("crowd")).toBe(1);
  });

  it("is not repeated when it died after its deed, and is when it died before", async () => {
    const lone = await makeOrganization();
    const { id } = await create("k7", "deed", lone);
    await onlyRow(lone, "status = NULL, answer_sealed = NULL");
    expect(await create("k7", "deed", lone)).toMatchObject({ status: 409 });
    await onlyRow(lone, "at = at - 130000");
    const again = await create("k7", "deed", lone);
    expect(again).toMatchObject({ status: 409, error: { code: "CONFLICT" } });
    expect(again.error!.message).toContain(id);
    await onlyRow(lone, "request_id = 'died before it did anything'");
    expect(await create("k7", "deed", lone)).toMatchObject({ status: 201, again: null });
  });

  it("is forgotten after a day", async () => {
    const lone = await makeOrganization();
    const { id } = await create("k8", "old", lone);
    await onlyRow(lone, "at = at - 86500000");
    expect((await create("k8", "old", lone)).id).not.toBe(id);
  });

  it("keeps what is shown once out of sight", async () => {
    const lone = await makeOrganization();
    const make = () =>
      fetch("/api/v2/webhooks", {
        method: "POST",
        headers: { ...lone.headers, "Idempotency-Key": "k9" },
        body: JSON.stringify({ name: "hook" }),
      });
    const { secretKey } = (await (await make()).json()) as { secretKey: string };
    expect(secretKey).toMatch(/^whsec_/);
    const rows = await db
      .prepare("SELECT * FROM idempotent_requests WHERE org_id = ?1")
      .bind(lone.organizationId)
      .all();
    expect(rows.results).toHaveLength(1);
    expect(JSON.stringify(rows.results)).not.toContain(secretKey.slice(6));
    expect(((await (await make()).json()) as { secretKey: string }).secretKey).toBe(secretKey);
  });
});

describe("a read with the ETag of an earlier one", () => {
  const read = (id: string, tag?: string) =>
    fetch(`/api/v2/templates/${id}`, { headers: { ...owner.headers, ...(tag && { "If-None-Match": tag }) } });

  it("has no body while nothing has changed, and tells the limits all the same", async () => {
    const made = await fetch("/api/v2/templates", {
      method: "POST",
      headers: owner.headers,
      body: JSON.stringify({ ...bodyOf("a"), description: "d", category: "c" }),
    });
    const { template } = (await made.json()) as { template: { id: string } };
    const first = await read(template.id);
    const tag = first.headers.get("etag")!;
    expect(tag).toMatch(/^"[\w+/]{20}"$/);
    const same = await read(template.id, `"other", W/${tag}`);
    expect([same.status, await same.text(), same.headers.get("etag")]).toEqual([304, "", tag]);
    const { paths } = (await (await fetch("/api/v2/openapi.json")).json()) as {
      paths: Record<string, { get: object }>;
    };
    expect(paths["/api/v2/templates/{id}"]!.get).toHaveProperty("responses.304");
    expect(paths["/api/v2/workflows/{id}/stream"]!.get).not.toHaveProperty("responses.304");
    expect(same.headers.get("x-ratelimit-limit")).toBe("1000");
    expect(same.headers.get("x-request-id")).toBeTruthy();
    await fetch(`/api/v2/templates/${template.id}`, {
      method: "PUT",
      headers: owner.headers,
      body: JSON.stringify({ name: "b" }),
    });
    const changed = await read(template.id, tag);
    expect(changed.status).toBe(200);
    expect(changed.headers.get("etag")).not.toBe(tag);
  });
});
