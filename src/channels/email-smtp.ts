// Email through an SMTP server, by nodemailer (composing and protocol). `worker-mailer`, made for Workers, was weighed and left: its read loop
// never ends once a server closes the connection, which hangs the whole isolate; it falls back to plain text when STARTTLS is missing; it
// writes header values unchecked; it reports faults as prose; and it asks servers never to report a bounce (NOTIFY=NEVER).

import MailComposer from "nodemailer/lib/mail-composer";
import type { Channel, Net, OutboundMessage, ProviderError, SendOutcome } from "./channel.ts";
import { type Mailbox, parseMailbox } from "./email/mailbox.ts";
import { smtpOutcome } from "./email/outcome.ts";
import { sendBySmtp } from "./email/session.ts";
import type { SmtpServer } from "./email/smtp-url.ts";
import { numberedText } from "./interactive.ts";

/** `from` is the default sender, `ada@example.com` or `Ada <ada@example.com>`. */
export type EmailSettings = { server: SmtpServer; from: string };

const refused = (errorClass: ProviderError["class"], name: string): SendOutcome => ({
  outcome: "refused",
  class: errorClass,
  name,
  message: name,
});

/** The id that the message carries for ever; the same on a repetition, so that a mailbox may drop the second copy. */
const messageIdOf = (message: OutboundMessage, sender: Mailbox): string =>
  `${message.id.replace(/[^\w.-]/g, "-")}@${sender.domain}`;

const compose = async (message: OutboundMessage, sender: Mailbox, recipient: Mailbox, now: number) => {
  const mail = new MailComposer({
    from: { name: sender.name, address: sender.address },
    to: { name: recipient.name, address: recipient.address },
    // A line break would end the header; nodemailer folds it away, and so do we, for it is no part of a subject.
    subject: (message.subject ?? "").replace(/[\p{Cc}\s]+/gu, " ").trim(),
    text: message.interactive ? numberedText(message.text ?? "", message.interactive) : message.text,
    html: message.html,
    messageId: `<${messageIdOf(message, sender)}>`,
    date: new Date(now),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return mail.compile().build();
};

const send = async (settings: EmailSettings, message: OutboundMessage, net: Net): Promise<SendOutcome> => {
  const sender = parseMailbox(message.from ?? settings.from);
  const recipient = parseMailbox(message.to);
  if (!sender) return refused("configuration", "Sender is not an email address");
  if (!recipient) return refused("permanent", "Recipient is not an email address");
  if (!message.text && !message.html) return refused("content", "Message has neither text nor HTML");
  if (message.mediaUrls?.length) return refused("content", "Email carries no media by URL");
  if (net.signal?.aborted) return refused("retry", "Given up before it left");
  const bytes = await compose(message, sender, recipient, net.now()).catch(() => undefined);
  if (!bytes) return refused("content", "Message cannot be composed");
  const envelope = { from: sender.address, to: recipient.address };
  const result = await sendBySmtp(settings.server, sender.domain, envelope, bytes, net.signal);
  return result.ok
    ? { outcome: "accepted", providerId: messageIdOf(message, sender), status: "sent" }
    : smtpOutcome(result.fault);
};

export const createEmailSmtp = (settings: EmailSettings): Channel => ({
  kind: "email",
  capabilities: {
    addressedBy: "email",
    maxText: 1_000_000,
    maxMedia: 0,
    templates: false,
    window: false,
    callbacks: false,
  },
  send: (message, net) => send(settings, message, net),
  // SMTP has no callbacks, and no way to ask what became of a message.
  verify: async () => false,
  parse: () => [],
});
