// Who asks, with what, and who else may.
import { createApiKey, listKeys, revokeKey } from "../../../domain/identity/api-keys.ts";
import { me } from "../../../domain/identity/me.ts";
import { addMember, changeRole, listMembers, removeMember } from "../../../domain/identity/members.ts";
import { parsePage } from "../../shared/page.ts";
import { toPagination } from "../convert.ts";
import { ALWAYS, BASE, enhancedOperations } from "../operations.ts";
import { toKey, toMe, toMember } from "./convert.ts";
import * as schema from "./schema.ts";

const { routes, operation } = enhancedOperations();

export { routes };

operation(
  {
    method: "get",
    path: `${BASE}/me`,
    summary: "Get the caller and their organizations",
    tag: "Identity",
    answers: { 200: schema.me },
    errors: [...ALWAYS],
  },
  async (c) => c.json(toMe(await me(c.var.context))),
);

operation(
  {
    method: "get",
    path: `${BASE}/api-keys`,
    summary: "List API keys",
    tag: "Identity",
    query: schema.listQuery,
    answers: { 200: schema.keys },
    errors: [...ALWAYS],
  },
  async (c) => {
    const page = parsePage(c, "limit");
    const { rows, total } = await listKeys(c.var.context, page);
    return c.json({ apiKeys: rows.map(toKey), pagination: toPagination(page, total) });
  },
);

operation(
  {
    method: "post",
    path: `${BASE}/api-keys`,
    summary: "Create an API key",
    tag: "Identity",
    body: schema.createKeyBody,
    answers: { 201: schema.createdKey },
    errors: [...ALWAYS],
  },
  async (c, { body }) => {
    const { key, ...view } = await createApiKey(c.var.context, body);
    return c.json({ ...toKey(view), key }, 201);
  },
);

operation(
  {
    method: "delete",
    path: `${BASE}/api-keys/{keyId}`,
    summary: "Revoke an API key",
    tag: "Identity",
    answers: { 200: schema.revokedKey },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) => c.json({ success: true, apiKey: toKey(await revokeKey(c.var.context, params.keyId)) }),
);

operation(
  {
    method: "get",
    path: `${BASE}/members`,
    summary: "List members",
    tag: "Identity",
    query: schema.listQuery,
    answers: { 200: schema.members },
    errors: [...ALWAYS],
  },
  async (c) => {
    const page = parsePage(c, "limit");
    const { rows, total } = await listMembers(c.var.context, page);
    return c.json({ members: rows.map(toMember), pagination: toPagination(page, total) });
  },
);

operation(
  {
    method: "post",
    path: `${BASE}/members`,
    summary: "Add a member",
    tag: "Identity",
    body: schema.addMemberBody,
    answers: { 201: schema.member },
    errors: [...ALWAYS, 409],
  },
  async (c, { body: { user_id: userId, role } }) =>
    c.json(toMember(await addMember(c.var.context, { userId, role })), 201),
);

operation(
  {
    method: "patch",
    path: `${BASE}/members/{userId}`,
    summary: "Change a member's role",
    tag: "Identity",
    body: schema.changeRoleBody,
    answers: { 200: schema.member },
    errors: [...ALWAYS, 404, 409],
  },
  async (c, { body: { role }, params }) => c.json(toMember(await changeRole(c.var.context, params.userId, role))),
);

operation(
  {
    method: "delete",
    path: `${BASE}/members/{userId}`,
    summary: "Remove a member",
    tag: "Identity",
    answers: { 200: schema.removedMember },
    errors: [...ALWAYS, 404, 409],
  },
  async (c, { params }) =>
    c.json({ success: true, member: toMember(await removeMember(c.var.context, params.userId)) }),
);
