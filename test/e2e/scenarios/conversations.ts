// A thousand people book at once, half of them by SMS, and everything dies in the middle: each of them saw what the flow means, and the nodes count it.
import { setTimeout as sleep } from "node:timers/promises";
import { addressOf, type Booked, book, type Guest } from "../conversation/book.ts";
import { BOOKING_FLOW } from "../conversation/booking-flow.ts";
import { FlowClient } from "../conversation/flow-client.ts";
import { Phones } from "../conversation/phones.ts";
import { until } from "../outside.ts";
import type { Scenario, World } from "../scenario.ts";
import { inOrder, visitsOf } from "./conversation.ts";

/** A crowd on two cores takes its time: nothing here is a promise of a rate. */
const PATIENCE_MS = 600_000;
const COUNTED_MS = 120_000;
/** The share of all messages after which everything dies. */
const KILL_AT = 0.4;
const MESSAGES_EACH = 12;

const guestsOf = (count: number): Guest[] =>
  Array.from({ length: count }, (_, n) => ({
    name: `Guest ${String(n).padStart(4, "0")}`,
    phone: `+1415${String(5_600_000 + n)}`,
    guests: 1 + (n % 12),
    channel: n % 2 === 0 ? "whatsapp" : "sms",
  }));

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

const isRight = ({ transcript, expected }: Booked): boolean => JSON.stringify(transcript) === JSON.stringify(expected);

const play = async ({ product, outside, verdict, api, count }: World): Promise<void> => {
  const people = count * 2;
  const client = new FlowClient(product.origin);
  await client.signIn();
  const flow = await client.publish(BOOKING_FLOW);
  const phones = new Phones({ ledgerPath: outside.ledgerPath, origin: product.origin, account: outside.account });
  const guests = guestsOf(people);
  const heard = () => guests.reduce((sum, guest) => sum + phones.seenBy(addressOf(guest)).length, 0);
  const began = Date.now();
  let booked: Booked[] = [];
  try {
    const crowd = Promise.all(guests.map((guest) => book(phones, guest, PATIENCE_MS)));
    await until(() => heard() >= KILL_AT * people * MESSAGES_EACH, PATIENCE_MS);
    await product.kill();
    verdict.fact(`killed after ${heard()} messages`);
    await sleep(500);
    await product.start();
    booked = await crowd;
  } finally {
    phones.close();
  }
  verdict.fact(
    `${heard()} messages in ${Math.round((Date.now() - began) / 1000)} s; ${phones.repeated} calls repeated`,
  );
  const waits = booked.flatMap((one) => one.waits).sort((a, b) => a - b);
  verdict.fact(
    `from a line to the bot's first word: ${percentile(waits, 0.5)} ms median, ${percentile(waits, 0.99)} ms p99`,
  );
  const wrong = booked.filter((one) => !isRight(one));
  verdict.equal(`${people} transcripts are right`, wrong.length, 0);
  for (const { guest, transcript, expected } of wrong.slice(0, 3))
    verdict.fact(`${guest.name}: ${JSON.stringify(transcript)}; expected ${JSON.stringify(expected)}`);
  const expected = inOrder(visitsOf(guests));
  await until(async () => inOrder(await client.visits(flow)) === expected, COUNTED_MS);
  verdict.equal("transactionCount is the passages", inOrder(await client.visits(flow)), expected);
  verdict.equal("there are no dead letters", await api.deadLetters(), 0);
  verdict.equal("one run each", await api.total(flow), people);
  verdict.equal("all of them completed", await api.total(flow, "completed"), people);
};

export const conversations: Scenario = { name: "conversations", title: "A crowd books at once", play };
