// The policy fields that every node's config may carry: what they look like as written, and what the engine makes of them.
import { z } from "zod";
import type { JsonObject } from "../lib/json.ts";
import type { NodePolicy, NodeType } from "./contract.ts";

export const POLICY_FIELDS = ["retry", "timeout_seconds", "on_error"] as const;

/** `backoff_seconds` before the second attempt, times `multiplier` before each further one. */
export const policySchema = z.strictObject({
  retry: z
    .strictObject({
      max_attempts: z.int().min(1).max(20),
      backoff_seconds: z.number().min(0).max(86_400),
      multiplier: z.number().min(1).max(10).optional(),
    })
    .optional(),
  timeout_seconds: z
    .number()
    .positive()
    .max(366 * 86_400)
    .optional(),
  on_error: z.enum(["fail", "continue", "error"]).optional(),
});

/** The policy fields of a config, and the rest that is the node type's own. A key such as `__proto__` stays a plain key, for the schema to refuse. */
export const splitPolicy = (config: JsonObject): { policy: JsonObject; own: JsonObject } => {
  const isPolicy = ([key]: [string, unknown]) => (POLICY_FIELDS as readonly string[]).includes(key);
  const fields = Object.entries(config);
  return {
    policy: Object.fromEntries(fields.filter(isPolicy)),
    own: Object.fromEntries(fields.filter((field) => !isPolicy(field))),
  };
};

export const ONCE: NodePolicy["retry"] = { maxAttempts: 1, backoffMs: 1_000, multiplier: 2 };

export const policyOf = (written: z.infer<typeof policySchema>, type: NodeType): NodePolicy => ({
  retry: written.retry
    ? {
        maxAttempts: written.retry.max_attempts,
        backoffMs: written.retry.backoff_seconds * 1000,
        multiplier: written.retry.multiplier ?? 2,
      }
    : (type.defaultRetry ?? ONCE),
  ...(!written.retry && type.defaultRetry && { isOwnRetry: true }),
  timeoutMs: written.timeout_seconds === undefined ? undefined : Math.ceil(written.timeout_seconds * 1000),
  onError: written.on_error ?? "fail",
});
