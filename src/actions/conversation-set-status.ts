// conversation.set_status: opens, parks or closes the run's conversation, or its contact's latest one.
import { z } from "zod";
import { CONVERSATION_STATUSES } from "../domain/action-ports.ts";
import { defineAction, failed, resultOf, stepOf } from "./action.ts";

/** Output `{conversation_id, status, changed}`. */
export const conversationSetStatus = defineAction({
  name: "conversation.set_status",
  schema: z.strictObject({ status: z.enum(CONVERSATION_STATUSES) }),
  run: async (ports, request) => {
    const { conversationId, contactId, input } = request;
    if (conversationId === undefined && contactId === undefined)
      return failed("NO_CONVERSATION", "This run has no conversation and no contact");
    const of = {
      ...(conversationId !== undefined && { conversationId }),
      ...(contactId !== undefined && { contactId }),
    };
    const set = await ports.conversations.setStatus(stepOf(request), of, input.status);
    return resultOf(set, (done) => ({
      output: { conversation_id: done.conversationId, status: done.status, changed: done.changed },
    }));
  },
  mock: ({ status }) => ({
    output: { conversation_id: null, status, changed: true, mocked: true },
    log: `Mocked: would set the conversation to ${status}`,
  }),
});
