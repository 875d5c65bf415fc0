// Workflows over HTTP, made of triggers and actions: the document's examples, each state, what each change runs as.
import { beforeAll, describe, expect, it } from "vitest";
import { db } from "../../fixtures/identity.ts";
import { CAMPAIGN, call, DISCOUNT_ACTION, DISCOUNT_TRIGGER, make, makeOrganization, type Tenant } from "./kit.ts";

let owner: Tenant;
beforeAll(async () => {
  owner = await makeOrganization();
});

/** What runs: the published version's nodes by id, and its settings. */
const published = async (workflowId: string) => {
  const row = await db
    .prepare(
      `SELECT v.number, v.definition FROM workflows w JOIN workflow_versions v ON v.org_id = w.org_id AND v.id = w.published_version_id
       WHERE w.org_id = ?1 AND w.id = ?2`,
    )
    .bind(owner.organizationId, workflowId)
    .first<{ number: number; definition: string }>();
  return row && { number: row.number, ...JSON.parse(row.definition) };
};

describe("the document's setup", () => {
  it("makes a workflow that listens, as its commands stand and with its action", async () => {
    const trigger = await make(owner, "/triggers/", DISCOUNT_TRIGGER);
    const action = await make(owner, "/actions/", DISCOUNT_ACTION);
    const workflow = await make(owner, "/workflows/", CAMPAIGN);
    const joined = await call(owner, "POST", `/workflows/${workflow}/add_trigger/`, {
      trigger_id: trigger,
      priority: 100,
    });
    expect(joined).toMatchObject({
      status: 201,
      body: { id: trigger, trigger_name: "Discount Request", priority: 100, is_active: true },
    });
    const added = await call(owner, "POST", `/workflows/${workflow}/add_action/`, { action_id: action });
    expect(added).toMatchObject({ status: 201, body: { id: action, order: 1, is_required: true, condition_id: null } });
    const activated = await call(owner, "POST", `/workflows/${workflow}/activate/`);
    expect(activated).toMatchObject({
      status: 200,
      body: {
        ...CAMPAIGN,
        id: workflow,
        status: "ACTIVE",
        created_by: `user-${owner.userId}`,
        max_executions: 0,
        delay_between_executions: 0,
        start_date: null,
        end_date: null,
        actions: [
          { id: action, action_name: "Send Discount Code", action_type: "send_message", order: 1, is_required: true },
        ],
        triggers: [{ id: trigger, trigger_name: "Discount Request", priority: 100, is_active: true }],
        recent_executions: [],
      },
    });
    const { nodes, settings } = await published(workflow);
    expect(nodes[`a_${action}`]).toMatchObject({ type: "action_chat_message", config: DISCOUNT_ACTION.configuration });
    expect(nodes[`t_${trigger}`].config).toMatchObject({ event_type: "MESSAGE_RECEIVED" });
    expect(settings).toEqual({ priorities: { [`t_${trigger}`]: 100 } });
    const list = await call(owner, "GET", "/workflows/?status=ACTIVE&page=1&page_size=10");
    expect(list.body).toMatchObject({
      count: 1,
      next: null,
      previous: null,
      results: [{ id: workflow, status: "ACTIVE", actions_count: 1, triggers_count: 1, executions_count: 0 }],
    });
  });
});
