// Who asks, for whom, and with what: the first argument of every verb.
import type { Ports } from "./ports.ts";

export const ROLES = ["viewer", "operator", "editor", "admin", "owner"] as const;
export type Role = (typeof ROLES)[number];

/** An authenticated caller inside one organisation. Organisations come from here, never from a body. */
export type Principal = {
  /** `user` for people (JWT), `key` for API keys. */
  kind: "user" | "key";
  /** JWT `user_id` as text; for a key, the user who made it. */
  userId: string;
  username: string;
  organizationId: string;
  role: Role;
  /** Scopes of an API key; undefined means all that the role allows. */
  scopes?: string[];
  keyId?: string;
  /** When what proves it ends, epoch ms; absent: it has no end of its own. */
  expiresAt?: number;
};

export type Context = {
  principal: Principal;
  ports: Ports;
  requestId: string;
  /** CF-Connecting-IP, when there is one. */
  clientAddress?: string;
};

const RANK: Record<Role, number> = { viewer: 0, operator: 1, editor: 2, admin: 3, owner: 4 };
export const atLeast = (role: Role, needed: Role): boolean => RANK[role] >= RANK[needed];
