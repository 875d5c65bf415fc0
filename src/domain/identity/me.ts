// The caller, and every organisation that has them as a member.
import { listOrganizationsOf } from "../../db/queries/organizations.ts";
import type { Context, Role } from "../context.ts";

export type Me = {
  userId: string;
  username: string;
  kind: "user" | "key";
  scopes: string[] | null;
  organizationId: string;
  organizations: { id: string; name: string; role: Role; own: boolean }[];
};

/** A key sees only the organisation that it belongs to. */
export const me = async ({ principal, ports }: Context): Promise<Me> => {
  const rows = await listOrganizationsOf(ports.db, principal.userId);
  const visible = principal.kind === "key" ? rows.filter(({ id }) => id === principal.organizationId) : rows;
  return {
    userId: principal.userId,
    username: principal.username,
    kind: principal.kind,
    scopes: principal.scopes ?? null,
    organizationId: principal.organizationId,
    organizations: visible.map(({ id, name, role, personalFor }) => ({
      id,
      name,
      role,
      own: personalFor === principal.userId,
    })),
  };
};
