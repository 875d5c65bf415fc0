// A word that withdraws consent is an event like any other for who listens to all messages; no keyword, no answer to a question.
import { expect, it } from "vitest";
import type { Candidate, Waiting } from "../../../src/db/queries/subscriptions.ts";
import { planEvent } from "../../../src/domain/event/plan.ts";
import type { Listeners } from "../../../src/domain/event/read-listeners.ts";
import type { StreamEvent } from "../../../src/domain/event.ts";
import { MAX_EVENT_DEPTH } from "../../../src/domain/event.ts";

const said = (data: StreamEvent["data"], depth = 0): StreamEvent => ({
  id: "00000000-0000-7000-8000-000000000001",
  organizationId: "o",
  type: "MESSAGE_RECEIVED",
  source: "twilio",
  contactId: "c",
  data,
  occurredAt: 10,
  depth,
});

const listening = (workflowId: string, triggerType: string, matchKey: string | null): Candidate => ({
  organizationId: "o",
  eventType: "MESSAGE_RECEIVED",
  matchKey,
  filters: null,
  terms: null,
  workflowId,
  versionId: "v",
  nodeIds: ["t"],
  triggerType,
  variables: {},
});

const question: Waiting = {
  row: 1,
  organizationId: "o",
  eventType: "MESSAGE_RECEIVED",
  contactId: "c",
  executionId: "e",
  waitKey: "q:1",
  filters: null,
  since: 1,
};

const listeners: Listeners = {
  known: new Set(),
  templates: new Map(),
  contactRuns: [],
  toldTo: new Map(),
  processed: new Set(),
  candidates: [listening("all", "trigger_event", null), listening("command", "trigger_command", "!stop")],
  targets: [],
  waiting: [question],
  contacts: [],
};

const whatStarts = async (event: StreamEvent) => {
  const { starts, deliveries, outcome } = await planEvent(event, listeners, 20);
  return {
    starts: starts.map(({ workflowId }) => workflowId),
    answered: deliveries.map(({ executionId }) => executionId),
    stopped: outcome.stopped,
  };
};

it.each([
  [
    "an ordinary message",
    said({ content: "!stop" }),
    { starts: ["all", "command"], answered: ["e"], stopped: undefined },
  ],
  ["an opt-out", said({ content: "!stop", consent: "opt_out" }), { starts: ["all"], answered: [], stopped: "opt_out" }],
  [
    "an opt-out too deep in a chain",
    said({ content: "STOP", consent: "opt_out" }, MAX_EVENT_DEPTH),
    { starts: [], stopped: "depth" },
  ],
  [
    "an opt-out that an API claims",
    { ...said({ content: "!stop", consent: "opt_out" }), source: "api" },
    { starts: ["all", "command"], answered: ["e"], stopped: undefined },
  ],
  [
    "a reply that an API claims to be judged",
    { ...said({ content: "!stop", reply: { outcome: "answered" } }), source: "api" },
    { starts: ["all", "command"], answered: ["e"], stopped: undefined },
  ],
])("%s", async (_, event, expected) => {
  expect(await whatStarts(event)).toMatchObject(expected);
});
