// The catalogue of channels: a provider is one file and one line here. Which channels an organisation has, and where their secrets are kept,
// is not decided here.

import type { Channel } from "./channel.ts";
import { createEmailSmtp, type EmailSettings } from "./email-smtp.ts";
import { inapp } from "./inapp.ts";
import { createTwilio, type TwilioSettings } from "./twilio.ts";

type Settings = { twilio: TwilioSettings; smtp: EmailSettings; inapp: Record<never, never> };

const PROVIDERS: { [P in keyof Settings]: (settings: Settings[P]) => Channel } = {
  twilio: createTwilio,
  smtp: createEmailSmtp,
  inapp: () => inapp,
};

export type Provider = keyof Settings;

/** The channel of a provider, made of its settings. */
export const createChannel = <P extends Provider>(provider: P, settings: Settings[P]): Channel =>
  PROVIDERS[provider](settings);
