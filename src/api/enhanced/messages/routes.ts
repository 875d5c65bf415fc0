// Messages, why one was not sent, whether one could be, and what an organisation wants of all of them.
import { canSend } from "../../../domain/message/can-send.ts";
import { changePolicy, openPolicy } from "../../../domain/message/change-policy.ts";
import { listMessages, readMessage } from "../../../domain/message/read-messages.ts";
import { parsePage } from "../../shared/page.ts";
import { toPagination } from "../convert.ts";
import { ALWAYS, BASE, enhancedOperations } from "../operations.ts";
import { fromCanSend, fromMessageQuery, toCanSend, toGates, toMessage } from "./convert.ts";
import * as schema from "./schema.ts";

const { routes, operation } = enhancedOperations();

export { routes };

operation(
  {
    method: "get",
    path: `${BASE}/messages`,
    summary: "List messages, newest first",
    tag: "Messages",
    query: schema.messageQuery,
    answers: { 200: schema.messages },
    errors: [...ALWAYS],
  },
  async (c, { query }) => {
    const page = parsePage(c, "limit");
    const { rows, total } = await listMessages(c.var.context, fromMessageQuery(query), page);
    return c.json({ messages: rows.map(toMessage), pagination: toPagination(page, total) });
  },
);

operation(
  {
    method: "post",
    path: `${BASE}/messages/can-send`,
    summary: "Check whether a message would pass the gates now",
    tag: "Messages",
    body: schema.canSendBody,
    isRead: true,
    answers: { 200: schema.sendable },
    errors: [...ALWAYS, 404],
  },
  async (c, { body }) => c.json(toCanSend(await canSend(c.var.context, fromCanSend(body)))),
);

operation(
  {
    method: "get",
    path: `${BASE}/messages/{messageId}`,
    summary: "Get a message",
    tag: "Messages",
    answers: { 200: schema.oneMessage },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) => c.json({ message: toMessage(await readMessage(c.var.context, params.messageId)) }),
);

operation(
  {
    method: "get",
    path: `${BASE}/messages/{messageId}/gates`,
    summary: "Explain why a message was sent or held back",
    tag: "Messages",
    answers: { 200: schema.gates },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) => c.json(toGates(await readMessage(c.var.context, params.messageId))),
);

operation(
  {
    method: "get",
    path: `${BASE}/messaging-policy`,
    summary: "Get the messaging policy",
    tag: "Messages",
    answers: { 200: schema.policy },
    errors: [...ALWAYS],
  },
  async (c) => c.json(await openPolicy(c.var.context)),
);

operation(
  {
    method: "put",
    path: `${BASE}/messaging-policy`,
    summary: "Change the messaging policy",
    tag: "Messages",
    body: schema.policyBody,
    answers: { 200: schema.policy },
    errors: [...ALWAYS],
  },
  async (c, { body }) => c.json(await changePolicy(c.var.context, body)),
);
