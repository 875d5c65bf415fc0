// The live stream of a workflow, and tickets for those who can send no headers.
import { listen } from "../../../domain/feed/listen.ts";
import { issueTicket } from "../../../domain/feed/tickets.ts";
import { ALWAYS, BASE, enhancedOperations } from "../operations.ts";
import { STREAM_HEADERS, toTicket } from "./convert.ts";
import { identifyListener } from "./identify.ts";
import { liveEvent, streamQuery, ticketAnswer, ticketBody } from "./schema.ts";

const { routes, operation } = enhancedOperations();

operation(
  {
    method: "get",
    path: `${BASE}/workflows/{id}/stream`,
    summary: "Stream what happens in a workflow as Server-Sent Events",
    tag: "Live stream",
    identify: identifyListener,
    streams: true,
    query: streamQuery,
    headers: { "Last-Event-ID": "Goes on behind that event" },
    answers: { 200: liveEvent },
    errors: [...ALWAYS, 404],
  },
  async (c, { params, query }) => {
    const { body } = await listen(c.var.context, params.id, c.req.header("last-event-id") ?? query.lastEventId);
    if (c.req.raw.method !== "HEAD") return c.body(body, 200, STREAM_HEADERS);
    await body.cancel();
    return c.body(null, 200, STREAM_HEADERS);
  },
);

operation(
  {
    method: "post",
    path: `${BASE}/stream-tickets`,
    summary: "Create a single-use ticket for a workflow's stream",
    tag: "Live stream",
    // Whoever may read the workflow may listen to it.
    isRead: true,
    body: ticketBody,
    answers: { 201: ticketAnswer },
    errors: [...ALWAYS, 404],
  },
  async (c, { body: { workflowId } }) =>
    c.json(toTicket(await issueTicket(c.var.context, workflowId), workflowId), 201),
);

export { routes };
