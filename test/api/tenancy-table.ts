// How each route that names an id is tried: what puts the resource there, and what is sent. Judged by tenancy.test.ts.
import { storeDeadLetters } from "../../src/domain/dead-letter/store.ts";
import type { Ports } from "../../src/domain/ports.ts";
import { newId } from "../../src/lib/ids.ts";
import { makePorts } from "../../src/objects/ports.ts";
import { testApp } from "../fixtures/app.ts";
import { db, type Tenant, testEnv } from "../fixtures/identity.ts";

const { executions, inbox, webhooks, schedules, campaigns, code, checkCode, contacts, uploads, deliveries, queues } =
  makePorts(testEnv);
/** One that has ended: what it holds is test/objects/feed.test.ts. */
const feeds: Ports["feeds"] = { open: async () => ({ kind: "open", body: new Response("").body! }) };
export const { fetch, routes, limiter } = testApp({
  ports: {
    feeds,
    executions,
    inbox,
    webhooks,
    schedules,
    campaigns,
    code,
    checkCode,
    contacts,
    uploads,
    deliveries,
    queues,
  },
});

/** How a route is tried. `make` puts the resource into `owner`'s organisation and gives the path's ids; `missing` are ids that nobody has. */
type Entry =
  | {
      make: (owner: Tenant) => Promise<Record<string, string>>;
      missing?: Record<string, string>;
      body?: unknown;
      headers?: Record<string, string>;
      query?: string;
    }
  /** Not about an organisation's data: says why. */
  | { open: string };

export const call = (who: Tenant, method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  fetch(path, {
    method,
    headers: { ...who.headers, ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const made = async (answer: Promise<Response>): Promise<Record<string, string>> => {
  const response = await answer;
  if (response.status !== 201) throw new Error(`could not make it: ${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, string>;
};

const aKey = async (owner: Tenant) => ({
  keyId: (await made(call(owner, "POST", "/api/v2/api-keys", { name: "k" }))).id!,
});
const aMember = async (owner: Tenant) => ({
  userId: (await made(call(owner, "POST", "/api/v2/members", { user_id: crypto.randomUUID(), role: "viewer" })))
    .user_id!,
});

/** By mail: it is not asked anything when it is verified. */
const aChannel = async (owner: Tenant) => {
  const body = {
    name: "m",
    provider: "smtp",
    sender: "a@example.com",
    credentials: { url: "smtp://u:p@mail.example.com:587" },
  };
  const { channel } = (await made(call(owner, "POST", "/api/v2/channels", body))) as unknown as {
    channel: { id: string };
  };
  return { channelId: channel.id };
};

/** One that a gate has suppressed. */
const aMessage = async ({ organizationId }: Tenant) => {
  const messageId = newId();
  await db
    .prepare(
      `INSERT INTO messages (org_id, id, contact_id, direction, channel, sender, recipient, status, gates, created_at, updated_at)
       VALUES (?1, ?2, ?3, 'outbound', 'sms', '+15550000000', '+15550000001', 'canceled', '{"passed":false,"gates":[],"failed":"consent","earliestAt":null}', 1, 1)`,
    )
    .bind(organizationId, messageId, newId())
    .run();
  return { messageId };
};

/** A run's report that was given up. */
const aDeadLetter = async ({ organizationId }: Tenant) => {
  const executionId = newId();
  const report = {
    executionId,
    organizationId,
    workflowId: newId(),
    versionId: newId(),
    seq: 1,
    status: "completed",
    startedAt: 1,
    endedAt: 2,
    nodesExecuted: 0,
    error: null,
    errorNodeId: null,
    nextWakeAt: null,
    dryRun: false,
    eventId: null,
    triggerType: "MANUAL_TRIGGER",
    priority: 5,
    parentId: null,
    steps: [],
  };
  await storeDeadLetters(db, "projections", [{ id: "1", body: report, error: "test", attempts: 1 }], 1);
  return { deadLetterId: `projections-${executionId}` };
};

const madeData = async (answer: Promise<Response>) => (await made(answer)).data as unknown as Record<string, string>;
const WORKFLOWS = "/api/v1/workflows";
const nap = { nodes: { nap: { node_type: "action_delay", config: { duration: 1, unit: "hours" } } } };
const aWorkflow = async (owner: Tenant) => {
  const { workflow_id } = await madeData(call(owner, "POST", WORKFLOWS, { name: "w", entity_id: 1, ...nap }));
  return { workflow_id: workflow_id! };
};
const aWebhook = async (owner: Tenant) => {
  const { workflow_id } = await aWorkflow(owner);
  const { webhook_id } = await madeData(call(owner, "POST", `${WORKFLOWS}/${workflow_id}/webhooks`, { name: "h" }));
  return { workflow_id, webhook_id: webhook_id! };
};
const anExecution = async (owner: Tenant) => {
  const { workflow_id } = await aWorkflow(owner);
  const answer = await call(owner, "POST", `${WORKFLOWS}/${workflow_id}/execute`, {});
  const { data } = (await answer.json()) as { data: { execution_id: string } };
  return { execution_id: data.execution_id };
};

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

/** Two nodes that talk to whoever says the word. */
const aFlow = async (owner: Tenant) => {
  const flowNodes = [
    { id: "t", type: "trigger_keyword", isStartNode: true, triggerKeywords: ["tenancy"] },
    { id: "m", type: "message", flowReplies: [{ flowReplyType: "Text", data: "Hello" }] },
  ];
  const flowEdges = [{ id: "e", sourceNodeId: "t", targetNodeId: "m" }];
  const { id } = await made(call(owner, "POST", "/flow/create", { name: "f", flowNodes, flowEdges }));
  return { flow_id: id! };
};

const MARKETING = "/api/v1/workflow/api";
const aCampaignOf = async (owner: Tenant) => ({
  id: (await made(call(owner, "POST", `${MARKETING}/workflows`, { name: "w" }))).id!,
});
const aTrigger = async (owner: Tenant) => ({
  id: (await made(call(owner, "POST", `${MARKETING}/triggers`, { name: "t", trigger_type: "TAG_ADDED" }))).id!,
});
const anAction = async (owner: Tenant) => {
  const body = { name: "a", action_type: "add_note", configuration: { note: "n" } };
  return { id: (await made(call(owner, "POST", `${MARKETING}/actions`, body))).id! };
};
const aCondition = async (owner: Tenant) => ({
  id: (await made(call(owner, "POST", `${MARKETING}/conditions`, { name: "c" }))).id!,
});
const anEventType = async (owner: Tenant) => {
  const body = { name: "e", code: `E${crypto.randomUUID()}` };
  return { id: (await made(call(owner, "POST", `${MARKETING}/event-types`, body))).id! };
};
const partRoutes = (path: string, make: (owner: Tenant) => Promise<Record<string, string>>, body: unknown) => ({
  [`GET ${MARKETING}/${path}/:id`]: { make },
  [`PUT ${MARKETING}/${path}/:id`]: { make, body },
  [`PATCH ${MARKETING}/${path}/:id`]: { make, body: { name: "x" } },
  [`DELETE ${MARKETING}/${path}/:id`]: { make },
});
/** Bodies name what is the owner's: to a stranger the workflow is missing before they are looked at. */
const joins = (of: "trigger" | "action") => {
  const shared: Record<string, string> = {};
  const make = async (owner: Tenant) => {
    const { id } = await aCampaignOf(owner);
    shared[`${of}_id`] = (await (of === "trigger" ? aTrigger(owner) : anAction(owner))).id;
    return { id };
  };
  const makeJoined = async (owner: Tenant) => {
    const { id } = await make(owner);
    await made(call(owner, "POST", `${MARKETING}/workflows/${id}/add_${of}`, shared));
    return { id };
  };
  return {
    [`POST ${MARKETING}/workflows/:id/add_${of}`]: { make, body: shared },
    [`POST ${MARKETING}/workflows/:id/remove_${of}`]: { make: makeJoined, body: shared },
  };
};

/** What was done to it before the route is tried. */
const after =
  (...doings: string[]) =>
  async (owner: Tenant) => {
    const ids = await aCampaign(owner);
    for (const doing of doings) await call(owner, "POST", `/api/v1/campaigns/${ids.campaign_id}/${doing}`);
    return ids;
  };

/** Of the enhanced API. */
const anEnhanced = async (owner: Tenant) => {
  const workflowData = {
    nodes: [
      { id: "t", type: "trigger_manual", position: { x: 0, y: 0 }, data: { label: "t", config: {} } },
      { id: "e", type: "flow_end", position: { x: 0, y: 0 }, data: { label: "e", config: {} } },
    ],
    edges: [{ id: "1", source: "t", target: "e" }],
  };
  const { workflow } = (await made(
    call(owner, "POST", "/api/v2/workflows", { name: "w", workflowData }),
  )) as unknown as {
    workflow: { id: string };
  };
  return { id: workflow.id };
};

const anActive = async (owner: Tenant) => {
  const ids = await anEnhanced(owner);
  await call(owner, "POST", `/api/v2/workflows/${ids.id}/publish`);
  return ids;
};
const aBlueprint = async (owner: Tenant) => {
  const workflowData = { nodes: [{ id: "e", type: "flow_end" }], edges: [] };
  const body = { name: "t", description: "", category: "c", workflowData };
  const { template } = (await made(call(owner, "POST", "/api/v2/templates", body))) as unknown as {
    template: { id: string };
  };
  return { id: template.id };
};
const anEndpoint = async (owner: Tenant) => {
  const { webhook } = (await made(call(owner, "POST", "/api/v2/webhooks", { name: "h" }))) as unknown as {
    webhook: { id: string };
  };
  return { endpointId: webhook.id };
};

/** To where nobody answers in time. */
const aDelivery = async (owner: Tenant) => {
  const body = { url: "https://receiver.example.com/", method: "POST", timeout: 50 };
  const answer = await call(owner, "POST", "/api/v2/webhooks/send", body);
  return { deliveryId: ((await answer.json()) as { deliveryId: string }).deliveryId };
};

const aTriggerRow = async (owner: Tenant) => {
  const { id: workflowId } = await anEnhanced(owner);
  const body = { triggerType: "manual", triggerName: "t", config: {} };
  const { trigger } = (await made(call(owner, "POST", `/api/v2/triggers/${workflowId}`, body))) as unknown as {
    trigger: { id: string };
  };
  return { workflowId, triggerId: trigger.id };
};

const aRunOfAWorkflow = async (owner: Tenant) => {
  const { workflow_id: id } = await aWorkflow(owner);
  const answer = await call(owner, "POST", `${WORKFLOWS}/${id}/execute`, {});
  const { data } = (await answer.json()) as { data: { execution_id: string } };
  return { id, executionId: data.execution_id };
};
const aRunOf = async (owner: Tenant) => ({ id: (await anExecution(owner)).execution_id });
const anEventOf = async (owner: Tenant) => {
  const answer = await call(owner, "POST", `${MARKETING}/triggers/process_event`, { event_type: "SCHEDULED" });
  return { id: ((await answer.json()) as { event_log_id: string }).event_log_id };
};

let contactNumbers = 0;
const aContact = async (owner: Tenant) => {
  const body = { phone: `+1415666${String(contactNumbers++).padStart(4, "0")}` };
  const { contact } = (await made(call(owner, "POST", "/api/v2/contacts", body))) as unknown as {
    contact: { id: string };
  };
  return { contactId: contact.id };
};

export const TABLE: Record<string, Entry> = {
  ...partRoutes("workflows", aCampaignOf, { name: "x" }),
  ...partRoutes("triggers", aTrigger, { name: "x", trigger_type: "TAG_ADDED" }),
  ...partRoutes("actions", anAction, { name: "x", action_type: "add_note", configuration: { note: "n" } }),
  ...partRoutes("conditions", aCondition, { name: "x" }),
  ...partRoutes("event-types", anEventType, { name: "x" }),
  ...Object.fromEntries(
    ["activate", "deactivate", "test"].map((word) => [`POST ${MARKETING}/triggers/:id/${word}`, { make: aTrigger }]),
  ),
  "GET /api/v1/workflow/api/triggers/:id/workflows": { make: aTrigger },
  "POST /api/v1/workflow/api/actions/:id/test": { make: anAction },
  ...joins("trigger"),
  ...joins("action"),
  ...Object.fromEntries(
    ["activate", "archive", "reset"].map((word) => [`POST ${MARKETING}/workflows/:id/${word}`, { make: aCampaignOf }]),
  ),
  "POST /api/v1/workflow/api/workflows/:id/pause": {
    make: async (owner) => {
      const ids = await aCampaignOf(owner);
      await call(owner, "POST", `${MARKETING}/workflows/${ids.id}/activate`);
      return ids;
    },
  },
  "POST /api/v1/workflow/api/workflows/:id/execute": { make: aCampaignOf, body: {} },
  "GET /api/v1/workflow/api/workflows/:id/executions": { make: aCampaignOf },
  "GET /api/v1/workflow/api/workflows/:id/events": { make: aCampaignOf },
  "GET /api/v1/workflow/api/workflow-executions/:id": { make: aRunOf },
  "POST /api/v1/workflow/api/workflow-executions/:id/cancel": { make: aRunOf },
  "GET /api/v1/workflow/api/trigger-event-logs/:id": { make: anEventOf },
  "GET /api/v1/workflow/api/workflows/:id/triggers": { make: aCampaignOf },
  "GET /api/v1/workflow/api/workflows/:id/actions": { make: aCampaignOf },
  "GET /flow/detail/:flow_id": { make: aFlow },
  "POST /flow/status/:flow_id": { make: aFlow, body: { status: "published" } },
  "PUT /flow/update/:flow_id": { make: aFlow, body: { name: "x" } },
  "DELETE /flow/delete/:flow_id": { make: aFlow },
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
  "POST /api/v1/workflows/webhooks/:token": { open: "the token is all that a sender has; core/webhooks.test.ts" },
  "GET /api/v1/workflows/executions/:execution_id": { make: anExecution },
  "POST /api/v1/workflows/executions/:execution_id/cancel": { make: anExecution },
  "GET /api/v1/workflows/:workflow_id": { make: aWorkflow },
  "PUT /api/v1/workflows/:workflow_id": { make: aWorkflow, body: { name: "x" } },
  "DELETE /api/v1/workflows/:workflow_id": { make: aWorkflow },
  "POST /api/v1/workflows/:workflow_id/publish": { make: aWorkflow },
  "POST /api/v1/workflows/:workflow_id/validate": { make: aWorkflow },
  "GET /api/v1/workflows/:workflow_id/permissions": { make: aWorkflow },
  "PUT /api/v1/workflows/:workflow_id/permissions": { make: aWorkflow, body: { permissions: [] } },
  "POST /api/v1/workflows/:workflow_id/execute": { make: aWorkflow },
  "GET /api/v1/workflows/:workflow_id/executions": { make: aWorkflow, query: "?community_id=1" },
  "POST /api/v1/workflows/:workflow_id/test": { make: aWorkflow },
  "GET /api/v1/workflows/:workflow_id/webhooks": { make: aWorkflow },
  "POST /api/v1/workflows/:workflow_id/webhooks": { make: aWorkflow, body: { name: "h" } },
  "PATCH /api/v1/workflows/:workflow_id/webhooks/:webhook_id": { make: aWebhook, body: { name: "i" } },
  "DELETE /api/v1/workflows/:workflow_id/webhooks/:webhook_id": { make: aWebhook },
  "GET /api/v1/reporting/campaigns/:campaign_id/summary": { make: aCampaign },
  "GET /api/v2/dead-letters/:deadLetterId": { make: aDeadLetter },
  "POST /api/v2/dead-letters/:deadLetterId/replay": { make: aDeadLetter },
  "GET /api/v2/messages/:messageId": { make: aMessage },
  "GET /api/v2/messages/:messageId/gates": { make: aMessage },
  ...Object.fromEntries(
    ["inbound", "status", "whatsapp"].map((door) => [
      `POST /webhooks/${door}/:organizationId/:channelId`,
      { open: "the provider's signature is what counts; api/webhooks/channels.test.ts" },
    ]),
  ),
  "GET /webhooks/whatsapp/:organizationId/:channelId": {
    open: "the verify token counts; api/webhooks/channels.test.ts",
  },
  "GET /api/v2/contacts/:contactId": { make: aContact },
  "PUT /api/v2/contacts/:contactId": { make: aContact, body: { tags: ["x"] } },
  "PATCH /api/v2/contacts/:contactId": { make: aContact, body: { tags: ["x"] } },
  "DELETE /api/v2/contacts/:contactId": { make: aContact },
  "GET /api/v2/channels/:channelId": { make: aChannel },
  "PUT /api/v2/channels/:channelId": { make: aChannel, body: { name: "x" } },
  "PATCH /api/v2/channels/:channelId": { make: aChannel, body: { name: "x" } },
  "DELETE /api/v2/channels/:channelId": { make: aChannel },
  "POST /api/v2/channels/:channelId/verify": { make: aChannel },
  "POST /api/v2/channels/:channelId/test": { make: aChannel },
  "GET /api/v2/workflows/:id": { make: anEnhanced },
  "GET /api/v2/analytics/workflows/:id": {
    make: anEnhanced,
    query: "?startDate=2026-11-01&endDate=2026-11-22",
  },
  "GET /api/v2/workflows/:id/stream": { make: anEnhanced },
  "POST /api/v2/actions/test/:actionType": { open: "the name of a type of the catalogue" },
  "GET /api/v2/workflows/:id/variables": { make: anEnhanced },
  "POST /api/v2/workflows/:id/variables": {
    make: anEnhanced,
    body: { name: "x", dataType: "string", scope: "workflow", defaultValue: "v" },
  },
  "DELETE /api/v2/workflows/:id/variables/:name": {
    make: async (owner) => {
      const { id } = await anEnhanced(owner);
      const body = { name: "x", dataType: "string", scope: "workflow", defaultValue: "v" };
      await made(call(owner, "POST", `/api/v2/workflows/${id}/variables`, body));
      return { id, name: "x" };
    },
  },
  "GET /api/v2/workflows/:id/executions": { make: anEnhanced },
  "GET /api/v2/workflows/:id/executions/:executionId": { make: aRunOfAWorkflow },
  "GET /api/v2/executions/:executionId": { make: aRunOfAWorkflow },
  "POST /api/v2/executions/:executionId/cancel": { make: aRunOfAWorkflow },
  "GET /api/v2/executions/:executionId/journal": { make: aRunOfAWorkflow },
  "POST /api/v2/executions/:executionId/replay": { make: aRunOfAWorkflow },
  "POST /api/v2/executions/:executionId/fork": { make: aRunOfAWorkflow, body: { fromSeq: 0 } },
  "POST /api/v2/workflows/:id/backtest": { make: anEnhanced, body: {} },
  "PUT /api/v2/workflows/:id": { make: anEnhanced, body: { name: "x" } },
  "DELETE /api/v2/workflows/:id": { make: anEnhanced },
  "POST /api/v2/workflows/:id/validate": { make: anEnhanced, body: {} },
  "POST /api/v2/workflows/:id/test": { make: anEnhanced, body: { testData: {} } },
  "POST /api/v2/workflows/:id/execute": { make: anActive, body: {} },
  "POST /api/v2/workflows/:id/publish": { make: anEnhanced },
  "POST /api/v2/workflows/:id/pause": { make: anActive },
  "POST /api/v2/workflows/:id/resume": {
    make: async (owner) => {
      const ids = await anActive(owner);
      await call(owner, "POST", `/api/v2/workflows/${ids.id}/pause`);
      return ids;
    },
  },
  "POST /api/v2/queue/jobs/:jobId/retry": {
    make: async (owner) => {
      const { executionId } = await aRunOfAWorkflow(owner);
      await call(owner, "POST", `/api/v2/executions/${executionId}/cancel`);
      return { jobId: executionId! };
    },
    body: {},
  },
  "GET /api/v2/templates/:id": { make: aBlueprint },
  "PUT /api/v2/templates/:id": { make: aBlueprint, body: { name: "x" } },
  "DELETE /api/v2/templates/:id": { make: aBlueprint },
  "POST /api/v2/templates/:id/instantiate": { make: aBlueprint, body: { name: "x" } },
  "POST /api/v2/templates/:id/rate": { make: aBlueprint, body: { rating: 5 } },
  "GET /api/v2/triggers/:workflowId": { make: aTriggerRow },
  "POST /api/v2/triggers/:workflowId": {
    make: aTriggerRow,
    body: { triggerType: "event", triggerName: "t", config: { event_type: "X" } },
  },
  "PUT /api/v2/triggers/:workflowId/:triggerId": { make: aTriggerRow, body: { triggerName: "x" } },
  "PATCH /api/v2/triggers/:workflowId/:triggerId": { make: aTriggerRow, body: { enabled: false } },
  "DELETE /api/v2/triggers/:workflowId/:triggerId": { make: aTriggerRow },
  "GET /api/v2/webhooks/deliveries/:deliveryId": { make: aDelivery },
  "POST /api/v2/webhooks/deliveries/:deliveryId/replay": { make: aDelivery },
  "POST /api/v2/webhooks/receive/:endpointId": { open: "the signature is what counts; enhanced/webhooks.test.ts" },
  "OPTIONS /api/v2/webhooks/receive/:endpointId": {
    open: "browsers ask without credentials; enhanced/webhooks.test.ts",
  },
  "GET /api/v2/webhooks/:endpointId": { make: anEndpoint },
  "PUT /api/v2/webhooks/:endpointId": { make: anEndpoint, body: { name: "x" } },
  "PATCH /api/v2/webhooks/:endpointId": { make: anEndpoint, body: { name: "x" } },
  "DELETE /api/v2/webhooks/:endpointId": { make: anEndpoint },
  "POST /api/v2/webhooks/:endpointId/rotate-secret": { make: anEndpoint },
  "POST /api/v2/webhooks/:endpointId/test": { make: anEndpoint, body: { payload: {} } },
  "DELETE /api/v2/api-keys/:keyId": { make: aKey },
  "PATCH /api/v2/members/:userId": { make: aMember, body: { role: "editor" } },
  "DELETE /api/v2/members/:userId": { make: aMember },
};
