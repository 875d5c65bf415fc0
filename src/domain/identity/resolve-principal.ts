// From credentials to a principal: who asks, in which organisation, as what. Membership is read each time; a token is never believed about it.
import { findRole, organizationExists } from "../../db/queries/organizations.ts";
import { auditOf } from "../audit/record.ts";
import type { Principal } from "../context.ts";
import { DomainError, invalid } from "../errors.ts";
import type { Ports } from "../ports.ts";
import { ensureOwnOrganization } from "./own-organization.ts";
import { KEY_PREFIX, principalOfKey } from "./principal-of-key.ts";
import { readToken, type TokenRules } from "./token.ts";

export type Credentials = {
  /** The Authorization header; only `Bearer` counts. */
  authorization: string | undefined;
  /** The organisation that the caller names, before any that their token names. */
  organizationId: string | undefined;
  /** True where it must be named. */
  organizationRequired: boolean;
  requestId: string;
};

/** One D1 read (and at a user's very first use, the making of their organisation). Throws `unauthenticated`, `forbidden`, `invalid_input`. */
export const resolvePrincipal = async (
  ports: Pick<Ports, "db" | "now">,
  credentials: Credentials,
  rules: TokenRules,
): Promise<Principal> => {
  const secret = bearerOf(credentials.authorization);
  const wanted = credentials.organizationId?.trim() || undefined;
  const named = () => {
    if (credentials.organizationRequired && !wanted)
      throw invalid("X-Organization-ID", "This header is required; GET /api/v2/me lists your organizations.");
  };
  if (secret.startsWith(KEY_PREFIX)) {
    const principal = await principalOfKey(ports, secret);
    named();
    if (wanted && wanted !== principal.organizationId) {
      throw await notMember(ports, `key:${principal.keyId}`, wanted, credentials.requestId);
    }
    return principal;
  }
  const claims = await readToken(secret, rules, ports.now());
  named();
  const { userId, username, expiresAt } = claims;
  const user = { kind: "user" as const, userId, username, expiresAt };
  const organizationId = wanted ?? claims.organizationId;
  if (organizationId === undefined) return { ...user, ...(await ensureOwnOrganization(ports, user)) };
  const role = await findRole(ports.db, organizationId, claims.userId);
  if (role === undefined) throw await notMember(ports, `user:${claims.userId}`, organizationId, credentials.requestId);
  return { ...user, organizationId, role };
};

/** The same words for an organisation that does not exist: nobody learns which do. The audit log of one that does shows who tried. */
export const notMember = async (
  { db, now }: Pick<Ports, "db" | "now">,
  actor: string,
  organizationId: string,
  requestId: string,
): Promise<DomainError> => {
  const refusal = new DomainError("forbidden", "You are not a member of this organization", { actor });
  if (await organizationExists(db, organizationId)) {
    const entry = { action: "authorization.refused", targetType: "organization", details: { reason: refusal.message } };
    await auditOf(db, organizationId, actor, requestId, now(), entry).run();
  }
  return refusal;
};

const bearerOf = (header: string | undefined): string => {
  if (header === undefined) throw new DomainError("unauthenticated", "Authentication credentials were not provided.");
  const match = /^bearer +(\S+)$/i.exec(header.trim());
  if (!match) throw new DomainError("unauthenticated", "Authorization must be: Bearer <token>");
  return match[1]!;
};
