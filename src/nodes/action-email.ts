import { filledText, flag, templated, text } from "./config.ts";
import { ATTEMPT_MS, defineNode, passResult } from "./node.ts";

const address = filledText(320).refine((to) => /^[^\s@,;<>]+@[^\s@,;<>]+$/.test(to), "One e-mail address is needed.");
const oneLine = filledText(998).refine((subject) => !/[\r\n]/.test(subject), "It has one line.");

/** Output `{message_id, provider_id, to}`. */
export const actionEmail = defineNode({
  type: "action_email",
  kind: "action",
  writes: "email",
  title: "Send e-mail",
  description:
    "Sends an e-mail. To a contact's address it is a message like any other: consent, quiet hours and caps hold, and its message says what became of it. " +
    "An address that belongs to no contact (an inbox of your own) has none of these, and the mail goes. " +
    "One of which nobody knows whether it left is a failure: a mail server cannot be asked.",
  fields: {
    to: templated(address.meta({ title: "To" })),
    subject: templated(oneLine.meta({ title: "Subject" })),
    body: templated(text(200_000).meta({ title: "Body" })),
    is_html: templated(
      flag.optional().meta({
        title: "The body is HTML",
        description:
          "What templates put into the body is escaped then; a value that is HTML itself says so: `{{ event.data.html | raw }}`.",
      }),
    ),
  },
  // Rendered, it may be a text that says true.
  html: ({ is_html }) => (String(is_html).trim() === "true" ? ["body"] : []),
  onUnknown: "reconcile",
  longestMs: () => 2 * ATTEMPT_MS,
  enter: ({ config: { to, subject, body, is_html } }) => ({
    kind: "perform",
    action: "email.send",
    input: { to, subject, body, is_html: is_html ?? false },
  }),
  resume: passResult,
});
