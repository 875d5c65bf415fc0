// The Marketing API as a client sees it: the real worker, its real objects and queues.
import { makeOrganization, type Tenant } from "../../fixtures/identity.ts";
import { type Answer, call as callAny, until } from "../core/kit.ts";

export { type Answer, makeOrganization, type Tenant, until };

export const BASE = "/api/v1/workflow/api";

/** `path` from the base on, as the document writes it: `/triggers/`. */
export const call = (
  who: Tenant,
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
): Promise<Answer> => callAny(who, method, `${BASE}${path}`, body, headers);

/** The id of what was made. */
export const make = async (who: Tenant, path: string, body: unknown): Promise<string> => {
  const answer = await call(who, "POST", path, body);
  if (answer.status !== 201) throw new Error(`could not make it: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body.id;
};

/** An active workflow of one trigger and these actions, in their order. */
export const activate = async (
  who: Tenant,
  { trigger, actions, workflow = {} }: { trigger: object; actions: object[]; workflow?: object },
): Promise<{ id: string; triggerId: string; actionIds: string[] }> => {
  const triggerId = await make(who, "/triggers/", { name: "T", ...trigger });
  const id = await make(who, "/workflows/", { name: "Campaign", max_executions: 0, ...workflow });
  await make(who, `/workflows/${id}/add_trigger/`, { trigger_id: triggerId });
  const actionIds: string[] = [];
  for (const action of actions) {
    const actionId = await make(who, "/actions/", { name: "A", ...action });
    await make(who, `/workflows/${id}/add_action/`, { action_id: actionId });
    actionIds.push(actionId);
  }
  const { status, body } = await call(who, "POST", `/workflows/${id}/activate/`);
  if (status !== 200) throw new Error(`could not activate it: ${JSON.stringify(body)}`);
  return { id, triggerId, actionIds };
};

/** An event that is told, as the log has it once it is processed. */
export const tell = async (who: Tenant, event: object, headers?: Record<string, string>) => {
  const { status, body } = await call(who, "POST", "/triggers/process_event/", event, headers);
  if (status !== 200) throw new Error(`was not told: ${status} ${JSON.stringify(body)}`);
  const logged = await until(
    () => call(who, "GET", `/trigger-event-logs/${body.event_log_id}/`),
    (log) => log.body.processed,
  );
  return logged.body;
};

/** The first execution that an event started, at its end. */
export const runOf = async (who: Tenant, log: { matched_workflows: { execution_id: string }[] }) => {
  const path = `/workflow-executions/${log.matched_workflows[0]!.execution_id}/`;
  const run = await until(
    () => call(who, "GET", path),
    ({ body }) => body.completed_at !== null,
  );
  return run.body;
};

const contains = (value: string) => ({ field: "event.data.content", operator: "icontains", value });

/** The document's own. */
export const DISCOUNT_TRIGGER = {
  name: "Discount Request",
  trigger_type: "MESSAGE_RECEIVED",
  filters: { operator: "or", conditions: [contains("discount"), contains("coupon")] },
};
export const DISCOUNT_ACTION = {
  name: "Send Discount Code",
  action_type: "send_message",
  configuration: { message: "Here is your discount code: SAVE20" },
  order: 1,
};
export const CAMPAIGN = {
  name: "Discount Code Campaign",
  description: "Send discount codes when requested",
  status: "DRAFT",
};
