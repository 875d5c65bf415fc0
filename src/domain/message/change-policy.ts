// An organisation's messaging policy: reading and replacing it. It is read at each send, so a change holds from the next message on.
import { updatePolicy } from "../../db/queries/messaging-policy.ts";
import { isTimeZone } from "../../lib/time-zone.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { invalid } from "../errors.ts";
import { authorizeRole } from "../permission.ts";
import { type MessagingPolicy, readPolicy } from "./policy.ts";

export const openPolicy = async ({ principal, ports }: Context): Promise<MessagingPolicy> => {
  authorizeRole(principal, "viewer", "read");
  return readPolicy(ports.db, principal.organizationId);
};

/** Replaces all of it. */
export const changePolicy = async (context: Context, policy: MessagingPolicy): Promise<MessagingPolicy> => {
  const { principal, ports } = context;
  authorizeRole(principal, "admin", "admin");
  const { organizationId } = principal;
  if (!isTimeZone(policy.timezone)) throw invalid("timezone", "Must be an IANA time zone.");
  const { quietHours } = policy;
  if (quietHours && quietHours.start === quietHours.end)
    throw invalid("quietHours.end", "Must differ from the start: such quiet hours would last no time, or for ever.");
  const before = await readPolicy(ports.db, organizationId);
  await ports.db.batch([
    updatePolicy(ports.db, organizationId, JSON.stringify(policy)),
    auditStatement(context, {
      action: "messaging_policy.changed",
      targetType: "organization",
      targetId: organizationId,
      details: { from: before, to: policy },
    }),
  ]);
  return policy;
};
