// The Marketing API as a client sees it: the real worker, its real objects and queues.
import { makeOrganization, type Tenant } from "../../fixtures/identity.ts";
import { type Answer, call as callAny, until } from "../core/kit.ts";

export { type Answer, makeOrganization, type Tenant, until };

export const BASE = "/api/v1/workflow/api";

/** `path` from the base on, as the document writes it: `/triggers/`. */
export const call = (who: Tenant, method: string, path: string, body?: unknown): Promise<Answer> =>
  callAny(who, method, `${BASE}${path}`, body);

/** The id of what was made. */
export const make = async (who: Tenant, path: string, body: unknown): Promise<string> => {
  const answer = await call(who, "POST", path, body);
  if (answer.status !== 201) throw new Error(`could not make it: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body.id;
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
