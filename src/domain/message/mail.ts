// A mail of a workflow. To a contact it is a message like any other and passes the one send gate (send.ts), with a row that says what became of it.
// An address that is nobody's that we know (an inbox of the shop's own) has no consent, no clock and no history to judge by: such a mail goes as
// it is, and has no row.
import { findContactByIdentity } from "../../db/queries/contacts.ts";
import { selectMessageOfStep } from "../../db/queries/messages.ts";
import { hasOptedOut } from "../../db/queries/opted-out.ts";
import type { ActionPorts, Attempted, EmailOrder, MailReceipt, MessageReceipt, StepRef } from "../action-ports.ts";
import { suppressionHash } from "../contact/suppression.ts";
import type { MessagingWorld } from "./conclude.ts";
import { readPolicy } from "./policy.ts";
import { quietUntil } from "./quiet-hours.ts";
import { reconcileMessage } from "./reconcile.ts";
import { sendMessage } from "./send.ts";

type Email = ActionPorts["email"];

/** `sendOutside`: a mail to nobody that is known. Two or three D1 reads before what `sendMessage` takes. */
export const sendMail = async (
  world: MessagingWorld,
  step: StepRef,
  order: EmailOrder,
  sendOutside: Email["send"],
): ReturnType<Email["send"]> => {
  const { organizationId } = step;
  const { configured } = await world.channels(organizationId);
  if (!configured.some(({ channel }) => channel.kind === "email")) {
    const message = "No mail server is configured (SMTP_URL)";
    return { outcome: "refused", code: "EMAIL_NOT_CONFIGURED", message, retryable: false };
  }
  const to = bare(order.to);
  if (!(await isSomebodys(world, organizationId, to))) return (await held(world, step)) ?? sendOutside(step, order);
  const { subject, body, isHtml } = order;
  return receiptOf(await sendMessage(world, step, { to, channel: "email", text: body, mail: { subject, isHtml } }));
};

/** Nobody's clock is known of who is not known: the organisation's counts where the workflow names none. */
const held = async (
  world: MessagingWorld,
  { organizationId, quietHours }: StepRef,
): Promise<Attempted<never> | undefined> => {
  if (!quietHours) return undefined;
  const zone = quietHours.timezone ?? (await readPolicy(world.db, organizationId)).timezone;
  const now = world.now();
  const until = quietUntil(quietHours, zone, now);
  return until === now ? undefined : { outcome: "deferred", until, reason: `It is quiet in ${zone}` };
};

/** Without a row it may have been a mail to nobody that is known, and a mail server cannot be asked. */
export const reconcileMail = async (world: MessagingWorld, step: StepRef): ReturnType<Email["reconcile"]> => {
  const row = await selectMessageOfStep(world.db, step.organizationId, step.key).first();
  if (!row) return { outcome: "unknown", reason: "a mail server cannot be asked" };
  const answer = await reconcileMessage(world, step);
  return answer.outcome === "absent" ? answer : receiptOf(answer);
};

/** A contact's, or one at which somebody who has been deleted since had opted out: the message that is made for them is refused, and says so. */
const isSomebodys = async (world: MessagingWorld, organizationId: string, address: string): Promise<boolean> => {
  const identity = { kind: "email" as const, value: address.toLowerCase() };
  if (await findContactByIdentity(world.db, organizationId, identity)) return true;
  return hasOptedOut(world.db, organizationId, identity, await suppressionHash(organizationId, identity));
};

const receiptOf = (answer: Attempted<MessageReceipt>): Attempted<MailReceipt> => {
  if (answer.outcome !== "ok") return answer;
  const { messageId, providerId, to } = answer.value;
  return { outcome: "ok", value: { messageId, providerId: providerId ?? messageId, to } };
};

/** Of `Ada <ada@example.com>` what is inside. */
const bare = (mailbox: string): string => (/<([^<>]*)>\s*$/.exec(mailbox)?.[1] ?? mailbox).trim();
