// A chatbot takes bookings: one person on WhatsApp and one by SMS, printed as they saw it.
import { book, type Guest, type Line } from "../conversation/book.ts";
import { BOOKING_FLOW, bookingVisits } from "../conversation/booking-flow.ts";
import { FlowClient } from "../conversation/flow-client.ts";
import { Phones } from "../conversation/phones.ts";
import { until } from "../outside.ts";
import type { Scenario, World } from "../scenario.ts";

const PATIENCE_MS = 20_000;
const COUNTED_MS = 20_000;

const GUESTS: Guest[] = [
  { name: "Ada", phone: "+14155550101", guests: 4, channel: "whatsapp" },
  { name: "Bob", phone: "+14155550102", guests: 8, channel: "sms" },
];

const print = (verdict: World["verdict"], name: string, lines: readonly Line[]): void => {
  for (const { who, text } of lines) {
    const [first, ...rest] = text.split("\n");
    const label = who === "person" ? name : "";
    verdict.fact(`${label.padStart(6)} ${who === "person" ? "»" : "«"} ${first}`);
    for (const line of rest.filter((more) => more !== "")) verdict.fact(`${" ".repeat(9)}${line}`);
  }
};

const sum = (all: readonly Record<string, number>[]): Record<string, number> => {
  const total: Record<string, number> = {};
  for (const one of all) for (const [node, times] of Object.entries(one)) total[node] = (total[node] ?? 0) + times;
  return total;
};

/** What the nodes of the flow say after these guests have booked. */
export const visitsOf = (guests: readonly Guest[]): Record<string, number> =>
  sum(guests.map(({ guests: count }) => bookingVisits(count)));

export const inOrder = (visits: Record<string, number | undefined>): string =>
  JSON.stringify(Object.entries(visits).sort(([a], [b]) => (a < b ? -1 : 1)));

const play = async ({ product, outside, verdict, api }: World): Promise<void> => {
  const client = new FlowClient(product.origin);
  await client.signIn();
  const flow = await client.publish(BOOKING_FLOW);
  const phones = new Phones({ ledgerPath: outside.ledgerPath, origin: product.origin, account: outside.account });
  try {
    for (const guest of GUESTS) {
      const { transcript, expected, waits } = await book(phones, guest, PATIENCE_MS);
      print(verdict, guest.name, transcript);
      verdict.equal(`${guest.name} saw what the flow means, by ${guest.channel}`, transcript, expected);
      verdict.fact(`${Math.max(...waits)} ms from a line to the bot's first word, at most`);
    }
  } finally {
    phones.close();
  }
  const expected = inOrder(visitsOf(GUESTS));
  await until(async () => inOrder(await client.visits(flow)) === expected, COUNTED_MS);
  verdict.equal("transactionCount is the passages", inOrder(await client.visits(flow)), expected);
  verdict.equal("there are no dead letters", await api.deadLetters(), 0);
};

export const conversation: Scenario = { name: "conversation", title: "A chatbot takes bookings", play };
