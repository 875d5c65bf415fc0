// On WhatsApp free text goes only to who has written within 24 hours, and the demo's own server has never heard of anybody. So the person writes
// first, as Twilio would tell it: a callback that is signed with the account's token.
import { createHmac } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { TwilioAccount } from "./twilio-account.ts";

/** Until the message is in its conversation; the callback's answer says only that it is kept. */
const TAKEN_MS = 2_000;

/** Throws when the server does not take it. */
export const writeFirst = async (origin: string, account: TwilioAccount, person: string): Promise<void> => {
  const url = `${origin}/webhooks/inbound`;
  const sid = `SM${Date.now().toString(16).padStart(32, "0")}`;
  const [from, to] = [person, account.from].map((number) => encodeURIComponent(`whatsapp:${number}`));
  const form = new URLSearchParams(
    `MessageSid=${sid}&SmsStatus=received&AccountSid=${account.sid}&From=${from}&To=${to}&Body=What+is+new&NumMedia=0`,
  );
  const signed = [...form].sort(([a], [b]) => (a < b ? -1 : 1)).reduce((text, pair) => text + pair.join(""), url);
  const answer = await fetch(url, {
    method: "POST",
    headers: { "x-twilio-signature": createHmac("sha1", account.token).update(signed).digest("base64") },
    body: form,
  });
  if (!answer.ok) throw new Error(`POST ${url} answered ${answer.status}: ${await answer.text()}`);
  await sleep(TAKEN_MS);
};
