// API keys: how one is recognised. A key is 256 random bits after `sk_`; only its SHA-256 is kept.
import { findKeyHolder, touchKey } from "../../db/queries/api-keys.ts";
import type { Principal, Role } from "../context.ts";
import { DomainError } from "../errors.ts";
import type { Ports } from "../ports.ts";

export const KEY_PREFIX = "sk_";
const KEY = /^sk_[A-Za-z0-9_-]{43}$/;
const TOUCH_EVERY_MS = 60_000;

export const hashKey = async (key: string): Promise<string> => {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
};

/** Whom a key stands for: its maker, with the role they have now. Throws `unauthenticated`; revoked and unknown sound the same. */
export const principalOfKey = async ({ db, now }: Pick<Ports, "db" | "now">, key: string): Promise<Principal> => {
  const holder = KEY.test(key) ? await findKeyHolder(db, await hashKey(key)) : undefined;
  if (!holder) throw new DomainError("unauthenticated", "Invalid API key");
  const at = now();
  const since = at - TOUCH_EVERY_MS;
  if ((holder.lastUsedAt ?? 0) < since)
    await touchKey(db, { organizationId: holder.organizationId, id: holder.id, at, since });
  return {
    kind: "key",
    userId: holder.createdBy,
    username: holder.name,
    organizationId: holder.organizationId,
    role: holder.role as Role,
    keyId: holder.id,
    ...(holder.scopes ? { scopes: holder.scopes } : {}),
  };
};
