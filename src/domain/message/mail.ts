// A mail of a workflow. Its address need be nobody's that we know (an inbox of the shop's own), so it is no message to a contact and has no window,
// rate or cap; but whoever has opted out is not written to by this way either.
import { hasOptedOut } from "../../db/queries/opted-out.ts";
import type { ActionPorts, EmailOrder, StepRef } from "../action-ports.ts";
import { suppressionHash } from "../contact/suppression.ts";
import type { Ports } from "../ports.ts";

type Send = ActionPorts["email"]["send"];

/** Consent is read immediately before `send`. One D1 read. */
export const sendMail = async (db: Ports["db"], step: StepRef, order: EmailOrder, send: Send): ReturnType<Send> => {
  const { organizationId } = step;
  const identity = { kind: "email" as const, value: bare(order.to).toLowerCase() };
  const suppression = await suppressionHash(organizationId, identity);
  if (await hasOptedOut(db, organizationId, identity, suppression)) {
    return {
      outcome: "refused",
      code: "CONSENT",
      message: `${order.to} has opted out of messages`,
      retryable: false,
    };
  }
  return send(step, order);
};

/** Of `Ada <ada@example.com>` what is inside. */
const bare = (mailbox: string): string => (/<([^<>]*)>\s*$/.exec(mailbox)?.[1] ?? mailbox).trim();
