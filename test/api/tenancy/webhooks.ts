// What providers call.
import type { Entry } from "./kit.ts";

export const webhooks: Record<string, Entry> = {
  ...Object.fromEntries(
    ["inbound", "status", "whatsapp"].map((door) => [
      `POST /webhooks/${door}/:organizationId/:channelId`,
      { open: "the provider's signature is what counts; api/webhooks/channels.test.ts" },
    ]),
  ),
  "GET /webhooks/whatsapp/:organizationId/:channelId": {
    open: "the verify token counts; api/webhooks/channels.test.ts",
  },
};
