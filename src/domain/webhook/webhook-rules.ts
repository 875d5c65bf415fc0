// What the settings of a webhook may be.
import { parseCidr } from "../../lib/ip-address.ts";
import { DomainError, type FieldProblem } from "../errors.ts";
import { type SignatureScheme, secretFault } from "./signature.ts";

export type WebhookChange = {
  name?: string;
  description?: string;
  enabled?: boolean;
  requireSignature?: boolean;
  signatureScheme?: SignatureScheme;
  ipAllowlist?: string[];
  rateLimitMax?: number;
  rateLimitWindow?: number;
  /** The sender's own secret, where the sender makes it (Stripe, Slack, Shopify). */
  secret?: string;
};

/** Throws `invalid_input` that names every bad entry by its path: `ipAllowlist.1`, `secret`. */
export const checkWebhookChange = (change: WebhookChange, scheme: SignatureScheme): void => {
  const problems: FieldProblem[] = [];
  for (const [index, entry] of (change.ipAllowlist ?? []).entries()) {
    if (parseCidr(entry)) continue;
    problems.push({ field: `ipAllowlist.${index}`, message: "must be an IPv4 or IPv6 address, or a CIDR range" });
  }
  const fault = change.secret === undefined ? undefined : secretFault(scheme, change.secret);
  if (fault) problems.push({ field: "secret", message: fault });
  if (problems.length === 0) return;
  throw new DomainError("invalid_input", `${problems[0]!.field}: ${problems[0]!.message}`, { problems });
};
