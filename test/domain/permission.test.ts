// Who may do what with a workflow: every role, every verb, grants on top.
import { describe, expect, it } from "vitest";
import { type Principal, ROLES, type Role } from "../../src/domain/context.ts";
import { DomainError } from "../../src/domain/errors.ts";
import { authorize, authorizeRole, type Grant, may, VERBS, type Verb } from "../../src/domain/permission.ts";

const who = (role: Role, more: Partial<Principal> = {}): Principal => ({
  kind: "user",
  userId: "u",
  username: "u",
  organizationId: "o",
  role,
  ...more,
});
const foreign = { createdBy: "somebody" };
const grant = (more: Partial<Grant>): { createdBy: string; explicit: Grant } => ({
  createdBy: "somebody",
  explicit: { canView: true, canEdit: false, canDelete: false, canExecute: false, ...more },
});
const allowed = (principal: Principal, grants: Parameters<typeof may>[1]): Verb[] =>
  VERBS.filter((verb) => may(principal, grants, verb));

describe("may", () => {
  it.each<[Role, Verb[]]>([
    ["viewer", ["view"]],
    ["operator", ["view", "execute"]],
    ["editor", ["view", "edit", "execute"]],
    ["admin", [...VERBS]],
    ["owner", [...VERBS]],
  ])("%s, with another's workflow: %j", (role, verbs) => expect(allowed(who(role), foreign)).toEqual(verbs));

  it.each(ROLES)("lets the creator do all, as %s", (role) => {
    expect(allowed(who(role), { createdBy: "u" })).toEqual([...VERBS]);
  });

  it("adds what is granted, and only that", () => {
    expect(allowed(who("viewer"), grant({ canEdit: true }))).toEqual(["view", "edit"]);
    expect(allowed(who("viewer"), grant({ canExecute: true }))).toEqual(["view", "execute"]);
    expect(allowed(who("editor"), grant({ canDelete: true }))).toEqual([...VERBS]);
    expect(allowed(who("editor"), grant({}))).toEqual(["view", "edit", "execute"]);
  });

  it("takes all away by canView false, but not from admins and the creator", () => {
    const hidden = grant({ canView: false, canEdit: true, canExecute: true, canDelete: true });
    expect(allowed(who("viewer"), hidden)).toEqual([]);
    expect(allowed(who("editor"), hidden)).toEqual([]);
    expect(allowed(who("admin"), hidden)).toEqual([...VERBS]);
    expect(allowed(who("editor"), { ...hidden, createdBy: "u" })).toEqual([...VERBS]);
  });

  it("holds a key to its scopes, whoever made it", () => {
    const key = (scopes: string[]) => who("owner", { kind: "key", scopes });
    expect(allowed(key([]), foreign)).toEqual([]);
    expect(allowed(key(["read"]), foreign)).toEqual(["view"]);
    expect(allowed(key(["execute"]), foreign)).toEqual(["execute"]);
    expect(allowed(key(["write"]), { createdBy: "u" })).toEqual(["edit", "delete"]);
    expect(allowed(who("viewer", { kind: "key", scopes: ["read", "write", "execute", "admin"] }), foreign)).toEqual([
      "view",
    ]);
  });
});

describe("authorize", () => {
  const codeOf = (attempt: () => void) => {
    try {
      attempt();
    } catch (error) {
      return error instanceof DomainError ? error.code : "not a DomainError";
    }
    return "allowed";
  };

  it("hides what may not be seen, and forbids the rest", () => {
    expect(codeOf(() => authorize(who("editor"), grant({ canView: false }), "view"))).toBe("not_found");
    expect(codeOf(() => authorize(who("editor"), grant({ canView: false }), "edit"))).toBe("not_found");
    expect(codeOf(() => authorize(who("viewer"), foreign, "edit"))).toBe("forbidden");
    expect(codeOf(() => authorize(who("operator"), foreign, "execute"))).toBe("allowed");
  });

  it("forbids, not hides, what only the key's scope excludes", () => {
    expect(codeOf(() => authorize(who("owner", { scopes: ["execute"] }), foreign, "view"))).toBe("forbidden");
  });

  it("asks for a role and a scope where the organisation is concerned", () => {
    expect(codeOf(() => authorizeRole(who("editor"), "admin", "admin"))).toBe("forbidden");
    expect(codeOf(() => authorizeRole(who("owner", { scopes: ["write"] }), "admin", "admin"))).toBe("forbidden");
    expect(codeOf(() => authorizeRole(who("admin", { scopes: ["admin"] }), "admin", "admin"))).toBe("allowed");
  });
});
