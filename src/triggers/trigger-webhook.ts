// trigger_webhook: a call of one of the workflow's own webhooks. Such an event names its workflow; nothing subscribes to it here.
import { z } from "zod";
import { defineTrigger } from "./trigger.ts";

export const triggerWebhook = defineTrigger({
  type: "trigger_webhook",
  title: "Webhook",
  description:
    "Starts when one of the workflow's webhooks is called. The output is the JSON that was sent (under `body` when it is not an object); what the " +
    "sender's headers say is in `event.headers`, such as `event.headers.x-github-event`.",
  schema: z.strictObject({}),
  startedBy: "webhook",
  subscriptions: () => [],
});
