// What happens when events come: the document's complete example, profiles, the log, bounds, executions by hand, and the numbers of it all.
import { beforeAll, describe, expect, it } from "vitest";
import { insertPart } from "../../../src/db/queries/marketing-parts.ts";
import { newId } from "../../../src/lib/ids.ts";
import type { JsonObject } from "../../../src/lib/json.ts";
import { db, join } from "../../fixtures/identity.ts";
import { eventually } from "../../objects/kit.ts";
import { makeOrganization, call as request, type Tenant } from "../core/kit.ts";

const BASE = "/api/v1/workflow/api";
let owner: Tenant;
beforeAll(async () => {
  owner = await makeOrganization();
});

const call = async (method: string, path: string, body?: unknown, who = owner) => {
  const { status, body: answer } = await request(who, method, `${BASE}${path}`, body);
  return { status, ...answer };
};

const post = async (path: string, body: unknown = {}) => {
  const answer = await call("POST", path, body);
  if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer)}`);
  return answer;
};

/** One of the organisation's own. */
const eventType = (code: string, availableFields: JsonObject) =>
  insertPart(db, {
    ...{
      organizationId: owner.organizationId,
      kind: "event_type",
      id: newId(),
      name: code,
      type: code,
      isActive: true,
    },
    ...{ description: "", createdBy: "test", createdAt: 1, updatedAt: 1 },
    body: { category: "custom", availableFields },
  }).run();

type Parts = { trigger: object; actions: object[]; workflow?: object };

/** Made as the document makes them, and activated. */
const campaign = async ({ trigger, actions, workflow = {} }: Parts) => {
  const { id: trigger_id } = await post("/triggers/", { name: "T", ...trigger });
  const { id } = await post("/workflows/", { name: "Campaign", status: "DRAFT", max_executions: 0, ...workflow });
  await post(`/workflows/${id}/add_trigger/`, { trigger_id, priority: 100 });
  const actionIds: string[] = [];
  for (const action of actions) {
    const { id: action_id } = await post("/actions/", { name: "A", ...action });
    await post(`/workflows/${id}/add_action/`, { action_id });
    actionIds.push(action_id);
  }
  await post(`/workflows/${id}/activate/`);
  return { id: id as string, triggerId: trigger_id as string, actionIds };
};

const processed = (id: string) =>
  eventually(async () => {
    const log = await call("GET", `/trigger-event-logs/${id}/`);
    return log.processed ? log : null;
  });

const told = async (body: object) => {
  const answer = await post("/triggers/process_event/", body);
  expect(answer).toEqual({
    status: 200,
    success: true,
    event_log_id: expect.any(String),
    message: "Event queued for processing",
  });
  return processed(answer.event_log_id);
};

const ended = (id: string) =>
  eventually(async () => {
    const run = await call("GET", `/workflow-executions/${id}/`);
    return run.completed_at === null ? null : run;
  });

describe("an event that is told", () => {
  it("starts what the document's complete example makes, and everything says so", async () => {
    const type = `ask_${newId().slice(-6)}`;
    await eventType(type, { content: "string" });
    const filters = {
      operator: "or",
      conditions: [
        { field: "event.data.content", operator: "icontains", value: "discount" },
        { field: "event.data.content", operator: "icontains", value: "کد تخفیف" },
      ],
    };
    const { id, triggerId, actionIds } = await campaign({
      trigger: { name: "Discount Request", trigger_type: type, filters },
      actions: [
        {
          name: "Send",
          action_type: "send_message",
          configuration: { message: "{{user.id}} {{user.first_name}}: SAVE20" },
        },
        { name: "Tag", action_type: "add_tag", configuration: { tag_name: "asked" } },
        {
          name: "Code",
          action_type: "custom_code",
          configuration: {
            code: "print('hello', context['user']['first_name'])\nresult = context['user']['profile']['age'] + 1",
          },
        },
      ],
    });
    const event = {
      event_type: type,
      user_id: "customer-123",
      conversation_id: "conv-456",
      user: { first_name: "آدا", profile: { age: 36 }, email: "Ada@example.com", tags: ["premium"] },
    };
    const log = await told({ ...event, data: { content: "سلام، کد تخفیف دارید؟", more: 1 } });
    expect(log).toMatchObject({
      event_type: type,
      user_id: "customer-123",
      conversation_id: "conv-456",
      event_data: { content: "سلام، کد تخفیف دارید؟", more: 1 },
      status: "PROCESSED",
      warnings: [],
      matched_workflows: [{ workflow_id: id, workflow_name: "Campaign", execution_id: expect.any(String) }],
      unmatched_workflows: [],
    });
    const execution = log.matched_workflows[0].execution_id;
    const run = await ended(execution);
    expect(run).toMatchObject({
      id: execution,
      workflow: id,
      user: "customer-123",
      status: "COMPLETED",
      error_message: null,
    });

    const steps = await eventually(async () => {
      const list = await call("GET", `/workflow-action-executions/?execution=${execution}`);
      return list.count === 3 ? list : null;
    });
    expect(steps.results.map((one: { action: string }) => one.action)).toEqual(actionIds.toReversed());
    expect(steps.results[2]).toMatchObject({ action_name: "Send", action_type: "send_message", status: "COMPLETED" });

    const logs = await call("GET", `/action-logs/?action=${actionIds[2]}&success=true`);
    expect(logs).toMatchObject({
      count: 1,
      results: [
        { success: true, user: "customer-123", result: { result: 37 }, output: expect.arrayContaining(["hello آدا"]) },
      ],
    });
    const sent = await call("GET", `/action-logs/?action=${actionIds[0]}`);
    expect(sent.results[0].result).toMatchObject({ text: "customer-123 آدا: SAVE20" });
    expect((await call("GET", `/action-logs/?action=${actionIds[0]}&success=false`)).count).toBe(0);

    const missed = await told({ ...event, data: { content: "hello" } });
    expect(missed).toMatchObject({
      matched_workflows: [],
      unmatched_workflows: [
        {
          workflow_id: id,
          trigger_id: triggerId,
          trigger_name: "Discount Request",
          failed_condition: { field: "event.data.content", operator: "icontains", actual: "hello" },
        },
      ],
    });
    const ofWorkflow = await call("GET", `/workflows/${id}/events/`);
    expect(ofWorkflow.results.map((one: { id: string }) => one.id)).toEqual([missed.id, log.id]);
    const ofConversation = await call("GET", `/trigger-event-logs/?conversation_id=conv-456&event_type=${type}`);
    expect(ofConversation).toMatchObject({ count: 2, next: null, previous: null });
    const ofUser = await call("GET", `/trigger-event-logs/?user_id=customer-123&event_type=TAG_ADDED`);
    expect(ofUser.results).toMatchObject([
      { event_data: { tag_name: "asked" }, depth: 1 },
      { event_data: { tag_name: "premium" } },
    ]);
    expect((await call("GET", "/trigger-event-logs/?user_id=nobody")).count).toBe(0);
  });

  it("is warned of for a wrong type, and refused for an unknown event type, user or profile", async () => {
    const log = await told({ event_type: "MESSAGE_RECEIVED", data: { content: 5, message_id: "m", anything: true } });
    expect(log).toMatchObject({
      user_id: null,
      warnings: [{ field: "event.data.content", message: "Should be text." }],
    });
    const refused = (body: object) => call("POST", "/triggers/process_event/", body);
    expect(await refused({ event_type: "NOPE" })).toEqual({ status: 400, event_type: ["Select a valid choice."] });
    expect(await refused({})).toEqual({ status: 400, event_type: ["This field is required."] });
    expect(await refused({ event_type: "SCHEDULED", data: [] })).toEqual({ status: 400, data: ["Must be an object."] });
    expect(await refused({ event_type: "SCHEDULED", user_id: " " })).toMatchObject({
      status: 400,
      user_id: [expect.stringContaining("characters of text")],
    });
    const profile = (user: object) => refused({ event_type: "SCHEDULED", user_id: "p", user });
    expect(await profile({ email: "x" })).toEqual({ status: 400, "user.email": ["Not an email address."] });
    expect(await profile({ tags: "x" })).toEqual({ status: 400, "user.tags": ["Must be a list of texts."] });
    expect(await profile({ phone: "12" })).toEqual({ status: 400, "user.phone": ["Invalid phone number format"] });
  });

  it("makes one user whoever tells of them first, and brings their profile up to date", async () => {
    const about = (user: object) =>
      post("/triggers/process_event/", { event_type: "SCHEDULED", user_id: "twice", user });
    await Promise.all(Array.from({ length: 4 }, (_, n) => about({ [`field_${n}`]: n, tags: ["a"] })));
    await about({ field_0: null, tags: ["b"], phone: "+15005550777" });
    const { id } = await campaign({
      trigger: { trigger_type: "MANUAL_TRIGGER" },
      actions: [
        {
          action_type: "add_note",
          configuration: { note: "{{user.tags}} {{user.field_0}} {{user.field_3}} {{user.phone}}" },
        },
      ],
    });
    const started = await post(`/workflows/${id}/execute/`, { context: { user: { id: "twice" } } });
    const run = await ended(started.execution_id);
    expect(run.user).toBe("twice");
    const events = await eventually(async () => {
      const list = await call("GET", "/trigger-event-logs/?user_id=twice&event_type=USER_CREATED");
      return list.count > 0 ? list : null;
    });
    expect(events.count).toBe(1);
    expect(run.actions.find((one: { node_type: string }) => one.node_type === "action_add_note").status).toBe(
      "COMPLETED",
    );
  });
});

describe("a workflow's bounds", () => {
  it("let a user have so many executions, told or by hand, and say why no more", async () => {
    const type = `cap_${newId().slice(-6)}`;
    await eventType(type, {});
    const { id } = await campaign({ trigger: { trigger_type: type }, actions: [], workflow: { max_executions: 2 } });
    const logs = await Promise.all(Array.from({ length: 5 }, () => told({ event_type: type, user_id: "often" })));
    expect(logs.filter(({ matched_workflows }) => matched_workflows.length === 1)).toHaveLength(2);
    const refused = logs.filter(({ unmatched_workflows }) => unmatched_workflows.length === 1);
    expect(refused).toHaveLength(3);
    expect(refused[0].unmatched_workflows[0]).toMatchObject({
      reason: expect.stringContaining("2 of the 2 executions"),
    });
    const byHand = await call("POST", `/workflows/${id}/execute/`, { context: { user: { id: "often" } } });
    expect(byHand).toMatchObject({ error: expect.stringContaining("2 of the 2 executions") });
    expect(byHand.status).toBeGreaterThanOrEqual(400);
    expect((await told({ event_type: type, user_id: "other" })).matched_workflows).toHaveLength(1);
    expect((await call("GET", `/workflows/${id}/executions/?status=completed`)).count).toBe(3);
    expect((await call("GET", `/workflow-executions/?workflow=${id}&user=often`)).count).toBe(2);
  });

  it("start nothing outside its dates", async () => {
    const type = `date_${newId().slice(-6)}`;
    await eventType(type, {});
    const workflow = { end_date: "2020-01-01T00:00:00Z" };
    const { id } = await campaign({ trigger: { trigger_type: type }, actions: [], workflow });
    expect((await told({ event_type: type, user_id: "late" })).unmatched_workflows).toMatchObject([
      { workflow_id: id, reason: "The workflow starts nothing after 2020-01-01T00:00:00.000Z", failed_condition: null },
    ]);
    expect(await call("POST", `/workflows/${id}/execute/`, {})).toMatchObject({
      error: "The workflow starts nothing after 2020-01-01T00:00:00.000Z",
    });
  });
});

describe("executions", () => {
  it("are started by hand with what is given, listed, read, filtered and cancelled", async () => {
    const { id, actionIds } = await campaign({
      trigger: { trigger_type: "TAG_REMOVED" },
      actions: [
        { action_type: "add_note", configuration: { note: "{{event.type}} {{event.data.reason}} {{user.email}}" } },
        { action_type: "wait", configuration: { duration: 1, unit: "hours" } },
      ],
    });
    const context = {
      user: { id: "customer-9", email: "test@example.com", first_name: "John" },
      event: { type: "MESSAGE_RECEIVED", data: { reason: "Testing workflow" } },
    };
    const started = await post(`/workflows/${id}/execute/`, { context });
    expect(started).toMatchObject({ success: true, workflow_id: id, status: "RUNNING" });
    const path = `/workflow-executions/${started.execution_id}/`;
    const waiting = await eventually(async () => {
      const run = await call("GET", path);
      return run.status === "WAITING" || run.status === 200 ? run : null;
    });
    expect(waiting).toMatchObject({ user: "customer-9", workflow: id, completed_at: null });
    const listed = await eventually(async () => {
      const list = await call("GET", `/workflow-executions/?status=WAITING&workflow=${id}`);
      return list.count === 1 ? list : null;
    });
    expect(listed.results[0]).toMatchObject({
      id: started.execution_id,
      trigger_type: "MANUAL_TRIGGER",
      event_log: expect.any(String),
    });
    const from = (ms: number) => `/workflow-executions/?created_at__gte=${new Date(ms).toISOString()}&workflow=${id}`;
    expect((await call("GET", from(Date.now() - 60_000))).count).toBe(1);
    expect((await call("GET", from(Date.now() + 60_000))).count).toBe(0);
    const [note] = (await call("GET", `/action-logs/?action=${actionIds[0]}`)).results;
    expect(note).toMatchObject({ success: true, action_type: "add_note" });

    expect(await call("POST", `${path}cancel/`)).toMatchObject({ success: true, id: started.execution_id });
    expect((await ended(started.execution_id)).completed_at).not.toBeNull();
    expect(await call("POST", `${path}cancel/`)).toMatchObject({ error: "The execution has ended as cancelled" });
    expect(await call("GET", `/workflow-executions/?status=NOPE`)).toMatchObject({
      status: ["Select a valid choice."],
    });
    expect(await call("GET", `/workflow-executions/?created_at__gte=soon`)).toMatchObject({
      created_at__gte: ["Enter a valid date/time."],
    });
    expect(await call("GET", `/workflow-executions/${newId(1)}/`)).toMatchObject({
      error: "Execution not found",
      detail: "No Execution matches the given query.",
    });
  });

  it("are started by nobody who may not, and then nobody is made known either", async () => {
    const viewer = await join(owner.organizationId, `viewer-${newId()}`, "viewer");
    const { id } = await campaign({ trigger: { trigger_type: "TAG_REMOVED" }, actions: [] });
    const context = { user: { id: "unheard-of" } };
    expect((await request(viewer, "POST", `${BASE}/workflows/${id}/execute/`, { context })).status).toBe(403);
    const told = { event_type: "SCHEDULED", user_id: "unheard-of" };
    expect((await request(viewer, "POST", `${BASE}/triggers/process_event/`, told)).status).toBe(403);
    const sql = "SELECT count(*) AS n FROM identities WHERE org_id = ?1 AND value = 'unheard-of'";
    expect(await db.prepare(sql).bind(owner.organizationId).first("n")).toBe(0);
  });

  it("are counted", async () => {
    const other = await makeOrganization();
    const numbers = await call("GET", "/workflows/statistics/", undefined, other);
    expect(numbers).toEqual({
      status: 200,
      total_workflows: 0,
      active_workflows: 0,
      draft_workflows: 0,
      paused_workflows: 0,
      archived_workflows: 0,
      total_executions: 0,
      recent_executions: 0,
      successful_executions: 0,
      failed_executions: 0,
    });
    const mine = await call("GET", "/workflows/statistics/");
    expect(mine.active_workflows).toBe(mine.total_workflows);
    expect(mine.total_executions).toBe((await call("GET", "/workflow-executions/")).count);
    expect(mine.recent_executions).toBe(mine.total_executions);
    expect(mine.successful_executions).toBe((await call("GET", "/workflow-executions/?status=COMPLETED")).count);
    expect(mine.successful_executions).toBeGreaterThan(3);
  });

  it("are seen by nobody else", async () => {
    const stranger = await makeOrganization();
    for (const list of ["workflow-executions", "workflow-action-executions", "action-logs", "trigger-event-logs"]) {
      expect((await call("GET", `/${list}/`)).count).toBeGreaterThan(0);
      expect(await call("GET", `/${list}/`, undefined, stranger)).toMatchObject({ count: 0, results: [] });
    }
  });
});
