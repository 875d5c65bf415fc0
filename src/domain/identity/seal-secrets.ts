// The Secrets port over the configured keys.
import { type SealingKey, seal, unseal } from "../../lib/seal.ts";
import type { Secrets } from "../ports.ts";

export const sealSecrets = (keys: readonly SealingKey[]): Secrets => ({
  encrypt: (organizationId, field, plain) => seal(keys, [organizationId, field], plain),
  decrypt: (organizationId, field, sealed) => unseal(keys, [organizationId, field], sealed),
});
