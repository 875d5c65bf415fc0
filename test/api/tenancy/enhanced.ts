// The enhanced API.

import { storeDeadLetters } from "../../../src/domain/dead-letter/store.ts";
import { newId } from "../../../src/lib/ids.ts";
import { db, type Tenant } from "../../fixtures/identity.ts";
import { aWorkflow, WORKFLOWS } from "./core.ts";
import { call, type Entry, made } from "./kit.ts";

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
const anEndpoint = async (owner: Tenant) => {
  const { webhook } = (await made(call(owner, "POST", "/api/v2/webhooks", { name: "h" }))) as unknown as {
    webhook: { id: string };
  };
  return { endpointId: webhook.id };
};
const aTemplate = async (owner: Tenant) => {
  const workflowData = { nodes: [{ id: "e", type: "flow_end" }], edges: [] };
  const body = { name: "t", description: "", category: "c", workflowData };
  const { template } = (await made(call(owner, "POST", "/api/v2/templates", body))) as unknown as {
    template: { id: string };
  };
  return { id: template.id };
};
const anActive = async (owner: Tenant) => {
  const ids = await anEnhanced(owner);
  await call(owner, "POST", `/api/v2/workflows/${ids.id}/publish`, {});
  return ids;
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

export const enhanced: Record<string, Entry> = {
  "GET /api/v2/dead-letters/:deadLetterId": { make: aDeadLetter },
  "POST /api/v2/dead-letters/:deadLetterId/replay": { make: aDeadLetter },
  "GET /api/v2/messages/:messageId": { make: aMessage },
  "GET /api/v2/messages/:messageId/gates": { make: aMessage },
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
  "POST /api/v2/workflows/:id/execute": { make: anEnhanced, body: {} },
  "POST /api/v2/queue/jobs/:jobId/retry": {
    make: async (owner) => {
      const { executionId: jobId } = await aRunOfAWorkflow(owner);
      await call(owner, "POST", `/api/v2/executions/${jobId}/cancel`, {});
      return { jobId: jobId! };
    },
    body: {},
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
  "POST /api/v2/workflows/:id/publish": { make: anEnhanced },
  "POST /api/v2/workflows/:id/pause": { make: anActive },
  "POST /api/v2/workflows/:id/resume": { make: anActive },
  "POST /api/v2/workflows/:id/validate": { make: anEnhanced, body: {} },
  "POST /api/v2/workflows/:id/test": { make: anEnhanced, body: { testData: {} } },
  "GET /api/v2/templates/:id": { make: aTemplate },
  "PUT /api/v2/templates/:id": { make: aTemplate, body: { name: "x" } },
  "DELETE /api/v2/templates/:id": { make: aTemplate },
  "POST /api/v2/templates/:id/instantiate": { make: aTemplate, body: { name: "x" } },
  "POST /api/v2/templates/:id/rate": { make: aTemplate, body: { rating: 5 } },
  "GET /api/v2/triggers/:workflowId": { make: aTriggerRow },
  "POST /api/v2/triggers/:workflowId": {
    make: aTriggerRow,
    body: { triggerType: "event", triggerName: "t", config: { event_type: "X" } },
  },
  "PUT /api/v2/triggers/:workflowId/:triggerId": { make: aTriggerRow, body: { triggerName: "x" } },
  "PATCH /api/v2/triggers/:workflowId/:triggerId": { make: aTriggerRow, body: { enabled: false } },
  "DELETE /api/v2/triggers/:workflowId/:triggerId": { make: aTriggerRow },
  "POST /api/v2/webhooks/receive/:endpointId": { open: "the signature is what counts; enhanced/webhooks.test.ts" },
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
