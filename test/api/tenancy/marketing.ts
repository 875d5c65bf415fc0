// The marketing API.
import type { Tenant } from "../../fixtures/identity.ts";
import { anExecution } from "./core.ts";
import { call, type Entry, made } from "./kit.ts";

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
const aRunOf = async (owner: Tenant) => ({ id: (await anExecution(owner)).execution_id });
const anEventOf = async (owner: Tenant) => {
  const answer = await call(owner, "POST", `${MARKETING}/triggers/process_event`, { event_type: "SCHEDULED" });
  return { id: ((await answer.json()) as { event_log_id: string }).event_log_id };
};

export const marketing: Record<string, Entry> = {
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
};
