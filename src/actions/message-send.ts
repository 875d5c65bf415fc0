// message.send: one message to one person. An unknown outcome is looked up, never repeated blindly (MESSAGING).
import { z } from "zod";
import { type Attempted, type MessageOrder, type MessageReceipt, UNKNOWN_POLICIES } from "../domain/action-ports.ts";
import { type ActionRequest, defineAction, resultOf, stepOf } from "./action.ts";

const choice = { id: z.string().min(1), title: z.string().min(1) };
const around = { header: z.string().optional(), footer: z.string().optional() };

const interactive = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("buttons"), ...around, buttons: z.array(z.strictObject(choice)).min(1) }),
  z.strictObject({
    kind: z.literal("list"),
    ...around,
    button: z.string().min(1),
    rows: z
      .array(z.strictObject({ ...choice, description: z.string().optional(), section: z.string().optional() }))
      .min(1),
  }),
]);

/** `template`: goes in the text's place where free text may not go (WhatsApp's closed window), or alone when there is no text. */
const schema = z
  .strictObject({
    text: z.string(),
    media_urls: z.array(z.string().min(1)).max(10).optional(),
    interactive: interactive.optional(),
    template: z
      .strictObject({
        id: z.string().min(1),
        language: z.string().min(1).optional(),
        variables: z.record(z.string(), z.string()).optional(),
      })
      .optional(),
    to: z.string().min(1).optional(),
    channel: z.string().min(1).optional(),
    on_unknown: z.enum(UNKNOWN_POLICIES).optional(),
    /** It is a question: whoever performs it makes its run the owner of the reply before it leaves. */
    reply_within_ms: z.number().min(0).optional(),
  })
  .refine(({ text, media_urls, template }) => text !== "" || media_urls?.length || template, {
    path: ["text"],
    message: "A message has a text, a medium or a template",
  });

const orderOf = ({
  text,
  media_urls: mediaUrls,
  interactive,
  template,
  to,
  channel,
}: z.output<typeof schema>): MessageOrder =>
  JSON.parse(
    JSON.stringify({
      text,
      mediaUrls,
      interactive,
      ...(template && {
        template: { contentSid: template.id, language: template.language, variables: template.variables ?? {} },
      }),
      to,
      channel,
    }),
  ) as MessageOrder;

const told = (answer: Attempted<MessageReceipt> | { outcome: "absent" }, text: string) =>
  resultOf(answer, ({ messageId, providerId, channel, to, status }) => ({
    output: { message_id: messageId, provider_id: providerId, channel, to, text, status },
    service: channel,
  }));

const recipientOf = ({ contactId, conversationId }: ActionRequest<unknown>) => ({
  ...(contactId !== undefined && { contactId }),
  ...(conversationId !== undefined && { conversationId }),
});

/** Output `{message_id, provider_id, channel, to, text, status}`. */
export const messageSend = defineAction({
  name: "message.send",
  schema,
  // Nothing leaves late for it: gates are judged and consent is read right before.
  timeoutMs: 120_000,
  run: async (ports, request) =>
    told(
      await ports.messages.send(stepOf(request), { ...orderOf(request.input), ...recipientOf(request) }),
      request.input.text,
    ),
  reconcile: async (ports, request) =>
    told(await ports.messages.reconcile(stepOf(request), request.input.on_unknown), request.input.text),
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
