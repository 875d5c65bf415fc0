// Making, listing and revoking API keys. Members manage their own; admins manage all.
import {
  type ApiKeyRow,
  findApiKey,
  insertApiKey,
  isLiveKey,
  listApiKeys,
  revokeApiKey,
} from "../../db/queries/api-keys.ts";
import { sha256Hex } from "../../lib/hmac.ts";
import { newId, randomToken } from "../../lib/ids.ts";
import { auditStatement, auditStatementIf } from "../audit/record.ts";
import { atLeast, type Context } from "../context.ts";
import { invalid, notFound } from "../errors.ts";
import { authorizeRole, type Scope } from "../permission.ts";
import { KEY_PREFIX } from "./principal-of-key.ts";

/** Characters of a key that lists show. */
const SHOWN = KEY_PREFIX.length + 8;

export type ApiKeyView = Omit<ApiKeyRow, "hash" | "organizationId">;

const viewOf = ({ hash: _, organizationId: __, ...view }: ApiKeyRow): ApiKeyView => view;

/** The key itself is in this answer only. A key can't make a key that does more than itself. */
export const createApiKey = async (
  context: Context,
  wanted: { name: string; scopes?: Scope[] },
): Promise<ApiKeyView & { key: string }> => {
  const { principal, ports } = context;
  authorizeRole(principal, "viewer", "admin");
  const scopes = wanted.scopes ?? principal.scopes ?? null;
  const beyond = principal.scopes && scopes?.find((scope) => !principal.scopes?.includes(scope));
  if (beyond) throw invalid("scopes", `This key lacks the scope ${beyond} itself.`);
  const key = `${KEY_PREFIX}${randomToken(32)}`;
  const at = ports.now();
  const row: ApiKeyRow = {
    organizationId: principal.organizationId,
    id: newId(at),
    name: wanted.name,
    prefix: key.slice(0, SHOWN),
    hash: await sha256Hex(key),
    scopes,
    createdBy: principal.userId,
    createdAt: at,
    lastUsedAt: null,
    revokedAt: null,
  };
  await ports.db.batch([
    insertApiKey(ports.db, row),
    auditStatement(context, {
      action: "api_key.created",
      targetType: "api_key",
      targetId: row.id,
      details: { name: row.name, scopes },
    }),
  ]);
  return { ...viewOf(row), key };
};

/** An admin sees all keys of the organisation, anybody else their own. */
export const listKeys = async (
  { principal, ports }: Context,
  page: { limit: number; offset: number },
): Promise<{ rows: ApiKeyView[]; total: number }> => {
  authorizeRole(principal, "viewer", "admin");
  const own = atLeast(principal.role, "admin") ? {} : { createdBy: principal.userId };
  const { rows, total } = await listApiKeys(ports.db, principal.organizationId, { ...own, ...page });
  return { rows: rows.map(viewOf), total };
};

/** Revoking twice changes nothing the second time. Somebody else's key does not exist for who is no admin. */
export const revokeKey = async (context: Context, id: string): Promise<ApiKeyView> => {
  const { principal, ports } = context;
  authorizeRole(principal, "viewer", "admin");
  const row = await findApiKey(ports.db, principal.organizationId, id);
  if (!row || (row.createdBy !== principal.userId && !atLeast(principal.role, "admin"))) throw notFound("api key");
  if (row.revokedAt !== null) return viewOf(row);
  const revokedAt = ports.now();
  await ports.db.batch([
    auditStatementIf(context, isLiveKey(principal.organizationId, id), {
      action: "api_key.revoked",
      targetType: "api_key",
      targetId: id,
      details: { name: row.name },
    }),
    revokeApiKey(ports.db, principal.organizationId, id, revokedAt),
  ]);
  return viewOf({ ...row, revokedAt });
};
