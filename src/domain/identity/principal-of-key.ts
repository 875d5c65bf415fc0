// API keys: how one is recognised. A key is 256 random bits after `sk_`; only its SHA-256 is kept.
import { findKeyHolder, touchKey } from "../../db/queries/api-keys.ts";
import { sha256Hex } from "../../lib/hmac.ts";
import type { Principal } from "../context.ts";
import { DomainError } from "../errors.ts";
import type { Ports } from "../ports.ts";

export const KEY_PREFIX = "sk_";
const KEY = /^sk_[A-Za-z0-9_-]{43}$/;
const TOUCH_EVERY_MS = 60_000;

/** Whom a key stands for: its maker, with the role they have now. Throws `unauthenticated`; revoked and unknown sound the same. */
export const principalOfKey = async ({ db, now }: Pick<Ports, "db" | "now">, key: string): Promise<Principal> => {
  const holder = KEY.test(key) ? await findKeyHolder(db, await sha256Hex(key)) : undefined;
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
    role: holder.role,
    keyId: holder.id,
    ...(holder.scopes ? { scopes: holder.scopes } : {}),
  };
};
