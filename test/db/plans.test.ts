// What the queries that look for a few rows of an organisation read: an index that leads there, never all that the organisation has.
import { describe, expect, it } from "vitest";
import { selectAnsweredTemplates, selectRepliedTo } from "../../src/db/queries/answered-templates.ts";
import { listAudit } from "../../src/db/queries/audit.ts";
import { findInboundChannels } from "../../src/db/queries/channels.ts";
import { keepSuppressions, selectConsentHistory, withdrawConsents } from "../../src/db/queries/consent.ts";
import { selectContactRuns } from "../../src/db/queries/contact-runs.ts";
import { deleteContact } from "../../src/db/queries/contact-writes.ts";
import { findContact, findContactByIdentity, listContacts } from "../../src/db/queries/contacts.ts";
import { selectLatestConversation, WILL_BEGIN } from "../../src/db/queries/conversations.ts";
import { findEvent, listEvents } from "../../src/db/queries/event-log.ts";
import { findExecution, listExecutions, listSteps } from "../../src/db/queries/executions.ts";
import { settle } from "../../src/db/queries/facts.ts";
import { listSchedules, schedulesToTell } from "../../src/db/queries/listening.ts";
import { listMessages } from "../../src/db/queries/message-list.ts";
import { listReported, selectCounts, selectErrors, selectRollups } from "../../src/db/queries/message-reports.ts";
import { findClaimedIds, raiseStatuses, selectMessageOfStep } from "../../src/db/queries/messages.ts";
import { selectActivity, selectInbound, selectPeople } from "../../src/db/queries/monitoring.ts";
import { claimOutbound, keepBack, type OutboundRow, selectRecipients } from "../../src/db/queries/outbound.ts";
import { parkStatuses, selectParked } from "../../src/db/queries/parked-statuses.ts";
import { listNextEvents, listPastEvents, readPast } from "../../src/db/queries/past.ts";
import { namesOf, readLimits } from "../../src/db/queries/queue.ts";
import { deletePage, findOrganizations, readPage, type Store } from "../../src/db/queries/retention.ts";
import { countRunIds, findFirstRunId, selectCreated } from "../../src/db/queries/run-counts.ts";
import { findRun, listActionSteps, listRunPage, listRuns } from "../../src/db/queries/run-lists.ts";
import { countMatching } from "../../src/db/queries/segments.ts";
import { selectCandidates, selectTargets, selectWaiters } from "../../src/db/queries/subscriptions.ts";
import {
  anythingPending,
  findOverdueDeliveries,
  findOverdueExecutions,
  findOverdueSchedules,
} from "../../src/db/queries/sweep.ts";
import { findUntold, insertUntoldIf } from "../../src/db/queries/untold-events.ts";
import {
  insertUploaded,
  replaceIdentities,
  selectKnown,
  selectLogged,
  selectOwners,
  selectSuppressions,
  setConsents,
  updateUploaded,
} from "../../src/db/queries/uploads.ts";
import { findEvents, findLogged } from "../../src/db/queries/waiters.ts";
import { findWebhookByToken, findWebhooksWithWorkflow, listWebhooks } from "../../src/db/queries/webhooks.ts";
import { findLatestVersion, findWorkflowHead } from "../../src/db/queries/workflows.ts";
import { testEnv } from "../fixtures/identity.ts";

const page = { limit: 20, offset: 0 };
const outbound: OutboundRow = {
  organizationId: "o",
  id: "m",
  contactId: "c",
  conversationId: "v",
  channel: "sms",
  channelId: null,
  sender: "",
  recipient: "",
  body: "",
  content: null,
  executionId: null,
  stepKey: "s",
  consentEpoch: 0,
  segments: null,
  at: 1,
};

/** The database, and every query that was prepared on it with what was bound. */
const recorder = () => {
  const asked: { query: string; values: unknown[] }[] = [];
  const prepare = (query: string) => {
    const statement = testEnv.DB.prepare(query);
    const bind = statement.bind.bind(statement);
    const entry = { query, values: [] as unknown[] };
    asked.push(entry);
    statement.bind = (...values: unknown[]) => {
      entry.values = values;
      return bind(...values);
    };
    return statement;
  };
  const db = { prepare, batch: (all: D1PreparedStatement[]) => testEnv.DB.batch(all) } as unknown as D1Database;
  return { db, asked };
};

const LEFT_OVER = { parkedBefore: 1, deliveriesBefore: "b", answeredBefore: 1 };

const plansOf = async (ask: (db: D1Database) => unknown): Promise<string[]> => {
  const { db, asked } = recorder();
  await ask(db);
  const plans = await Promise.all(
    asked.map(({ query, values }) =>
      testEnv.DB.prepare(`EXPLAIN QUERY PLAN ${query}`)
        .bind(...values)
        .all<{ detail: string }>(),
    ),
  );
  return plans.flatMap(({ results }) => results.map((row) => row.detail));
};

const range = { organizationId: "o", after: "a", before: "b", last: "b", expired: 1, other: 1 };
const RETENTION = (["executions", "events", "messages", "deadLetters"] as Store[]).flatMap((store) => [
  [`old ${store}`, (db: D1Database) => readPage(db, store, range, 10)] as const,
  [`old ${store} deleted`, (db: D1Database) => deletePage(db, store, range)] as const,
]);

const QUERIES: Record<string, (db: D1Database) => unknown> = {
  "runs of a workflow": (db) =>
    listExecutions(db, "o", { workflowId: "w", statuses: ["failed"], sortBy: "startedAt", order: "desc" }, page),
  "runs of a contact, from a time on": (db) => listRuns(db, "o", { contactId: "c", fromId: "a" }, page),
  "runs of a workflow, from a time on": (db) =>
    listRuns(db, "o", { workflowId: "w", fromId: "a", visibleTo: "u" }, page),
  "a run as it is listed": (db) => findRun(db, "o", "e"),
  "runs by status": (db) => listRunPage(db, "o", { statuses: ["failed", "waiting"], visibleTo: "u" }, page),
  "runs of a workflow by status": (db) =>
    listRunPage(db, "o", { workflowId: "w", statuses: ["failed"], fromId: "a" }, page),
  "runs by priority": (db) => listRuns(db, "o", { priority: 8, statuses: ["queued"] }, page),
  "runs of the usual priority of a workflow": (db) => listRuns(db, "o", { priority: 5, workflowId: "w" }, page),
  "the limits of a queue": (db) => readLimits(db, "o", ["w"]),
  "the names of workflows": (db) => namesOf(db, "o", ["w"]),
  "the oldest run": (db) => findFirstRunId(db, "o", {}),
  "the oldest run of a workflow": (db) => findFirstRunId(db, "o", { workflowId: "w" }),
  "runs created on days": (db) => selectCreated(db, "o", { visibleTo: "u" }, []),
  "runs of a workflow created on days": (db) => selectCreated(db, "o", { workflowId: "w" }, []),
  "runs between two ids": (db) => countRunIds(db, "o", { fromId: "a", toId: "b", limit: 10, visibleTo: "u" }),
  "runs of a workflow between two ids": (db) =>
    countRunIds(db, "o", { workflowId: "w", statuses: ["failed", "waiting"], fromId: "a", toId: "b", limit: 10 }),
  "events of a past time": (db) =>
    listPastEvents(db, "o", { types: ["t"], workflowId: "w", afterId: "a", toId: "b", limit: 10 }),
  "what a contact did next": (db) =>
    listNextEvents(db, "o", { type: "t", contactId: "c", afterId: "a", toId: "b", limit: 9 }),
  "what anybody did next": (db) =>
    listNextEvents(db, "o", { type: "t", contactId: null, afterId: "a", toId: "b", limit: 9 }),
  "what contacts said and got": (db) => readPast(db, "o", ["c"], "a"),
  "what a run's actions did": (db) => listActionSteps(db, "o", { executionId: "e" }, page),
  "what an action did": (db) => listActionSteps(db, "o", { actionId: "a", statuses: ["failed"] }, page),
  "what a workflow's actions did": (db) => listActionSteps(db, "o", { workflowId: "w" }, page),
  "events of a type": (db) => listEvents(db, "o", { type: "t" }, page),
  "events of a contact": (db) => listEvents(db, "o", { contactId: "c", type: "t" }, page),
  "events of a conversation": (db) => listEvents(db, "o", { conversationId: "v" }, page),
  "events of a workflow": (db) => listEvents(db, "o", { workflowId: "w" }, page),
  "an event": (db) => findEvent(db, "o", "e"),
  "runs by duration": (db) => listExecutions(db, "o", { workflowId: "w", sortBy: "duration", order: "asc" }, page),
  "a run": (db) => findExecution(db, "o", "e"),
  "a run's steps": (db) => listSteps(db, "o", "e"),
  "a workflow": (db) => findWorkflowHead(db, "o", "w", "u"),
  "a workflow's latest version": (db) => findLatestVersion(db, "o", "w"),
  "a workflow's webhooks": (db) => listWebhooks(db, "o", "w", page),
  "a webhook with its workflow": (db) => findWebhooksWithWorkflow(db, "o", "w"),
  "a webhook by its token": (db) => findWebhookByToken(db, "t"),
  "a workflow's schedules": (db) => listSchedules(db, "o", "w"),
  "what its schedules are told": (db) => schedulesToTell(db, "o", "w"),
  "what was done to a thing": (db) => listAudit(db, "o", { targetType: "workflow", targetId: "w" }, page),
  "a contact with its identities": (db) => findContact(db, "o", "c"),
  "a contact by their number": (db) => findContactByIdentity(db, "o", { kind: "phone", value: "+551187654321" }),
  "who opted out": (db) => listContacts(db, "o", { consentState: "STOP" }, page),
  "who opted out of those with a number": (db) =>
    listContacts(db, "o", { consentState: "STOP", withNumber: true }, page),
  "a contact's consent": (db) => selectConsentHistory(db, "o", "c", 20).all(),
  "contacts of a file's rows": (db) => selectKnown(db, "o", ["+14155550000"]).all(),
  "whose the identities of a file's rows are": (db) => selectOwners(db, "o", []).all(),
  "suppressions of a file's rows": (db) => selectSuppressions(db, "o", []).all(),
  "events of a file's rows": (db) => selectLogged(db, "o", []).all(),
  "contacts that a file changes": (db) => updateUploaded(db, "o", [], 1).all(),
  "what a file says of consent": (db) =>
    setConsents(db, "o", [], { source: "s", actor: "a", requestId: "r", at: 1 }).all(),
  "identities that a file replaces": (db) => Promise.all(replaceIdentities(db, "o", []).map((one) => one.all())),
  "contacts that a file makes": (db) => Promise.all(insertUploaded(db, "o", [], 1).map((one) => one.all())),
  "facts that are settled": (db) => settle(db, "o", []).all(),
  "a contact that goes": (db) => Promise.all(deleteContact(db, "o", "c").map((one) => one.all())),
  "what is kept of one that goes": (db) => Promise.all(keepSuppressions(db, "o", "c", []).map((one) => one.all())),
  "contacts by one fact": (db) => countMatching(db, "o", { attribute: "a", test: { is: ["sx"] } }).all(),
  "contacts by two facts": (db) =>
    countMatching(db, "o", {
      all: [{ tag: { is: ["x"] } }, { attribute: "a", test: { above: "#1", below: "$" } }],
    }).all(),
  "a contact's conversation": (db) => selectLatestConversation(db, "o", "c").first(),
  "a contact's messages": (db) => findClaimedIds(db, "o", "c", 1),
  "a report's rollups": (db) => selectRollups(db, "o", "", [{ span: 24, from: 0, to: 1 }]).all(),
  "a report's part of an hour": (db) => selectCounts(db, "o", "", { from: 1, to: 2 }).all(),
  "a campaign's part of an hour": (db) => selectCounts(db, "o", "c", { from: 1, to: 2 }).all(),
  "why messages failed": (db) => selectErrors(db, "o", "", 1).all(),
  "an hour's activity": (db) => selectActivity(db, "o", 1).all(),
  "people and campaigns": (db) => selectPeople(db, "o").all(),
  "inbound messages": (db) => selectInbound(db, "o", 1, 20).all(),
  "a step's message": (db) => selectMessageOfStep(db, "o", "s").first(),
  "whom a message is for": (db) => selectRecipients(db, "o", ["c"], { since: 1, fromId: "i" }).all(),
  "a message that leaves": (db) => claimOutbound(db, outbound, { max: 1, since: 1, fromId: "i" }).run(),
  "a message that is held back": (db) => keepBack(db, outbound, { gates: {}, until: 1 }).run(),
  "a conversation that begins": (db) => insertUntoldIf(db, [], 1, WILL_BEGIN).all(),
  "events that are to be told": (db) => findUntold(db, 1, 10),
  "statuses that wait": (db) => selectParked(db, "o", ["SM1"]).all(),
  "statuses to wait": (db) => parkStatuses(db, []).run(),
  "messages of unknown outcome": (db) => listMessages(db, "o", { outcome: "unknown" }, page),
  "messages by status": (db) => listMessages(db, "o", { status: "failed" }, page),
  "messages of a contact": (db) => listMessages(db, "o", { contactId: "c" }, page),
  "whose callback it may be": (db) => findInboundChannels(db, "twilio", ["+1"], 50),
  "who opted out by a status": (db) => withdrawConsents(db, []).run(),
  "statuses of messages": (db) => raiseStatuses(db, ["sent"], []).run(),
  subscriptions: (db) => selectCandidates(db, []).all(),
  "templates that are answered": (db) => selectAnsweredTemplates(db, [], { from: "a", to: "b" }).all(),
  "the message that is answered": (db) => selectRepliedTo(db, "o", "p").first(),
  "runs of a contact": (db) => selectContactRuns(db, []).all(),
  targets: (db) => selectTargets(db, []).all(),
  waits: (db) => selectWaiters(db, []).all(),
  "a contact's events from a time on": (db) =>
    findLogged(db, { organizationId: "o", eventType: "t", contactId: "c", since: 1 }, "i"),
  "events from a time on": (db) =>
    findLogged(db, { organizationId: "o", eventType: "t", contactId: null, since: 1 }, "i"),
  "what a wait has missed": (db) => findEvents(db, "o", ["i"]),
  ...Object.fromEntries(RETENTION),
  "organizations with old data": (db) => findOrganizations(db, "a", { id: "b", at: 1 }, LEFT_OVER, 10),
  "overdue runs": (db) => findOverdueExecutions(db, 1, 10),
  "overdue deliveries": (db) => findOverdueDeliveries(db, { since: 1, until: 2 }, 10),
  "overdue schedules": (db) => findOverdueSchedules(db, 1, 10),
  "whether anything is pending": (db) => anythingPending(db),
};

/** Pages of messages in the order of their index: what is not shown is not sorted. */
const PAGES = [{}, { campaignId: "c" }, { status: "sent" }, { campaignId: "c", status: "sent" }];

describe("query plans", () => {
  it.each(PAGES)("messages of a report by %o", async (filter) => {
    const plans = await plansOf((db) => listReported(db, "o", { ...filter, from: 1, after: { at: 2, id: "" } }, page));
    const narrowed = [
      "org_id=?",
      ...Object.keys(filter).map((name) => (name === "status" ? "status=?" : "campaign_id=?")),
    ];
    for (const condition of narrowed) expect(plans[0]).toContain(condition);
    expect(plans[0]).toContain("(created_at,id)<");
    expect(plans.filter((detail) => /^SCAN|TEMP B-TREE/.test(detail))).toEqual([]);
  });

  it("all contacts, newest first, in the order of their key", async () => {
    const plans = await plansOf((db) => listContacts(db, "o", {}, page));
    expect(plans[0]).toBe("SEARCH c USING PRIMARY KEY (org_id=?)");
    expect(plans.filter((detail) => /^SCAN|TEMP B-TREE/.test(detail))).toEqual([]);
  });

  it("subscriptions by thousands of keys: what they are looked up with is parsed once, not beside each of them", async () => {
    const plans = await plansOf((db) => selectCandidates(db, []).all());
    expect(plans).toContain("MATERIALIZE q");
  });

  it.each(Object.entries(QUERIES))("%s", async (_, ask) => {
    const plans = await plansOf(ask);
    expect(plans.length).toBeGreaterThan(0);
    // `SCAN` of a JSON parameter is a look at what the caller brought, one of a subquery at what was just read.
    const wide = plans.filter((detail) =>
      /^SCAN (?!.*VIRTUAL TABLE|CONSTANT ROW$|t$|q$|f$|\(subquery-\d+\)$)|\(org_id=\?\)/.test(detail),
    );
    // That index holds the few that it is named for.
    expect(wide.filter((detail) => !detail.includes("messages_unknown"))).toEqual([]);
  });
});
