// email.send: one e-mail. A mail server cannot be asked what became of a message, so an unknown outcome is told and never repeated.
import { z } from "zod";
import { defineAction, failed, resultOf, stepOf } from "./action.ts";

/** Output `{message_id, to}`. */
export const emailSend = defineAction({
  name: "email.send",
  schema: z.strictObject({
    to: z.string().min(3),
    subject: z.string(),
    body: z.string(),
    is_html: z.boolean(),
  }),
  timeoutMs: 30_000,
  run: async (ports, request) => {
    const { to, subject, body, is_html: isHtml } = request.input;
    const sent = await ports.email.send(stepOf(request), { to, subject, body, isHtml });
    return resultOf(sent, (mail) => ({ output: { message_id: mail.messageId, to: mail.to } }));
  },
  reconcile: async (_ports, request) =>
    failed(
      "UNKNOWN_OUTCOME",
      `Whether the mail server took the message to ${request.input.to} is not known; it was not sent again`,
    ),
  mock: ({ to, subject }) => ({
    output: { message_id: null, to, mocked: true },
    log: `Mocked: would send "${subject}" to ${to}`,
  }),
});
