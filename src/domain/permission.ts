// May this actor? The first line of every verb. Pure: whoever calls has read the rows.
import { atLeast, type Principal, type Role } from "./context.ts";
import { DomainError } from "./errors.ts";

export const VERBS = ["view", "edit", "delete", "execute"] as const;
/** Retry, replay, resume and test-run are `execute`; publish, pause and webhooks of a workflow are `edit`. */
export type Verb = (typeof VERBS)[number];

/** Scopes of an API key. `admin`: members, keys, audit, dead letters, channels. */
export const SCOPES = ["read", "write", "execute", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** A row of workflow_permissions. */
export type Grant = { canView: boolean; canEdit: boolean; canDelete: boolean; canExecute: boolean };

/** What is known of the caller and one workflow. */
export type Grants = { createdBy: string; explicit?: Grant | null | undefined };

const SCOPE_OF: Record<Verb, Scope> = { view: "read", edit: "write", delete: "write", execute: "execute" };
const ROLE_FOR: Record<Verb, Role> = { view: "viewer", execute: "operator", edit: "editor", delete: "admin" };
const GRANT_OF: Record<Verb, keyof Grant> = {
  view: "canView",
  edit: "canEdit",
  delete: "canDelete",
  execute: "canExecute",
};

const inScope = (principal: Principal, scope: Scope): boolean =>
  principal.scopes === undefined || principal.scopes.includes(scope);

/**
 * viewer: view; operator: and execute; editor: and edit; admin and owner: all. A workflow's creator may do all with it. A grant adds to
 * that, or with `canView: false` takes all away from who is neither admin nor creator. A key never exceeds its scopes.
 */
export const may = (principal: Principal, grants: Grants, verb: Verb): boolean => {
  if (!inScope(principal, SCOPE_OF[verb])) return false;
  if (atLeast(principal.role, "admin") || grants.createdBy === principal.userId) return true;
  if (grants.explicit?.canView === false) return false;
  return atLeast(principal.role, ROLE_FOR[verb]) || grants.explicit?.[GRANT_OF[verb]] === true;
};

/** What the caller, or the key that speaks for them, lacks: why `may` said no. */
export const lacking = (principal: Principal, verb: Verb, subject: string): DomainError => {
  const scope = SCOPE_OF[verb];
  if (!inScope(principal, scope)) return lacksScope(scope, subject);
  return new DomainError("forbidden", `You lack the permission can_${verb} on this ${subject}`, { subject });
};

const lacksScope = (scope: Scope, subject?: string): DomainError =>
  new DomainError("forbidden", `This API key lacks the scope ${scope}`, {
    ...(subject === undefined ? {} : { subject }),
    details: { requiredScope: scope },
  });

/** Of a key that may do nothing but read: whatever a change is about, it is not for it. Throws `forbidden`. */
export const refuseReader = (principal: Principal | undefined): void => {
  if (principal?.scopes?.every((scope) => scope === "read")) {
    throw new DomainError("forbidden", "This API key may only read");
  }
};

/** What a role may do, in the words of a key's scopes. */
const SCOPES_OF_ROLE: Record<Role, readonly Scope[]> = {
  viewer: ["read"],
  operator: ["read", "execute"],
  editor: ["read", "execute", "write"],
  admin: SCOPES,
  owner: SCOPES,
};

/** A key makes nobody who may do more than the key, and touches nobody who does. Throws `forbidden`. */
export const refuseBeyondKey = (principal: Principal, role: Role): void => {
  const beyond = SCOPES_OF_ROLE[role].find((scope) => !inScope(principal, scope));
  if (beyond) throw lacksScope(beyond, "member");
};

/** Nor does it let anybody do with a workflow what it may not do itself. Throws `forbidden`. */
export const refuseGrantsBeyondKey = (principal: Principal, grants: readonly Grant[]): void => {
  const beyond = VERBS.find((verb) => !inScope(principal, SCOPE_OF[verb]) && grants.some((one) => one[GRANT_OF[verb]]));
  if (beyond) throw lacksScope(SCOPE_OF[beyond], "workflow");
};

/** For what concerns the organisation as a whole: a role and, for a key, a scope. Throws `forbidden`. */
export const authorizeRole = (principal: Principal, role: Role, scope: Scope): void => {
  if (!inScope(principal, scope)) throw lacksScope(scope);
  if (!atLeast(principal.role, role)) throw new DomainError("forbidden", `This requires the role ${role}`);
};
