// The Twilio account that the demo uses when nobody names one. A stand-in takes it; Twilio itself does not. The sender is the one that
// Twilio's own test credentials accept: https://www.twilio.com/docs/iam/test-credentials

export type TwilioAccount = { sid: string; token: string; from: string };

export const DEMO_ACCOUNT: TwilioAccount = {
  sid: `AC${"0".repeat(31)}1`,
  token: "demo-auth-token",
  from: "+15005550006",
};
