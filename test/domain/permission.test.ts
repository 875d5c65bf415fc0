// Who may do what with a workflow: every role, every verb, grants on top.
import { describe, expect, it } from "vitest";
import { type Principal, ROLES, type Role } from "../../src/domain/context.ts";
import { DomainError } from "../../src/domain/errors.ts";
import { authorizeRole, type Grant, lacking, may, VERBS, type Verb } from "../../src/domain/permission.ts";

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

describe("a refusal", () => {
  const refusalOf = (attempt: () => void): DomainError | undefined => {
    try {
      attempt();
    } catch (error) {
      if (error instanceof DomainError) return error;
      throw error;
    }
    return undefined;
  };

  it("tells a key which scope it lacks, and a person which permission", () => {
    const key = who("owner", { kind: "key", scopes: ["read"] });
    expect(lacking(key, "execute", "workflow")).toMatchObject({
      code: "forbidden",
      subject: "workflow",
      message: "This API key lacks the scope execute",
      details: { requiredScope: "execute" },
    });
    expect(lacking(key, "delete", "workflow").details).toEqual({ requiredScope: "write" });
    expect(lacking(who("viewer"), "edit", "workflow").message).toBe(
      "You lack the permission can_edit on this workflow",
    );
    // Its scope would do; whoever made it may not.
    expect(lacking(who("viewer", { scopes: ["write"] }), "edit", "workflow").message).toContain("can_edit");
  });

  it("asks for a role and a scope where the organisation is concerned", () => {
    expect(refusalOf(() => authorizeRole(who("editor"), "admin", "admin"))?.message).toBe(
      "This requires the role admin",
    );
    expect(refusalOf(() => authorizeRole(who("owner", { scopes: ["write"] }), "admin", "admin"))).toMatchObject({
      message: "This API key lacks the scope admin",
      details: { requiredScope: "admin" },
    });
    expect(refusalOf(() => authorizeRole(who("admin", { scopes: ["admin"] }), "admin", "admin"))).toBeUndefined();
  });
});
