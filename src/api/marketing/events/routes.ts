// Events that are sent to us, and the log of all that happened: a route an operation. A handler is parse, convert, verb, convert.
import { listEventLogs, readEventLog } from "../../../domain/event/read-log.ts";
import { sameRequest } from "../../../domain/idempotency/same-request.ts";
import { processEvent } from "../../../domain/marketing/process-event.ts";
import { depthOf } from "../../shared/hops.ts";
import { idempotencyKeyOf } from "../../shared/idempotency-key.ts";
import { parsePage } from "../../shared/page.ts";
import { toPage } from "../convert.ts";
import { ALWAYS, BASE, marketingOperations } from "../operations.ts";
import { named } from "../profile.ts";
import { fromEvent, fromLogQuery, toEventLog } from "./convert.ts";
import * as schema from "./schema.ts";

const LOGS = `${BASE}/trigger-event-logs` as const;
const tag = "Events";

const { routes, operation } = marketingOperations();

export { routes };

operation(
  {
    method: "post",
    path: `${BASE}/triggers/process_event`,
    summary: "Submit an event",
    tag,
    body: schema.eventBody,
    headers: { "Idempotency-Key": "The same key is the same event, for at least a day" },
    answers: { 200: schema.accepted },
    errors: [400, ...ALWAYS, 413, 422],
  },
  async (c, { body }) => {
    const asked = fromEvent(body);
    const key = idempotencyKeyOf(c);
    const { eventId } = await sameRequest(c.var.context, { of: ["event"], key: key.idempotencyKey, asked }, () =>
      named("user", "user_id", () => processEvent(c.var.context, { ...asked, ...key, ...depthOf(c) })),
    );
    return c.json({ success: true, event_log_id: eventId, message: "Event queued for processing" });
  },
);

operation(
  {
    method: "get",
    path: LOGS,
    summary: "List events, newest first",
    tag,
    query: schema.logQuery,
    answers: { 200: schema.eventLogList },
    errors: [400, ...ALWAYS],
  },
  async (c, { query }) => {
    const page = parsePage(c, "page_size");
    const { rows, total } = await listEventLogs(c.var.context, fromLogQuery(query), page);
    return c.json(toPage(c, page, total, rows.map(toEventLog)));
  },
);

operation(
  {
    method: "get",
    path: `${LOGS}/{id}`,
    summary: "Get an event, what it started, and why others were not started",
    tag,
    answers: { 200: schema.eventLog },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) => c.json(toEventLog(await readEventLog(c.var.context, params.id))),
);

operation(
  {
    method: "get",
    path: `${BASE}/workflows/{id}/events`,
    summary: "List the events that started a workflow, or that its triggers did not match",
    tag: "Workflows",
    query: schema.workflowEventQuery,
    answers: { 200: schema.eventLogList },
    errors: [400, ...ALWAYS, 404],
  },
  async (c, { params }) => {
    const page = parsePage(c, "page_size");
    const { rows, total } = await listEventLogs(c.var.context, { workflowId: params.id }, page);
    return c.json(toPage(c, page, total, rows.map(toEventLog)));
  },
);
