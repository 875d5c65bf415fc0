// What a template may tell others: nothing that is its author's own. Secrets in every place that a drawing has, in every shape that came to mind.
import { describe, expect, it } from "vitest";
import type { BlueprintContent } from "../../../src/domain/blueprint/blueprint.ts";
import { cleanse } from "../../../src/domain/blueprint/cleanse.ts";
import type { BlueprintVariable } from "../../../src/domain/blueprint/variables.ts";
import type { DataNode } from "../../../src/domain/workflow/enhanced/workflow-data.ts";
import type { JsonObject } from "../../../src/lib/json.ts";

const contentOf = (nodes: DataNode[], more: Partial<BlueprintContent> = {}): BlueprintContent => ({
  workflowData: { nodes, edges: [] },
  triggerType: null,
  triggerConfig: {},
  settings: {},
  triggers: [],
  ...more,
});
const node = (type: string, config: JsonObject, id = "n1"): DataNode => ({ id, type, data: { label: "Node", config } });
const cleansed = (type: string, config: JsonObject) => {
  const made = cleanse(contentOf([node(type, config)]), []);
  return { ...made, config: made.content.workflowData.nodes[0]!.data!.config!, text: JSON.stringify(made) };
};

const WEBHOOK = { url: "https://example.com/", method: "POST" };
/** Each with what must not be left of it. */
const SECRETS: [text: string, secret: string][] = [
  ["sk_live_4eC39HqLyjWDarjtT1zdp7dc", "4eC39HqLyjWDarjtT1zdp7dc"],
  ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
  ["xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy", "pdFZKVeTuE8sk7oOcHrzqqgy"],
  ["ghp_16C7e42F292c6912E7710c838347Ae178B4a", "16C7e42F292c6912E7710c838347Ae178B4a"],
  ["AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"],
  [
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "dozjgNryP4J3jVmNHl0w5N",
  ],
  ["AC0123456789abcdef0123456789abcdef", "0123456789abcdef"],
  ["Authorization: Bearer abcDEF123456789", "abcDEF123456789"],
  ["Basic YWRtaW46YWRtaW4=", "YWRtaW46YWRtaW4"],
  ["password: hunter2hunter", "hunter2hunter"],
  ["https://hooks.slack.com/services/T000/B000/abcd", "T000/B000/abcd"],
  ["https://user:geheim@host.example/x", "geheim"],
  ["https://host.example/x?api_key=abc123", "abc123"],
  ["https://host.example/receive/9f86d081884c7d659a2feaa0c55ad015", "9f86d081884c7d65"],
  ["018f3b2a-7c1d-7e52-9a3b-5f2d1c0b9a8e", "7c1d-7e52"],
  ["k3Jx9PqLm2Zt7VbNw4RyA8", "k3Jx9PqLm2"],
  ["-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----", "MIIEvQIBADANBg"],
  ["jane.doe@acme-corp.com", "jane.doe"],
  ["call +49 151 1234 5678 now", "1234 5678"],
  ["call 0151/12345678 now", "12345678"],
  ["(212) 555-0123", "555-0123"],
  ["https://wa.me/4915112345678", "4915112345678"],
];

describe("a secret in any text", () => {
  it.each(SECRETS)("%s", (secret, left) => {
    const places: [string, JsonObject][] = [
      ["action_chat_message", { message: `Before ${secret} after` }],
      ["action_chat_message", { message: `{{ "${secret.replaceAll("\n", " ")}" | upcase }}` }],
      ["action_webhook", { ...WEBHOOK, body: { deep: [{ er: secret }] } }],
      ["condition_if", { conditions: [{ field: "event.data.x", operator: "equals", value: secret }] }],
      ["data_transform", { mappings: { a: secret } }],
      ["loop_foreach", { items: [secret] }],
      ["trigger_keyword", { keywords: [secret] }],
      ["no_such_type", { anything: secret }],
    ];
    for (const [type, config] of places) {
      const { text, variables, warnings } = cleansed(type, config);
      expect(text).not.toContain(left);
      expect(variables.length).toBeGreaterThan(0);
      expect(warnings.every(({ code, nodeId }) => code === "made_a_variable" && nodeId === "n1")).toBe(true);
    }
    const named = cleanse(contentOf([{ ...node("flow_end", {}), data: { label: secret, config: {} } }]), []);
    expect(JSON.stringify(named)).not.toContain(left);
    const variables = { greeting: secret, deep: [{ er: secret }] };
    const set = cleanse({ ...contentOf([]), workflowData: { nodes: [], edges: [], variables } }, []);
    expect(JSON.stringify(set)).not.toContain(left);
    const triggered = cleanse(
      contentOf([], {
        triggerType: "trigger_event",
        triggerConfig: { event_type: "a", filters: [{ field: "event.data.x", operator: "in", value: [secret] }] },
        triggers: [{ triggerType: "trigger_keyword", name: secret, config: { keywords: [secret] }, enabled: true }],
      }),
      [],
    );
    expect(JSON.stringify(triggered)).not.toContain(left);
  });
});

describe("what is one's own by where it stands", () => {
  it.each<[string, JsonObject, string, string]>([
    ["action_webhook", { ...WEBHOOK, url: "https://internal.acme.dev/orders" }, "url", "internal.acme"],
    [
      "action_webhook",
      { ...WEBHOOK, url: "https://internal.acme.dev/{{ event.data.id }}/orders" },
      "url",
      "internal.acme",
    ],
    ["action_webhook", { ...WEBHOOK, url: '{{ "https://internal" | append: ".acme.dev" }}' }, "url", "internal"],
    ["action_chat_message", { message: "m", to: "jane" }, "to", "jane"],
    ["action_email", { to: "{{ 'ja' | append: 'ne' }}@acme.com", subject: "s", body: "b" }, "to", "acme"],
    ["action_chat_message", { message: "m", channel: "my-own-channel" }, "channel", "my-own"],
    ["action_question", { message: "m", channel: "my-own-channel" }, "channel", "my-own"],
    ["action_chat_message", { message: "m", template_id: "order_update" }, "template_id", "order_update"],
    ["trigger_template", { template_id: "order_update" }, "template_id", "order_update"],
    ["action_subworkflow", { workflow_id: "wf-1" }, "workflow_id", "wf-1"],
  ])("%s %j", (type, config, field, left) => {
    const { config: kept, variables, text } = cleansed(type, config);
    expect(kept[field]).toBe(`[[template.n1_${field}]]`);
    expect(variables).toEqual([expect.objectContaining({ name: `n1_${field}`, required: true })]);
    expect(text).not.toContain(left);
  });

  it("is every header but those that say nothing of anybody", () => {
    const headers = {
      "Content-Type": "application/json",
      Authorization: "swordfish",
      "X-Partner": "acme",
      Cookie: "{{ 'a' }}=b",
      "X-Trace": "{{ execution.id }}",
      "X-Auth": "Bearer {{ variables.key }}",
      Accept: "text/html\nsecret<>",
    };
    const { config } = cleansed("action_webhook", { ...WEBHOOK, headers });
    expect(config.headers).toEqual({
      "Content-Type": "application/json",
      Authorization: "[[template.n1_Authorization]]",
      "X-Partner": "[[template.n1_X_Partner]]",
      Cookie: "[[template.n1_Cookie]]",
      "X-Trace": "{{ execution.id }}",
      "X-Auth": "Bearer {{ variables.key }}",
      Accept: "[[template.n1_Accept]]",
    });
  });

  it("is what a field's name calls a secret, whatever is in it, and whom conditions are about", () => {
    const { config, text } = cleansed("action_webhook", {
      ...WEBHOOK,
      body: {
        clientSecret: "abc",
        "api-key": 5,
        credentials: { user: "u" },
        PASSWORD: ["p"],
        monkey: "kept",
        keyword: "kept",
      },
    });
    expect(config.body).toEqual({
      clientSecret: "[[template.n1_clientSecret]]",
      "api-key": "[[template.n1_api_key]]",
      credentials: "[[template.n1_credentials]]",
      PASSWORD: "[[template.n1_PASSWORD]]",
      monkey: "kept",
      keyword: "kept",
    });
    expect(text).not.toContain('"user"');
    const condition = (field: string, value: string) => ({ conditions: [{ field, operator: "equals", value }] });
    expect(cleansed("condition_if", condition("contact.external_id", "jane")).text).not.toContain("jane");
    expect(cleansed("condition_if", condition("event.data.status", "paid")).warnings).toEqual([]);
    expect(cleansed("condition_if", condition("contact.id", "{{ event.data.who }}")).warnings).toEqual([]);
    expect(cleansed("loop_foreach", { items: [4915112345678] }).text).not.toContain("4915112345678");
  });

  it("is a secret variable of the workflow, wherever its value stands", () => {
    const workflowData = {
      nodes: [node("action_chat_message", { message: "say open-sesame and open-sesame" })],
      edges: [],
      variables: { phrase: "open-sesame", api_token: "x", shop: "Mill", base: "https://internal.acme.dev" },
    };
    const made = cleanse({ ...contentOf([]), workflowData }, [], ["phrase"]);
    expect(JSON.stringify(made)).not.toMatch(/sesame|acme|"x"/);
    expect(made.content.workflowData.variables).toMatchObject({
      shop: "Mill",
      phrase: expect.stringContaining("[[template."),
    });
  });

  it("is what an editor adds, and the workflow for errors", () => {
    const drawn = {
      ...node("flow_end", {}),
      data: { label: "l", config: {}, apiKey: "abc" },
      notes: "secret",
      selected: true,
    } as DataNode;
    const made = cleanse(
      {
        ...contentOf([drawn], { settings: { errorWorkflowId: "wf-1", timeoutSeconds: 5 } }),
        workflowData: {
          nodes: [drawn],
          edges: [{ source: "n1", target: "n1", label: "secret" } as never],
          viewport: "secret",
        } as never,
      },
      [],
    );
    expect(JSON.stringify(made.content)).not.toMatch(/secret|abc|wf-1/);
    expect(made.content.settings).toEqual({ timeoutSeconds: 5 });
    expect(made.warnings).toEqual([expect.objectContaining({ code: "left_out", path: "settings.errorWorkflowId" })]);
  });
});

describe("what is said of what was taken out", () => {
  it("does not say it", () => {
    const secret = "sk_live_4eC39HqLyjWDarjtT1";
    const made = cleanse(
      contentOf([
        {
          id: "n1",
          type: "action_webhook",
          data: { label: `Use ${secret}`, config: { ...WEBHOOK, url: "https://a.acme.dev/" } },
        },
        node("condition_if", {
          conditions: [{ field: `{{ nodes["${secret}"].output.id }}`, operator: "equals", value: "x" }],
        }),
        node("action_webhook", { ...WEBHOOK, headers: { "X-Key": `{{ ${secret} }}` } }),
      ]),
      [],
    );
    expect(made.warnings.length).toBeGreaterThan(3);
    expect(JSON.stringify(made)).not.toContain("4eC39HqLyjWDarjtT1");
  });

  it("nor does a label say the value of a secret variable", () => {
    const workflowData = {
      nodes: [{ id: "n1", type: "action_webhook", data: { label: "open-sesame", config: { ...WEBHOOK } } }],
      edges: [],
      variables: { phrase: "open-sesame" },
    };
    expect(JSON.stringify(cleanse({ ...contentOf([]), workflowData }, [], ["phrase"]))).not.toContain("sesame");
  });
});

describe("what no variable can stand for", () => {
  it.each([
    ["type", { ...node("sk_live_4eC39HqLyjWDarjtT1", {}) }, "workflowData.nodes.0.type"],
    [
      "a key by chance",
      node("data_transform", { mappings: { "018f3b2a-7c1d-7e52-9a3b-5f2d1c0b9a8e": 1 } }),
      "workflowData.nodes.0.data.config.mappings.018f3b2a-7c1d-7e52-9a3b-5f2d1c0b9a8e",
    ],
  ])("is refused: a %s", (_, one, field) => {
    expect(cleanse(contentOf([one]), []).problems).toContainEqual(
      expect.objectContaining({ field, code: "holds_secret" }),
    );
  });

  it.each<[string, BlueprintContent, string]>([
    [
      "code",
      contentOf([node("action_code", { language: "python", code: "key = 'sk_live_4eC39HqLyjWDarjtT1'" })]),
      "workflowData.nodes.0.data.config.code",
    ],
    [
      "a key of an object",
      contentOf([node("data_transform", { mappings: { "jane@acme-corp.com": 1 } })]),
      "workflowData.nodes.0.data.config.mappings.jane@acme-corp.com",
    ],
    ["a node's id", contentOf([node("flow_end", {}, "sk_live_4eC39HqLyjWDarjtT1")]), "workflowData.nodes.0.id"],
    [
      "an edge",
      { ...contentOf([]), workflowData: { nodes: [], edges: [{ source: "jane@acme-corp.com", target: "b" }] } },
      "workflowData.edges.0.source",
    ],
  ])("is refused: %s", (_, content, field) => {
    expect(cleanse(content, []).problems).toContainEqual(expect.objectContaining({ field, code: "holds_secret" }));
  });

  it.each<[BlueprintVariable, string | undefined]>([
    [{ name: "a", type: "string", required: true, defaultValue: "sk_live_4eC39HqLyjWDarjtT1" }, "defaultValue"],
    [{ name: "api_key", type: "string", required: true, defaultValue: "swordfish" }, "defaultValue"],
    [{ name: "a", type: "object", required: true, defaultValue: { b: ["password=swordfish"] } }, "defaultValue"],
    [{ name: "a", type: "string", required: true, description: "such as sk_live_4eC39HqLyjWDarjtT1" }, "description"],
    [{ name: "team_email", type: "email", required: true, defaultValue: "team@acme-corp.com" }, undefined],
    [{ name: "api_key", type: "string", required: true }, undefined],
  ])("a default is read by everybody: %j", (variable, field) => {
    const problems = cleanse(contentOf([]), [variable]).problems.map((one) => one.field);
    expect(problems).toEqual(field === undefined ? [] : [`requiredVariables.0.${field}`]);
  });
});

describe("what is nobody's", () => {
  it.each<[string, JsonObject]>([
    [
      "action_chat_message",
      {
        message:
          "Order {{ event.data.order_id }} of {{ event.data.total | round: 2 }} EUR on 2026-12-24 at 10:30 for 120 guests.",
      },
    ],
    [
      "action_chat_message",
      {
        message: "See https://shop.example/help/orders-and-returns?lang=en",
        to: "{{ contact.phone }}",
        channel: "whatsapp",
      },
    ],
    ["action_webhook", { url: "{{ variables.base }}/orders", method: "GET" }],
    [
      "action_webhook",
      { url: "[[template.base]]/orders/{{ event.data.id }}", method: "GET", headers: { Accept: "application/json" } },
    ],
    [
      "action_code",
      { language: "javascript", code: "result = context.event.data.items.filter((item) => item.price > 100).length" },
    ],
    ["trigger_schedule", { cron: "0 9 * * 1-5", timezone: "Europe/Berlin" }],
    ["trigger_schedule", { at: "2027-01-31T09:00:00Z" }],
    [
      "condition_if",
      {
        conditions: [
          { field: "nodes.fetch_customer_2_details.output.body.is_active", operator: "equals", value: true },
        ],
      },
    ],
    ["data_variable", { name: "next", value: "customer_2_address_line_1_was_verified" }],
    [
      "action_email",
      {
        to: "{{ contact.email }}",
        subject: "Your basic information",
        body: "The secret to great coffee, from anna@example.com",
      },
    ],
  ])("stays as it is: %s %j", (type, config) => {
    const made = cleansed(type, config);
    expect([made.warnings, made.problems, made.variables]).toEqual([[], [], []]);
    expect(made.config).toEqual(config);
  });

  it("is an id of the drawing itself", () => {
    const id = "018f3b2a-7c1d-7e52-9a3b-5f2d1c0b9a8e";
    const made = cleanse(
      contentOf([node("flow_end", {}, id), node("action_add_note", { note: `{{ nodes["${id}"].output }}` })]),
      [],
    );
    expect([made.warnings, made.problems]).toEqual([[], []]);
  });

  it("gets one variable for one value, with names that are free", () => {
    const { variables, config } = cleansed("action_webhook", {
      ...WEBHOOK,
      body: { a: "jane@acme-corp.com", b: "jane@acme-corp.com", c: { a: "joe@acme-corp.com" } },
    });
    expect(config.body).toEqual({ a: "[[template.n1_a]]", b: "[[template.n1_a]]", c: { a: "[[template.n1_a_2]]" } });
    expect(variables.map(({ name, type }) => [name, type])).toEqual([
      ["n1_url", "url"],
      ["n1_a", "email"],
      ["n1_a_2", "email"],
    ]);
  });
});

describe("of a private template", () => {
  const config = {
    url: "https://crm.acme-corp.com/leads",
    method: "POST",
    headers: {
      Authorization: "Bearer tok_1234567890abc",
      "X-Shop": "acme-corp",
      "X-Api-Key": "sesame-9",
      "X-Pass": "Basic c2VzYW1lOm9wZW4=",
      Cookie: "sesame-8",
    },
    body: { to: "jane@acme-corp.com", at: "https://acme-corp.com/?key=s3cr3t", password: "hunter2" },
  };
  const content = contentOf([node("action_webhook", config)]);
  const own = cleanse(content, [], [], true);

  it("what opens nothing is the default of its variable, as long as nobody else sees it", () => {
    expect(own.variables.map(({ name, defaultValue }) => [name, defaultValue])).toEqual([
      ["n1_url", config.url],
      ["n1_Authorization", undefined],
      ["n1_X_Shop", "acme-corp"],
      ["n1_X_Api_Key", undefined],
      ["n1_X_Pass", undefined],
      ["n1_Cookie", undefined],
      ["n1_to", config.body.to],
      ["n1_at", undefined],
      ["n1_password", undefined],
    ]);
    expect(JSON.stringify(own)).not.toMatch(/tok_1234|s3cr3t|hunter2|sesame|c2VzYW1l/);
    const shown = cleanse(own.content, own.variables);
    expect(shown.variables.map(({ name }) => name)).toEqual(own.variables.map(({ name }) => name));
    expect(shown.warnings.map(({ code }) => code)).toEqual(["left_out", "left_out", "left_out"]);
    expect(JSON.stringify(shown)).not.toContain("acme-corp");
    expect(cleanse(own.content, own.variables, [], true)).toMatchObject({ variables: own.variables, warnings: [] });
  });

  it("what is a secret somewhere else in it is none", () => {
    const twice = contentOf([
      node("action_chat_message", { message: "x", to: "hunter2" }),
      node("action_webhook", config, "n2"),
    ]);
    expect(JSON.stringify(cleanse(twice, [], [], true))).not.toContain("hunter2");
  });
});

describe("a long text", () => {
  const LONG = 300_000;
  it.each([
    "a",
    "1",
    "0151 ",
    "sk-",
    "sk_",
    "eyJ-",
    "SG.a-",
    "token ",
    "pass",
    "/a",
    "[[",
    "{{",
    "https://",
    "a@a.",
    "+49 ",
    "-----BEGIN A",
    "a.",
    "wa.me/",
  ])("of %j takes no long time", (piece) => {
    const text = piece.repeat(Math.ceil(LONG / piece.length));
    const begun = performance.now();
    cleansed("action_webhook", { url: text, method: "POST", headers: { Accept: text }, body: text });
    cleansed("action_email", { to: text, subject: text, body: `${text}!` });
    expect(performance.now() - begun).toBeLessThan(3_000);
  });

  it("of many people is no template", () => {
    const message = Array.from({ length: 20_000 }, (_, n) => `p${n}@acme-corp.com`).join(" ");
    const begun = performance.now();
    const { problems, variables, text } = cleansed("action_chat_message", { message });
    expect(problems).toEqual([expect.objectContaining({ code: "holds_too_much" })]);
    expect(variables).toHaveLength(100);
    expect(text).not.toContain("acme");
    expect(performance.now() - begun).toBeLessThan(3_000);
  });
});
