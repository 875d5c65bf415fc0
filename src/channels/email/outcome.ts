// What an SMTP server's answer means for a message (RFC 5321 replies, RFC 3463 enhanced codes). A reply is the server's word that it did not
// take the message, at whatever point. Silence after the message began to go is `unknown`, silence before it is not.

import type { ErrorClass, SendOutcome } from "../channel.ts";
import type { SmtpFault } from "./session.ts";

/** RFC 5321, section 4.2.3, and RFC 4954 for authentication. */
const NAMES: Readonly<Record<number, string>> = {
  421: "Service not available",
  450: "Mailbox unavailable for now",
  451: "Local error in processing",
  452: "Insufficient system storage",
  454: "Temporary authentication failure",
  455: "Server unable to accommodate parameters",
  530: "Authentication required",
  534: "Authentication mechanism is too weak",
  535: "Authentication credentials invalid",
  550: "Mailbox unavailable",
  551: "User not local",
  552: "Exceeded storage allocation",
  553: "Mailbox name not allowed",
  554: "Transaction failed",
  555: "MAIL FROM or RCPT TO parameters not recognized",
};

/** X.1 speaks of the address, X.2 of the mailbox, X.7 of policy: relaying, blocked senders. */
const subjectOf = (reply: string): string => /^\d{3}[ -]\d\.(\d{1,3})\.\d/.exec(reply)?.[1] ?? "";

const classOf = ({ command, replyCode = 0, reply = "" }: SmtpFault): ErrorClass => {
  if (replyCode < 500) return "retry";
  const subject = subjectOf(reply);
  if (command === "RCPT TO") return subject === "7" ? "configuration" : "permanent";
  if (command === "DATA") return subject === "1" || subject === "2" ? "permanent" : "content";
  return "configuration";
};

/** nodemailer's own refusals, made before anything left. */
const LOCAL: Readonly<Record<string, readonly [ErrorClass, string]>> = {
  EAUTH: ["configuration", "Authentication failed"],
  ENOAUTH: ["configuration", "Authentication failed"],
  ETLS: ["configuration", "TLS failed"],
  EENVELOPE: ["permanent", "Address not accepted"],
};

export const smtpOutcome = (fault: SmtpFault): SendOutcome => {
  const { replyCode, left, code, message } = fault;
  if (replyCode !== undefined) {
    const name = NAMES[replyCode] ?? `SMTP ${replyCode}`;
    return { outcome: "refused", class: classOf(fault), code: replyCode, name, message: fault.reply || message };
  }
  if (left) return { outcome: "unknown", reason: message };
  const [errorClass, name] = LOCAL[code] ?? ["retry", "Not connected"];
  return { outcome: "refused", class: errorClass, name, message };
};
