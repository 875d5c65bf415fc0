// The policy fields that every node's config may carry: what they look like as written, and what the engine makes of them.
import { z } from "zod";
import type { JsonObject } from "../lib/json.ts";
import type { DefinitionSettings, NodePolicy, NodeType } from "./contract.ts";

const POLICY_FIELDS = ["retry", "timeout_seconds", "on_error"] as const;

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

const MULTIPLIER = 2;

/** A node's own retry, else for an action its workflow's, else its type's. */
export const policyOf = (
  written: z.infer<typeof policySchema>,
  type: NodeType,
  { retry: common }: DefinitionSettings = {},
): NodePolicy => ({
  ...retryOf(written, type, type.kind === "action" ? common : undefined),
  timeoutMs: written.timeout_seconds === undefined ? undefined : Math.ceil(written.timeout_seconds * 1000),
  onError: written.on_error ?? "fail",
});

const retryOf = (
  { retry: own }: z.infer<typeof policySchema>,
  type: NodeType,
  common: DefinitionSettings["retry"],
): Pick<NodePolicy, "retry" | "isOwnRetry"> => {
  if (own) {
    const { max_attempts: maxAttempts, backoff_seconds: seconds, multiplier = MULTIPLIER } = own;
    return { retry: { maxAttempts, backoffMs: seconds * 1000, multiplier } };
  }
  if (common) return { retry: { ...common, multiplier: MULTIPLIER } };
  return type.defaultRetry ? { retry: type.defaultRetry, isOwnRetry: true } : { retry: ONCE };
};
