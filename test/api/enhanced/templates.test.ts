// Templates of the enhanced API: made, found, used, rated, by their own organization and by others.
import { beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../../src/lib/ids.ts";
import { join, makeOrganization, type Tenant, testEnv } from "../../fixtures/identity.ts";
import { body, drawing, variables } from "./template-kit.ts";
import { caller, edge, node } from "./workflow-kit.ts";

let owner: Tenant;
let other: Tenant;
beforeAll(async () => {
  owner = await makeOrganization();
  other = await makeOrganization();
});
const call = caller(() => owner);
const templates = (method: string, path: string, body?: unknown, who?: Tenant) =>
  call(method, `/api/v2/templates${path}`, body, who ?? owner);

const made = async (more: object = {}, who?: Tenant) => {
  const { status, body: answer } = await templates("POST", "", body(more), who);
  expect(status, JSON.stringify(answer)).toBe(201);
  return answer.template;
};

describe("a template", () => {
  it("is made, read, changed and deleted", async () => {
    const { status, body: answer } = await templates("POST", "", body());
    expect(status, JSON.stringify(answer)).toBe(201);
    expect(answer.validationResults).toEqual([]);
    expect(answer.template).toMatchObject({
      name: "Thanks",
      isPublic: false,
      isOwn: true,
      isBuiltIn: false,
      nodeCount: 4,
      usageCount: 0,
      rating: null,
      ratingCount: 0,
      yourRating: null,
      requiredVariables: variables,
      organizationId: owner.organizationId,
    });
    expect(answer.template.workflowData.nodes[1].data.config).toEqual({ duration: "[[template.days]]", unit: "days" });
    const path = `/${answer.template.id}`;
    expect((await templates("GET", path)).body.template).toEqual(answer.template);
    const changed = await templates("PUT", path, { name: "Thanks a lot", tags: ["new"] });
    expect(changed.body.template).toMatchObject({ name: "Thanks a lot", description: "Says thanks", tags: ["new"] });
    expect((await templates("DELETE", path)).body).toEqual({
      success: true,
      template: { id: answer.template.id, name: "Thanks a lot" },
    });
    const gone = await templates("GET", path);
    expect([gone.status, gone.body.error.code]).toEqual([404, "TEMPLATE_NOT_FOUND"]);
  });

  it.each([
    [{ name: 5 }, "name"],
    [{ name: " " }, "name"],
    [{ category: undefined }, "category"],
    [{ workflowData: undefined }, "workflowData"],
    [{ isPublic: "yes" }, "isPublic"],
    [{ previewImage: "javascript:alert(1)" }, "previewImage"],
    [{ requiredVariables: [{ name: "a b", type: "string", required: true }] }, "requiredVariables.0.name"],
    [{ requiredVariables: [{ name: "a", type: "text", required: true }] }, "requiredVariables.0.type"],
    [
      { requiredVariables: [{ name: "a", type: "number", required: true, defaultValue: "1" }] },
      "requiredVariables.0.defaultValue",
    ],
    [{ requiredVariables: [...variables, variables[0]] }, "requiredVariables.3.name"],
    [{ colour: "red" }, "colour"],
  ])("is refused with %j: 400 names %s", async (more, field) => {
    const { status, body: answer } = await templates("POST", "", body(more));
    expect(status).toBe(400);
    expect(answer.validation.map((one: { field: string }) => one.field)).toContain(field);
  });

  it("says what is wrong with what it would make, and what it does not know", async () => {
    const workflowData = {
      nodes: [node("a", "no_such_type"), node("b", "action_add_note", { note: "[[template.note]]" })],
      edges: [edge("a", "gone")],
    };
    const { body: answer } = await templates("POST", "", body({ workflowData }));
    const codes = answer.validationResults.map((one: { code: string }) => one.code);
    expect(codes).toEqual(
      expect.arrayContaining(["unknown_node_type", "dangling_edge", "undeclared_variable", "unused_variable"]),
    );
    expect(answer.template.requiredVariables).toContainEqual({ name: "note", type: "string", required: true });
  });

  it("is made from a workflow that the caller's organization has", async () => {
    const { body: answer } = await call("POST", "", {
      name: "w",
      workflowData: drawing,
      settings: { timeoutSeconds: 60 },
    });
    const template = await made({ workflowData: undefined, workflowId: answer.workflow.id });
    expect(template).toMatchObject({ workflowId: answer.workflow.id, settings: { timeoutSeconds: 60 }, nodeCount: 4 });
    const foreign = await templates(
      "POST",
      "",
      body({ workflowData: undefined, workflowId: answer.workflow.id }),
      other,
    );
    expect([foreign.status, foreign.body.error.code]).toEqual([404, "WORKFLOW_NOT_FOUND"]);
  });
});

describe("a template of a workflow that holds secrets", () => {
  it("shows none of them to anybody, and asks whoever uses it for their own", async () => {
    const workflowData = {
      nodes: [
        node("hook", "trigger_webhook"),
        node(
          "call",
          "action_webhook",
          {
            url: "https://crm.acme-internal.com/leads?key=s3cr3t",
            method: "POST",
            headers: { Authorization: "Bearer tok_1234567890abc", "X-Customer": "acme-internal" },
            body: { password: "hunter2", text: "{{ event.data.text }}" },
          },
          { apiKey: "in-the-editor" },
        ),
        node("tell", "action_chat_message", { message: "Ask jane@acme-internal.com", to: "+4915112345678" }),
        node("end", "flow_end"),
      ],
      edges: [edge("hook", "call"), edge("call", "tell"), edge("tell", "end")],
      variables: { crm_token: "abc-def" },
    };
    const { body: created } = await call("POST", "", { name: "Secretive", workflowData });
    const workflowId = created.workflow.id;
    await call("POST", `/api/v2/triggers/${workflowId}`, {
      triggerType: "keyword",
      triggerName: "jane@acme-internal.com",
      config: { keywords: ["jane@acme-internal.com"] },
    });
    const { status, body: answer } = await templates("POST", "", {
      name: "Leads",
      description: "Into a CRM",
      category: "Sales",
      workflowId,
      isPublic: true,
    });
    expect(status, JSON.stringify(answer)).toBe(201);
    expect(answer.validationResults.filter((one: { code: string }) => one.code === "made_a_variable")).toHaveLength(8);
    const seen = await templates("GET", `/${answer.template.id}`, undefined, other);
    const list = await templates("GET", "?limit=100&search=leads", undefined, other);
    for (const text of [JSON.stringify(answer), JSON.stringify(seen.body), JSON.stringify(list.body)])
      expect(text).not.toMatch(/acme-internal|s3cr3t|tok_1234|hunter2|in-the-editor|4915112345678|abc-def/);
    expect(JSON.stringify(seen.body)).not.toContain(owner.userId);
    expect(JSON.stringify(seen.body)).not.toContain(owner.organizationId);
    expect(JSON.stringify(seen.body)).not.toContain(workflowId);
    const path = `/${answer.template.id}/instantiate`;
    const missing = await templates("POST", path, { name: "n", variableValues: {} }, other);
    expect(missing.status).toBe(400);
    const asked = missing.body.validation.map((one: { field: string }) => one.field);
    expect(asked).toEqual(
      expect.arrayContaining([
        "variableValues.call_url",
        "variableValues.call_Authorization",
        "variableValues.tell_to",
      ]),
    );
    const values = Object.fromEntries(
      seen.body.template.requiredVariables.map(({ name, type }: { name: string; type: string }) => [
        name,
        ({ url: "https://example.com/", email: "a@example.com", phone: "+4915112345679" } as Record<string, string>)[
          type
        ] ?? "x",
      ]),
    );
    const made = await templates("POST", path, { name: "n", variableValues: values }, other);
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    expect(made.body.workflow.workflowData.nodes[1].data.config).toMatchObject({
      url: "https://example.com/",
      headers: { Authorization: "x" },
    });
    const kept = await call("GET", `/${workflowId}`);
    expect(kept.body.workflow.workflowData).toEqual(workflowData);
  });

  it("keeps what is its organization's own and opens nothing, as defaults, until others may see it", async () => {
    const config = { url: "https://crm.acme-internal.com/leads", method: "POST" };
    const nodes = [node("start", "trigger_manual"), node("call", "action_webhook", config)];
    const workflowData = { nodes, edges: [edge("start", "call")] };
    const { body: source } = await call("POST", "", { name: "Ours", workflowData });
    const own = await made({ workflowData: undefined, requiredVariables: [], workflowId: source.workflow.id });
    const path = `/${own.id}`;
    const use = (who: Tenant) => templates("POST", `${path}/instantiate`, { name: "n", variableValues: {} }, who);
    const { status, body: answer } = await use(owner);
    expect(status, JSON.stringify(answer)).toBe(201);
    expect(answer.workflow.workflowData.nodes).toEqual(nodes);
    const shown = await templates("PUT", path, { isPublic: true, requiredVariables: own.requiredVariables });
    expect(shown.body.validationResults.map((one: { code: string }) => one.code)).toContain("left_out");
    const seen = await templates("GET", path, undefined, other);
    expect([shown.status, seen.status]).toEqual([200, 200]);
    expect(JSON.stringify([shown.body, seen.body])).not.toMatch(/acme-internal/);
    expect((await use(other)).status).toBe(400);
  });

  it("is refused where nothing can stand for it", async () => {
    const workflowData = {
      nodes: [
        node("code", "action_code", { language: "javascript", code: "const key = 'sk_live_4eC39HqLyjWDarjtT1'" }),
      ],
      edges: [],
    };
    const { status, body: answer } = await templates("POST", "", body({ workflowData, requiredVariables: [] }));
    expect([status, answer.validation]).toEqual([
      400,
      [expect.objectContaining({ field: "workflowData.nodes.0.data.config.code", code: "holds_secret" })],
    ]);
    const told = await templates("POST", "", body({ description: "Use sk_live_4eC39HqLyjWDarjtT1" }));
    expect([told.status, told.body.validation[0].field]).toEqual([400, "description"]);
  });
});

const UNSENT = expect.stringContaining("'order.paid', which is not an event type yet");

describe("instantiate", () => {
  it("fills every place with its type, and counts the use", async () => {
    const { id } = await made();
    const { status, body: answer } = await templates("POST", `/${id}/instantiate`, {
      name: "Ours",
      variableValues: { days: 2, shop: "Mill & Co" },
    });
    expect(status, JSON.stringify(answer)).toBe(201);
    expect(answer.workflow).toMatchObject({
      name: "Ours",
      description: "Says thanks",
      category: "Orders",
      tags: ["thanks"],
      status: "draft",
      templateId: id,
    });
    const configs = answer.workflow.workflowData.nodes.map((one: { data: { config: unknown } }) => one.data.config);
    expect(configs).toEqual([
      { event_type: "order.paid" },
      { duration: 2, unit: "days" },
      { message: "Hello from Mill & Co, {{ contact.attributes.name }}!" },
      {},
    ]);
    expect(answer).toMatchObject({ appliedCustomizations: [], warnings: [UNSENT] });
    expect((await templates("GET", `/${id}`)).body.template.usageCount).toBe(1);
    await call("POST", "", { name: "w", workflowData: drawing, templateId: id });
    expect((await templates("GET", `/${id}`)).body.template.usageCount).toBe(2);
  });

  it("names each variable that is missing or of another type, and warns of those that it does not know", async () => {
    const { id } = await made();
    const missing = await templates("POST", `/${id}/instantiate`, { name: "n", variableValues: { event: 7 } });
    expect(missing.status).toBe(400);
    expect(missing.body.validation).toEqual([
      expect.objectContaining({ field: "variableValues.event", code: "invalid_type" }),
      expect.objectContaining({ field: "variableValues.days", code: "required" }),
    ]);
    const { body: answer } = await templates("POST", `/${id}/instantiate`, {
      name: "n",
      variableValues: { days: 1, more: 1 },
    });
    const unknown = "variableValues.more: the template has no such variable; it was left out.";
    expect(answer.warnings).toEqual([unknown, UNSENT]);
  });

  it("does what is wanted otherwise, and says what it could not do", async () => {
    const { id } = await made();
    const { status, body: answer } = await templates("POST", `/${id}/instantiate`, {
      name: "n",
      variableValues: { days: 1 },
      customizations: [
        { type: "remove_node", nodeId: "wait" },
        { type: "set_config", nodeId: "say", path: "message", value: "Bye" },
        { type: "rename_node", nodeId: "say", label: "Say bye" },
        { type: "set_settings", settings: { timeoutSeconds: 30, quietHours: null } },
        { type: "remove_node", nodeId: "nobody" },
        { type: "set_config", nodeId: "say", path: "message.a.b", value: 1 },
        { type: "set_config", nodeId: "say", path: "__proto__.polluted", value: 1 },
        { nodeId: "say", config: { message: "Bye!", channel: "sms" } },
        { nodeId: "say", path: "to", value: "+14155550100" },
      ],
    });
    expect(status, JSON.stringify(answer)).toBe(201);
    expect(answer.appliedCustomizations.map((one: { applied: boolean }) => one.applied)).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
      false,
      true,
      true,
    ]);
    expect(answer.warnings).toHaveLength(4);
    expect(answer.workflow.settings).toEqual({ timeoutSeconds: 30 });
    expect(answer.workflow.workflowData.edges).toContainEqual(
      expect.objectContaining({ source: "start", target: "say" }),
    );
    expect(answer.workflow.workflowData.nodes[1].data).toEqual({
      label: "Say bye",
      config: { message: "Bye!", channel: "sms", to: "+14155550100" },
    });
    const wrong = await templates("POST", `/${id}/instantiate`, {
      name: "n",
      variableValues: { days: 1 },
      customizations: [{ type: "set_settings", settings: { timeoutSeconds: "soon" } }],
    });
    expect(wrong.status).toBe(400);
    expect(wrong.body.validation[0].field).toBe("customizations.0.settings.timeoutSeconds");
    const unclear = await templates("POST", `/${id}/instantiate`, {
      name: "n",
      variableValues: { days: 1 },
      customizations: [{ type: "paint", nodeId: "say" }, { nodeId: "say" }],
    });
    expect(unclear.body.validation).toEqual([
      {
        field: "customizations.0.type",
        message: "Must be one of: set_config, rename_node, remove_node, set_settings.",
        code: "invalid_choice",
      },
      expect.objectContaining({ field: "customizations.1.path" }),
    ]);
  });
});

describe("who uses another's", () => {
  it("is told whereto it sends by its author's word, and which of their secrets it reads", async () => {
    const sending = (id: string, url: string) => node(id, "action_webhook", { url, method: "POST" });
    const content = {
      nodes: [
        node("start", "trigger_manual"),
        node("code", "action_code", { language: "javascript", code: "result = context.variables.the_key" }),
        sending("default", "[[template.service]]/x"),
        sending("computed", "{{ nodes.code.output.result }}"),
        sending("mine", "[[template.mine]]"),
        sending("answer", "{{ event.data.callback_url }}"),
        node("mail", "action_email", { to: "{{ nodes.code.output.result }}", subject: "s", body: "b" }),
        node("reply", "action_chat_message", { to: "{{ contact.phone }}", message: "{{ the_key }}" }),
      ],
      edges: [],
    };
    const { id } = await made({
      isPublic: true,
      workflowData: content,
      requiredVariables: [
        { name: "service", type: "url", required: false, defaultValue: "https://author.example.net" },
        { name: "mine", type: "url", required: true },
      ],
    });
    const secret = { name: "the_key", dataType: "string", scope: "global", isSecret: true, defaultValue: "canary" };
    for (const who of [owner, other]) {
      const workflow = await call(
        "POST",
        "/api/v2/workflows",
        { name: "w", workflowData: { nodes: [], edges: [] } },
        who,
      );
      await call("POST", `/api/v2/workflows/${workflow.body.workflow.id}/variables`, secret, who);
    }
    const use = async (who: Tenant) => {
      const sent = { name: "n", variableValues: { mine: "https://mine.example.org/x" } };
      const { body: answer } = await templates("POST", `/${id}/instantiate`, sent, who);
      return answer.warnings.filter((warning: string) => /author|secret variable/.test(warning));
    };
    expect(await use(other)).toEqual([
      "'default' sends requests to author.example.net, as the template's author has it.",
      "'computed' sends requests whereto only its executions know, as the template's author has it.",
      "'mail' writes to whom only its executions know, as the template's author has it.",
      "It reads 'the_key', a secret variable of your organization.",
    ]);
    expect(await use(owner)).toEqual([]);
  });
});

describe("what others see", () => {
  it("is what is public, without who made it; they use and rate it, and change nothing", async () => {
    const { id } = await made({ isPublic: true, name: "Public one" });
    const hidden = await made({ name: "Hidden one" });
    const seen = await templates("GET", `/${id}`, undefined, other);
    expect(seen.body.template).toMatchObject({
      isOwn: false,
      createdBy: null,
      organizationId: null,
      workflowId: null,
      isPublic: true,
    });
    expect(
      (await templates("POST", `/${id}/instantiate`, { name: "n", variableValues: { days: 1 } }, other)).status,
    ).toBe(201);
    expect((await templates("POST", `/${id}/rate`, { rating: 4 }, other)).status).toBe(200);
    for (const [method, path, sent] of [
      ["PUT", `/${id}`, { name: "Mine" }],
      ["DELETE", `/${id}`, undefined],
    ] as const) {
      const refused = await templates(method, path, sent, other);
      expect([refused.status, refused.body.error.code]).toEqual([403, "INSUFFICIENT_PERMISSIONS"]);
    }
    for (const [method, path, sent] of [
      ["GET", `/${hidden.id}`, undefined],
      ["PUT", `/${hidden.id}`, { name: "Mine" }],
      ["DELETE", `/${hidden.id}`, undefined],
      ["POST", `/${hidden.id}/instantiate`, { name: "n", variableValues: { days: 1 } }],
      ["POST", `/${hidden.id}/rate`, { rating: 1 }],
    ] as const) {
      const missing = await templates(method, path, sent, other);
      expect([missing.status, missing.body.error.code]).toEqual([404, "TEMPLATE_NOT_FOUND"]);
    }
    const created = await call("POST", "", { name: "w", workflowData: drawing, templateId: hidden.id }, other);
    expect([created.status, created.body.error.code]).toEqual([404, "TEMPLATE_NOT_FOUND"]);
    const names = async (query: string, who: Tenant) =>
      (await templates("GET", `?limit=100${query}`, undefined, who)).body.templates.map(
        (one: { name: string }) => one.name,
      );
    expect(await names("", other)).toContain("Public one");
    expect(await names("", other)).not.toContain("Hidden one");
    expect(await names("&isPublic=false", owner)).toContain("Hidden one");
    await templates("PUT", `/${id}`, { isPublic: false });
    expect((await templates("GET", `/${id}`, undefined, other)).status).toBe(404);
  });

  it("takes the role admin to be shown", async () => {
    const editor = await join(owner.organizationId, newId(), "editor");
    expect((await templates("POST", "", body({ isPublic: true }), editor)).status).toBe(403);
    const { status, body: answer } = await templates("POST", "", body(), editor);
    expect(status).toBe(201);
    expect((await templates("PUT", `/${answer.template.id}`, { isPublic: true }, editor)).status).toBe(403);
    const viewer = await join(owner.organizationId, newId(), "viewer");
    expect((await templates("POST", "", body(), viewer)).status).toBe(403);
    expect((await templates("GET", `/${answer.template.id}`, undefined, viewer)).status).toBe(200);
  });
});

describe("ratings", () => {
  it("are one a person: a change replaces", async () => {
    const { id } = await made({ isPublic: true });
    await templates("POST", `/${id}/rate`, { rating: 1 });
    await templates("POST", `/${id}/rate`, { rating: 5 });
    const { body: answer } = await templates("POST", `/${id}/rate`, { rating: 2 }, other);
    expect(answer.template).toMatchObject({ rating: 3.5, ratingCount: 2, yourRating: 2 });
    for (const rating of [0, 6, 2.5, "5", null]) {
      const refused = await templates("POST", `/${id}/rate`, { rating });
      expect([refused.status, refused.body.validation[0].field]).toEqual([400, "rating"]);
    }
  });
});

describe("the list", () => {
  it("filters, sorts, counts categories, and features what is used and liked", async () => {
    const [lister, user] = [await makeOrganization(), await makeOrganization()];
    const liked = await made({ name: "Liked", category: "Zoo", tags: ["x", "y"], isPublic: true }, lister);
    await made({ name: "Another zebra", category: "Zoo", tags: ["x"] }, lister);
    await templates("POST", `/${liked.id}/instantiate`, { name: "n", variableValues: { days: 1 } }, user);
    await templates("POST", `/${liked.id}/rate`, { rating: 5 }, user);
    const list = async (query: string) => (await templates("GET", `?limit=100&${query}`, undefined, lister)).body;
    const all = await list("category=Zoo&sortBy=name");
    expect(all.templates.map((one: { name: string }) => one.name)).toEqual(["Another zebra", "Liked"]);
    expect(all.pagination).toEqual({ total: 2, page: 1, limit: 100, totalPages: 1 });
    expect(all.categories).toContainEqual({ id: "Zoo", name: "Zoo", count: 2 });
    // Each is a whole template, so that it can be shown and used without asking for it alone.
    const alone = (await templates("GET", `/${liked.id}`, undefined, lister)).body.template;
    const { yourRating: _, ...whole } = alone;
    expect(all.templates[1]).toEqual({ ...whole, isFeatured: true });
    const starter = (await list("search=webhook relay")).templates[0];
    expect(starter).toMatchObject({
      id: "starter_webhook_relay",
      requiredVariables: expect.arrayContaining([expect.objectContaining({ name: "target_url", type: "url" })]),
      workflowData: { nodes: expect.any(Array), edges: expect.any(Array) },
    });
    expect(all.featuredTemplates).toContainEqual(
      expect.objectContaining({ id: liked.id, isFeatured: true, usageCount: 1 }),
    );
    const names = async (query: string) => (await list(query)).templates.map((one: { name: string }) => one.name);
    expect(await names("category=Zoo&tags=x,y")).toEqual(["Liked"]);
    expect(await names("category=Zoo&tags[]=x&sortBy=name&sortOrder=desc")).toEqual(["Liked", "Another zebra"]);
    expect(await names("search=oTHER ZEBRA")).toEqual(["Another zebra"]);
    expect(await names("category=Zoo&sortBy=usage_count")).toEqual(["Liked", "Another zebra"]);
    expect(await names("category=Zoo&sortBy=rating&sortOrder=asc")).toEqual(["Liked", "Another zebra"]);
    expect(await names("category=Zoo&featured=false")).toEqual(["Another zebra"]);
    expect(await names("category=Zoo&featured=true&isPublic=true")).toEqual(["Liked"]);
    expect(await names("search=%25")).toEqual([]);
    for (const query of ["sortBy=age", "featured=1", "isPublic=yes", "page=0", "sortOrder=up"]) {
      const { status, body: answer } = await templates("GET", `?${query}`, undefined, lister);
      expect([status, answer.validation[0].field]).toEqual([400, query.split("=")[0]]);
    }
  });

  it("leaves out what templates hold where a page would become too large", async () => {
    const lister = await makeOrganization();
    const category = "Large";
    for (let n = 0; n < 5; n++) await made({ category, name: `Large ${n}` }, lister);
    await testEnv.DB.prepare("UPDATE blueprints SET content = json_set(content, '$.pad', ?2) WHERE org_id = ?1")
      .bind(lister.organizationId, "x".repeat(880_000))
      .run();
    const { body: page } = await templates("GET", `?category=${category}&sortBy=name`, undefined, lister);
    const held = page.templates.map((one: { workflowData: unknown; requiredVariables: unknown }) => [
      one.workflowData !== null,
      one.requiredVariables !== null,
    ]);
    expect(held).toEqual([...Array(4).fill([true, true]), [false, false]]);
  });
});
