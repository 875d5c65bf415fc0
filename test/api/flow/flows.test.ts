// Flows as their user makes, reads, changes and ends them: shapes, states and errors of the document.
import { beforeAll, describe, expect, it } from "vitest";
import { errorOf as coreErrorOf, ISO, WORKFLOWS } from "../core/kit.ts";
import {
  call,
  detail,
  greeting,
  makeColleague,
  makeFlow,
  makeUser,
  publishedFlow,
  setStatus,
  type Tenant,
} from "./kit.ts";

let user: Tenant;
let colleague: Tenant;
beforeAll(async () => {
  user = await makeUser();
  colleague = await makeColleague(user, "admin");
});

const error = (word: string, more: object = {}) => ({
  error: word,
  detail: expect.any(String),
  request_id: expect.any(String),
  ...more,
});

describe("a flow", () => {
  it("is created as a draft and answered as the document shows it", async () => {
    const { status, body } = await call(user, "POST", "/flow/create/", greeting);
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      ...greeting,
      created: expect.stringMatching(ISO),
      lastUpdated: expect.stringMatching(ISO),
      status: "draft",
      user_id: Number(user.userId),
      created_at: body.created,
      updated_at: body.created,
    });
    expect(await detail(user, body.id)).toEqual(body);
    const list = await call(user, "GET", "/flow/list/");
    expect(list.status).toBe(200);
    expect(list.body).toContainEqual(body);
  });

  it("is kept exactly as it was sent, order and unknown fields of nodes included", async () => {
    const odd = {
      flowNodes: [
        {
          zebra: { b: 1, a: [null, "01", 1.5] },
          ...greeting.flowNodes[0],
          flowNodePosition: { posY: "-0.10", posX: "1e1", w: "3" },
          answerValidation: { type: "Number", minValue: "007", failsCount: "3", custom: true },
        },
      ],
      flowEdges: [{ id: "", sourceNodeId: "gone", targetNodeId: "nowhere", label: "ü" }],
      transform: { zoom: "0.560", posX: "-0", posY: "" },
    };
    const id = await makeFlow(user, odd);
    const kept = await detail(user, id);
    for (const field of ["flowNodes", "flowEdges", "transform"] as const)
      expect(JSON.stringify(kept[field])).toBe(JSON.stringify(odd[field]));
  });

  it("has a brand that means something when none is named, and is no pro version", async () => {
    const { brand_id: _, isPro: __, transform: ___, ...plain } = greeting;
    const { body } = await call(user, "POST", "/flow/create", plain);
    expect(body).toMatchObject({ brand_id: Number(user.userId), isPro: false });
    expect(body).not.toHaveProperty("transform");
  });

  it("takes back what was read of it, and refuses to become another's", async () => {
    const id = await publishedFlow(user);
    const read = await detail(user, id);
    expect(read.flowNodes[0].transactionCount).toBe(0);
    const put = await call(user, "PUT", `/flow/update/${id}`, { ...read, name: "Renamed" });
    expect(put.status).toBe(200);
    expect(put.body).toMatchObject({ id, name: "Renamed", status: "published", flowNodes: greeting.flowNodes });
    for (const [field, value] of Object.entries({ id: "0".repeat(24), status: "draft", user_id: 1 })) {
      const { status, body } = await call(user, "PUT", `/flow/update/${id}`, { ...read, [field]: value });
      expect([status, body.field], field).toEqual([400, field]);
    }
    const created = await call(user, "POST", "/flow/create", { ...read, status: "draft" });
    expect([created.status, created.body.field]).toEqual([400, "id"]);
    expect((await call(user, "POST", "/flow/create", { ...greeting, user_id: 1 })).body.field).toBe("user_id");
  });

  it("is changed without what is not said, and says when its content was", async () => {
    const id = await makeFlow(user);
    const before = await detail(user, id);
    const { status, body } = await call(user, "PUT", `/flow/update/${id}`, { name: "Other" });
    expect(status).toBe(200);
    expect(body).toEqual({ ...before, name: "Other", lastUpdated: expect.any(String), updated_at: body.lastUpdated });
    expect(body.updated_at > before.updated_at).toBe(true);
    const published = (await setStatus(user, id, "published")).body;
    expect(published).toEqual({ ...body, status: "published", updated_at: expect.any(String) });
    expect(published.updated_at > body.updated_at).toBe(true);
  });

  it("that is deleted is gone for its user, and archived for the others", async () => {
    const id = await publishedFlow(user);
    expect((await call(user, "DELETE", `/flow/delete/${id}`)).body).toEqual({ id, deleted: true });
    for (const [method, path, body] of [
      ["GET", "detail"],
      ["PUT", "update", greeting],
      ["POST", "status", { status: "published" }],
      ["DELETE", "delete"],
    ] as const)
      expect((await call(user, method, `/flow/${path}/${id}`, body)).status, path).toBe(404);
    const ids = (await call(user, "GET", "/flow/list")).body.map((flow: { id: string }) => flow.id);
    expect(ids).not.toContain(id);
    expect((await call(user, "GET", `${WORKFLOWS}/${id}`)).body.data.status).toBe("archived");
  });
});

describe("a flow's status", () => {
  it("goes from draft to published to stop and back, and never to draft", async () => {
    const id = await makeFlow(user);
    expect((await setStatus(user, id, "stop")).body).toEqual(error("invalid_status_transition"));
    const went = async (status: string) => {
      const answer = await setStatus(user, id, status);
      return [answer.status, answer.body.status];
    };
    expect(await went("published")).toEqual([200, "published"]);
    expect(await went("published")).toEqual([200, "published"]);
    expect(await went("stop")).toEqual([200, "stop"]);
    expect(await went("stop")).toEqual([200, "stop"]);
    expect((await detail(user, id)).flowNodes[1].transactionCount).toBe(0);
    expect(await went("published")).toEqual([200, "published"]);
  });

  it.each([
    ["draft", { status: "draft" }, "status"],
    ["another word", { status: "paused" }, "status"],
    ["no word", {}, "status"],
    ["a number", { status: 1 }, "status"],
    ["more", { status: "stop", name: "x" }, "name"],
    ["a list", [], "body"],
    ["no JSON", "{", "body"],
  ])("that is %s is 400 with the field", async (_, body, field) => {
    const id = await makeFlow(user);
    const answer = await call(user, "POST", `/flow/status/${id}`, body);
    expect([answer.status, answer.body.field]).toEqual([400, field]);
  });

  it("is not published with an unfinished graph: the findings name nodes and paths", async () => {
    const buttons = {
      id: "ask",
      type: "button_question",
      interactiveButtonsBody: "Which?",
      expectedAnswers: ["A", "B", "C", "D"].map((expectedInput) => ({ id: expectedInput, expectedInput })),
    };
    const id = await makeFlow(user, {
      flowNodes: [...greeting.flowNodes, buttons, { id: "odd", type: "teleport" }],
      flowEdges: [...greeting.flowEdges, { id: "e2", sourceNodeId: "message-node-456", targetNodeId: "missing" }],
    });
    const { status, body } = await setStatus(user, id, "published");
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: "invalid_flow", detail: expect.any(String), request_id: expect.any(String) });
    type Finding = { severity: string; path: string; nodeId?: string; edgeId?: string; offer?: { type: string } };
    const findings: Finding[] = body.findings;
    const found = (path: string) => findings.find((finding) => finding.path === path);
    expect(found("flowNodes.3.type")).toMatchObject({ severity: "error", nodeId: "odd" });
    expect(found("flowEdges.1.targetNodeId")).toMatchObject({ severity: "error", edgeId: "e2" });
    expect(findings.find(({ nodeId, offer }) => nodeId === "ask" && offer)!.offer!.type).toBe("list_question");
    expect(body.errors.map(({ field }: { field: string }) => field)).toContain("flowNodes.3.type");
    expect(body.field).toBe(body.errors[0].field);
    expect((await detail(user, id)).status).toBe("draft");
  });

  it("stays published through an edit, and the edit that could not be published changes nothing", async () => {
    const id = await publishedFlow(user);
    const before = await detail(user, id);
    const refused = await call(user, "PUT", `/flow/update/${id}`, { flowEdges: [] });
    expect([refused.status, refused.body.error]).toEqual([400, "invalid_flow"]);
    expect(await detail(user, id)).toEqual(before);
    await setStatus(user, id, "stop");
    expect((await call(user, "PUT", `/flow/update/${id}`, { flowEdges: [] })).status).toBe(200);
    expect((await setStatus(user, id, "published")).status).toBe(400);
  });
});

describe("who may", () => {
  it("nobody without x-user-id, nor with another's", async () => {
    const { "x-user-id": _, ...token } = user.headers;
    for (const [headers, status] of [
      [token, 401],
      [{ ...token, "x-user-id": "abc" }, 401],
      [{ ...token, "x-user-id": colleague.userId }, 403],
      [{ "x-user-id": user.userId }, 401],
      [{ "x-user-id": user.userId, "x-gateway-secret": "guess" }, 401],
      [{ ...token, authorization: "Bearer nonsense", "x-user-id": user.userId }, 401],
    ] as const) {
      const answer = await call({ headers }, "GET", "/flow/list");
      expect(answer.status).toBe(status);
      expect(answer.body).toEqual(error(status === 401 ? "unauthorized" : "forbidden"));
    }
  });

  it("users see only their own flows, and change only their own", async () => {
    const id = await publishedFlow(user);
    expect((await call(colleague, "GET", "/flow/list")).body).toEqual([]);
    expect((await call(colleague, "GET", `/flow/detail/${id}`)).status).toBe(404);
    for (const [method, path, body] of [
      ["PUT", "update", greeting],
      ["POST", "status", { status: "stop" }],
      ["DELETE", "delete"],
    ] as const) {
      const answer = await call(colleague, method, `/flow/${path}/${id}`, body);
      expect([answer.status, answer.body.error], path).toEqual([403, "forbidden"]);
    }
    expect((await detail(user, id)).status).toBe("published");
  });
});

describe("other APIs", () => {
  it("see a flow as a workflow, and edit its graph nowhere else", async () => {
    const id = await publishedFlow(user, { brand_id: 77 });
    const seen = async () => (await call(user, "GET", `${WORKFLOWS}/${id}`)).body.data;
    expect(await seen()).toMatchObject({ workflow_id: id, name: "My Flow", status: "active", entity_id: 77 });
    await setStatus(user, id, "stop");
    expect((await seen()).status).toBe("paused");
    const listed = (await call(user, "GET", `${WORKFLOWS}?entity_id=77`)).body.data;
    expect(listed).toEqual([expect.objectContaining({ workflow_id: id, status: "paused" })]);
    for (const [method, path, body] of [
      ["PUT", "", { name: "x" }],
      ["POST", "/publish", {}],
    ] as const) {
      const answer = await call(user, method, `${WORKFLOWS}/${id}${path}`, body);
      expect([answer.status, answer.body]).toEqual([409, coreErrorOf("CONFLICT")]);
    }
    expect((await call(user, "POST", `${WORKFLOWS}/${id}/execute`, {})).status).toBe(400);
    expect((await call(user, "DELETE", `${WORKFLOWS}/${id}`)).status).toBe(200);
    expect((await call(user, "GET", `/flow/detail/${id}`)).status).toBe(404);
  });
});
