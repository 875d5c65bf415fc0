// email.send: one e-mail. A mail server cannot be asked what became of a message, so an unknown outcome is told and never repeated.
import { z } from "zod";
import type { Attempted, MailReceipt } from "../domain/action-ports.ts";
import { defineAction, failed, resultOf, stepOf } from "./action.ts";

const told = (answer: Attempted<MailReceipt> | { outcome: "absent" }) =>
  resultOf(answer, ({ messageId, providerId, to }) => ({
    output: { message_id: messageId, provider_id: providerId, to },
    service: "email",
  }));

/** Output `{message_id, provider_id, to}`. */
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
    return told(await ports.email.send(stepOf(request), { to, subject, body, isHtml }));
  },
  reconcile: async (ports, request) => {
    const answer = await ports.email.reconcile(stepOf(request));
    return answer.outcome === "unknown"
      ? failed(
          "UNKNOWN_OUTCOME",
          `Whether the mail server took the message to ${request.input.to} is not known; it was not sent again`,
        )
      : told(answer);
  },
  mock: ({ to, subject }) => ({
    output: { message_id: null, provider_id: null, to, mocked: true },
    log: `Mocked: would send "${subject}" to ${to}`,
  }),
});
