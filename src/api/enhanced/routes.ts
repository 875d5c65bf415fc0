// The parts of this API, each with its own folder, and the document made of all of them. A handler is parse, convert, verb, convert.
import { OpenAPIHono } from "@hono/zod-openapi";
import { Hono } from "hono";
import { listAudit } from "../../domain/audit/list.ts";
import { changeCodeBudget, readCodeBudget } from "../../domain/code-budget/change-code-budget.ts";
import { listDeadLetters, readDeadLetter } from "../../domain/dead-letter/list.ts";
import { replayDeadLetter } from "../../domain/dead-letter/replay.ts";
import { createApiKey, listKeys, revokeKey } from "../../domain/identity/api-keys.ts";
import { me } from "../../domain/identity/me.ts";
import { addMember, changeRole, listMembers, removeMember } from "../../domain/identity/members.ts";
import { changeRetention, readRetention } from "../../domain/retention/change-retention.ts";
import type { AppEnv } from "../shared/api.ts";
import { parsePage } from "../shared/page.ts";
import { parseBody, parseQuery } from "../shared/parse.ts";
import { routes as actions } from "./actions/routes.ts";
import { routes as analytics } from "./analytics/routes.ts";
import { channels } from "./channels/routes.ts";
import { routes as config } from "./config/routes.ts";
import {
  fromAuditQuery,
  fromCodeBudget,
  fromRetention,
  toAuditEntry,
  toCodeBudget,
  toDeadLetter,
  toKey,
  toMe,
  toMember,
  toPagination,
  toRetention,
} from "./convert.ts";
import { routes as deliveries } from "./deliveries/routes.ts";
import { routes as executions } from "./executions/routes.ts";
import { messages } from "./messages/routes.ts";
import { documentOf } from "./openapi.ts";
import { authenticated, BASE, enhancedOperations } from "./operations.ts";
import { routes as queue } from "./queue/routes.ts";
import {
  addMemberBody,
  auditQuery,
  changeRoleBody,
  codeBudgetBody,
  createKeyBody,
  deadLetterQuery,
  openApi,
  retentionBody,
} from "./schema.ts";
import { routes as stream } from "./stream/routes.ts";
import { routes as templates } from "./templates/routes.ts";
import { routes as triggers } from "./triggers/routes.ts";
import { routes as webhooks } from "./webhooks/routes.ts";
import { routes as workflows } from "./workflows/routes.ts";

const { routes: document, operation } = enhancedOperations();

operation(
  {
    method: "get",
    path: `${BASE}/openapi.json`,
    summary: "This document",
    tag: "Document",
    public: true,
    answers: { 200: openApi },
    errors: [],
  },
  (c) => c.json(documentOf(routes)),
);

const own = new Hono<AppEnv>()
  .use(`${BASE}/*`, authenticated)

  .route("/", messages)
  .route("/", channels)

  .get(`${BASE}/me`, async (c) => c.json(toMe(await me(c.var.context))))

  .get(`${BASE}/api-keys`, async (c) => {
    const page = parsePage(c, "limit");
    const { rows, total } = await listKeys(c.var.context, page);
    return c.json({ apiKeys: rows.map(toKey), pagination: toPagination(page, total) });
  })
  .post(`${BASE}/api-keys`, async (c) => {
    const { key, ...view } = await createApiKey(c.var.context, await parseBody(c, createKeyBody));
    return c.json({ ...toKey(view), key }, 201);
  })
  .delete(`${BASE}/api-keys/:keyId`, async (c) =>
    c.json({ success: true, apiKey: toKey(await revokeKey(c.var.context, c.req.param("keyId"))) }),
  )

  .get(`${BASE}/members`, async (c) => {
    const page = parsePage(c, "limit");
    const { rows, total } = await listMembers(c.var.context, page);
    return c.json({ members: rows.map(toMember), pagination: toPagination(page, total) });
  })
  .post(`${BASE}/members`, async (c) => {
    const { user_id: userId, role } = await parseBody(c, addMemberBody);
    return c.json(toMember(await addMember(c.var.context, { userId, role })), 201);
  })
  .patch(`${BASE}/members/:userId`, async (c) => {
    const { role } = await parseBody(c, changeRoleBody);
    return c.json(toMember(await changeRole(c.var.context, c.req.param("userId"), role)));
  })
  .delete(`${BASE}/members/:userId`, async (c) =>
    c.json({ success: true, member: toMember(await removeMember(c.var.context, c.req.param("userId"))) }),
  )

  .get(`${BASE}/audit`, async (c) => {
    const page = parsePage(c, "limit");
    const filter = fromAuditQuery(parseQuery(c, auditQuery));
    const { rows, total } = await listAudit(c.var.context, filter, page);
    return c.json({ entries: rows.map(toAuditEntry), pagination: toPagination(page, total) });
  })

  .get(`${BASE}/organization/retention`, async (c) => c.json(toRetention(await readRetention(c.var.context))))
  .patch(`${BASE}/organization/retention`, async (c) =>
    c.json(toRetention(await changeRetention(c.var.context, fromRetention(await parseBody(c, retentionBody))))),
  )

  .get(`${BASE}/organization/code-budget`, async (c) => c.json(toCodeBudget(await readCodeBudget(c.var.context))))
  .patch(`${BASE}/organization/code-budget`, async (c) =>
    c.json(toCodeBudget(await changeCodeBudget(c.var.context, fromCodeBudget(await parseBody(c, codeBudgetBody))))),
  )

  .get(`${BASE}/dead-letters`, async (c) => {
    const page = parsePage(c, "limit");
    const { rows, total } = await listDeadLetters(c.var.context, parseQuery(c, deadLetterQuery), page);
    return c.json({ deadLetters: rows.map(toDeadLetter), pagination: toPagination(page, total) });
  })
  .get(`${BASE}/dead-letters/:deadLetterId`, async (c) =>
    c.json(toDeadLetter(await readDeadLetter(c.var.context, c.req.param("deadLetterId")))),
  )
  .post(`${BASE}/dead-letters/:deadLetterId/replay`, async (c) =>
    c.json({
      success: true,
      deadLetter: toDeadLetter(await replayDeadLetter(c.var.context, c.req.param("deadLetterId"))),
    }),
  );

export const routes = new OpenAPIHono<AppEnv>();
for (const part of [
  document,
  actions,
  analytics,
  config,
  executions,
  queue,
  stream,
  workflows,
  templates,
  triggers,
  deliveries,
  webhooks,
])
  routes.route("/", part);
// Last, since it asks who calls before it knows whether there is such a route.
routes.route("/", own);
