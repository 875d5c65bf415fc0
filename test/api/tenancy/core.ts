// The core API.
import type { Tenant } from "../../fixtures/identity.ts";
import { call, type Entry, made } from "./kit.ts";

const madeData = async (answer: Promise<Response>) => (await made(answer)).data as unknown as Record<string, string>;
export const WORKFLOWS = "/api/v1/workflows";
const nap = { nodes: { nap: { node_type: "action_delay", config: { duration: 1, unit: "hours" } } } };
export const aWorkflow = async (owner: Tenant) => {
  const { workflow_id } = await madeData(call(owner, "POST", WORKFLOWS, { name: "w", entity_id: 1, ...nap }));
  return { workflow_id: workflow_id! };
};
const aWebhook = async (owner: Tenant) => {
  const { workflow_id } = await aWorkflow(owner);
  const { webhook_id } = await madeData(call(owner, "POST", `${WORKFLOWS}/${workflow_id}/webhooks`, { name: "h" }));
  return { workflow_id, webhook_id: webhook_id! };
};
export const anExecution = async (owner: Tenant) => {
  const { workflow_id } = await aWorkflow(owner);
  const answer = await call(owner, "POST", `${WORKFLOWS}/${workflow_id}/execute`, {});
  const { data } = (await answer.json()) as { data: { execution_id: string } };
  return { execution_id: data.execution_id };
};

export const core: Record<string, Entry> = {
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
};
