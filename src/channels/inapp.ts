// The built-in channel: the message that our caller has stored is the delivery, shown in the conversation and in the live stream. It owns
// nothing and asks nobody, so every send is delivered at once under its own id, and a repetition is the same delivery.

import type { Channel } from "./channel.ts";

export const inapp: Channel = {
  kind: "inapp",
  capabilities: {
    addressedBy: "contact",
    maxText: 65_536,
    maxMedia: 10,
    templates: false,
    window: false,
    callbacks: false,
  },
  send: async (message) => ({ outcome: "accepted", providerId: message.id, status: "delivered" }),
  // No provider calls back: whoever claims to be one is not.
  verify: async () => false,
  parse: () => [],
};
