// A person who books a table: says each line when the bot's words before it have come, on WhatsApp by its buttons, by SMS by their numbers.
import { SENDERS } from "../scenario.ts";
import { bookingTurns, type Turn } from "./booking-flow.ts";
import type { Phones } from "./phones.ts";

export type Guest = { name: string; phone: string; guests: number; channel: "sms" | "whatsapp" };

export type Line = { who: "person" | "bot"; text: string };

/** `transcript` as the person saw it; `asExpected` as the flow means it. `waits`: ms from each line to the bot's first word on it. */
export type Booked = { guest: Guest; transcript: Line[]; expected: Line[]; waits: number[] };

export const addressOf = ({ phone, channel }: Pick<Guest, "phone" | "channel">): string =>
  channel === "sms" ? phone : `whatsapp:${phone}`;

const choiceOf = (pick: NonNullable<Turn["pick"]>): Record<string, string> =>
  pick.id === "window"
    ? { ListId: pick.id, ListTitle: pick.title }
    : { ButtonPayload: pick.id, ButtonText: pick.title };

export const book = async (phones: Phones, guest: Guest, patienceMs: number): Promise<Booked> => {
  const from = addressOf(guest);
  const to = guest.channel === "sms" ? SENDERS.sms : `whatsapp:${SENDERS.whatsapp}`;
  const transcript: Line[] = [];
  const expected: Line[] = [];
  const waits: number[] = [];
  let heard = 0;
  for (const { say, pick, hear } of bookingTurns(guest.name, guest.guests, { sms: guest.channel === "sms" })) {
    const profile: Record<string, string> =
      guest.channel === "sms" ? {} : { ProfileName: guest.name, WaId: guest.phone.slice(1) };
    const left = await phones.say({ from, to, text: say, more: { ...profile, ...(pick && choiceOf(pick)) } });
    const seen = await phones.hear(from, heard + hear.length, patienceMs);
    const news = seen.slice(heard);
    transcript.push({ who: "person", text: say }, ...news.map(({ text }) => ({ who: "bot" as const, text })));
    expected.push({ who: "person", text: say }, ...hear.map((text) => ({ who: "bot" as const, text })));
    if (news[0]) waits.push(news[0].at - left);
    heard += news.length;
    // A conversation that stands still does not begin to move by more talk.
    if (news.length < hear.length) break;
  }
  return { guest, transcript, expected, waits };
};
