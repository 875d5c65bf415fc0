// Messages, why one was not sent, whether one could be, and what an organisation wants of all of them.
import { Hono } from "hono";
import { canSend } from "../../../domain/message/can-send.ts";
import { changePolicy, openPolicy } from "../../../domain/message/change-policy.ts";
import { listMessages, readMessage } from "../../../domain/message/read-messages.ts";
import type { AppEnv } from "../../shared/api.ts";
import { parsePage } from "../../shared/page.ts";
import { parseBody, parseQuery } from "../../shared/parse.ts";
import { toPagination } from "../convert.ts";
import { fromCanSend, fromMessageQuery, toCanSend, toGates, toMessage } from "./convert.ts";
import { canSendBody, messageQuery, policyBody } from "./schema.ts";

const BASE = "/api/v2";

export const messages = new Hono<AppEnv>()
  .get(`${BASE}/messages`, async (c) => {
    const page = parsePage(c, "limit");
    const { rows, total } = await listMessages(c.var.context, fromMessageQuery(parseQuery(c, messageQuery)), page);
    return c.json({ messages: rows.map(toMessage), pagination: toPagination(page, total) });
  })
  .post(`${BASE}/messages/can-send`, async (c) =>
    c.json(toCanSend(await canSend(c.var.context, fromCanSend(await parseBody(c, canSendBody, { isRead: true }))))),
  )
  .get(`${BASE}/messages/:messageId`, async (c) =>
    c.json({ message: toMessage(await readMessage(c.var.context, c.req.param("messageId"))) }),
  )
  .get(`${BASE}/messages/:messageId/gates`, async (c) =>
    c.json(toGates(await readMessage(c.var.context, c.req.param("messageId")))),
  )

  .get(`${BASE}/messaging-policy`, async (c) => c.json(await openPolicy(c.var.context)))
  .put(`${BASE}/messaging-policy`, async (c) =>
    c.json(await changePolicy(c.var.context, await parseBody(c, policyBody))),
  );
