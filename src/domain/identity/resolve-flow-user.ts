// The user that x-user-id names, as the principal of a request to the flow API (SECURITY "Identity"). Believed with credentials of that same user, or
// from a gateway: one that has the operator's secret, in development anybody where the operator says so.
import {
  findOwnOrganization,
  findRole,
  insertNewcomer,
  isNewcomer,
  type MemberRow,
} from "../../db/queries/organizations.ts";
import { sameText } from "../../lib/constant-time.ts";
import { auditOf, auditOfIf } from "../audit/record.ts";
import type { Principal } from "../context.ts";
import { DomainError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import { defaultOrganization } from "./default-organization.ts";
import { ensureOwnOrganization } from "./own-organization.ts";
import { type Credentials, notMember, resolvePrincipal } from "./resolve-principal.ts";
import type { TokenRules } from "./token.ts";

export type FlowCredentials = Omit<Credentials, "organizationRequired"> & {
  /** The header that names the user, as it was sent. */
  userId: string | undefined;
  gatewaySecret: string | undefined;
};

export type FlowRules = { jwt: TokenRules; trustsEverybody: boolean; gatewaySecret: string | undefined };

type World = Pick<Ports, "db" | "now">;

/** `isAnother`: the credentials are good, and of another user than the one who is named. Throws as `resolvePrincipal` does. */
export const resolveFlowUser = async (
  ports: World,
  credentials: FlowCredentials,
  rules: FlowRules,
): Promise<{ principal: Principal; isAnother: boolean }> => {
  const userId = wholeNumber(credentials.userId);
  if (credentials.authorization !== undefined) {
    const principal = await resolvePrincipal(ports, { ...credentials, organizationRequired: false }, rules.jwt);
    return { principal, isAnother: principal.userId !== userId };
  }
  if (!(await isFromGateway(credentials.gatewaySecret, rules))) {
    const message = "x-user-id alone is not believed here: send the user's token, or the gateway's secret";
    throw new DomainError("unauthenticated", message);
  }
  return { principal: await principalOf(ports, userId, credentials), isAnother: false };
};

const wholeNumber = (text: string | undefined): string => {
  if (text === undefined || text.trim() === "")
    throw new DomainError("unauthenticated", "The header x-user-id is required");
  if (/^[1-9]\d{0,15}$/.test(text.trim()) && Number.isSafeInteger(Number(text))) return text.trim();
  throw new DomainError("unauthenticated", "The header x-user-id must be the id of a user, a whole number");
};

/** A wrong secret is refused even where none is needed. */
const isFromGateway = async (secret: string | undefined, rules: FlowRules): Promise<boolean> => {
  if (secret === undefined) return rules.trustsEverybody;
  return rules.gatewaySecret !== undefined && sameText(secret, rules.gatewaySecret);
};

/**
 * Whom a gateway names acts in the organisation that is named beside, where they must be a member; else in their own, when they have one; else in the
 * deployment's, the one that the operator's channels belong to: they join it as an editor when they first come. Who was removed from it stays out.
 */
const principalOf = async (ports: World, userId: string, credentials: FlowCredentials): Promise<Principal> => {
  const user = { kind: "user" as const, userId, username: `user ${userId}` };
  const named = credentials.organizationId?.trim() || undefined;
  const own = named === undefined ? await findOwnOrganization(ports.db, userId) : undefined;
  const organizationId = named ?? (own?.role ? own.organizationId : await defaultOrganization(ports.db));
  if (organizationId === null) return { ...user, ...(await ensureOwnOrganization(ports, user)) };
  const role = await findRole(ports.db, organizationId, userId);
  if (role !== undefined) return { ...user, organizationId, role };
  if (named !== undefined) throw await notMember(ports, `user:${userId}`, named, credentials.requestId);
  return { ...user, organizationId, role: await join(ports, organizationId, userId, credentials.requestId) };
};

const join = async ({ db, now }: World, organizationId: string, userId: string, requestId: string) => {
  const row: MemberRow = { organizationId, userId, role: "editor", createdBy: userId, createdAt: now() };
  const entry = { action: "member.added", targetType: "member", targetId: userId, details: { role: row.role } };
  const actor = `user:${userId}`;
  const audited = auditOfIf(db, isNewcomer(organizationId, userId), organizationId, actor, requestId, now(), entry);
  await db.batch([audited, insertNewcomer(db, row)]);
  const role = await findRole(db, organizationId, userId);
  if (role !== undefined) return role;
  const message = "You are no longer a member of this organization";
  const refused = { action: "authorization.refused", targetType: "organization", details: { reason: message } };
  await auditOf(db, organizationId, actor, requestId, now(), refused).run();
  throw new DomainError("forbidden", message);
};
