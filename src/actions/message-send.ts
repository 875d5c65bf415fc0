// message.send: one message to one person. An unknown outcome is looked up, never repeated blindly (MESSAGING).
import { z } from "zod";
import type { Attempted, MessageReceipt } from "../domain/action-ports.ts";
import { type ActionRequest, defineAction, resultOf, stepOf } from "./action.ts";

const schema = z.strictObject({
  text: z.string().min(1),
  to: z.string().min(1).optional(),
  channel: z.string().min(1).optional(),
});

const told = (answer: Attempted<MessageReceipt> | { outcome: "absent" }, text: string) =>
  resultOf(answer, ({ messageId, providerId, channel, to, status }) => ({
    output: { message_id: messageId, provider_id: providerId, channel, to, text, status },
  }));

const recipientOf = ({ contactId, conversationId }: ActionRequest<unknown>) => ({
  ...(contactId !== undefined && { contactId }),
  ...(conversationId !== undefined && { conversationId }),
});

/** Output `{message_id, provider_id, channel, to, text, status}`. */
export const messageSend = defineAction({
  name: "message.send",
  schema,
  run: async (ports, request) =>
    told(await ports.messages.send(stepOf(request), { ...request.input, ...recipientOf(request) }), request.input.text),
  reconcile: async (ports, request) => told(await ports.messages.reconcile(stepOf(request)), request.input.text),
  mock: ({ text, to, channel }) => ({
    output: {
      message_id: null,
      provider_id: null,
      channel: channel ?? null,
      to: to ?? null,
      text,
      status: "accepted",
      mocked: true,
    },
    log: `Mocked: would send "${text}" to ${to ?? "the contact"}`,
  }),
});
