// A campaign under SIGKILL: everybody once, nobody after STOP, and what the reports say is what the provider's ledger says.
import { setTimeout as sleep } from "node:timers/promises";
import { acceptedOf, CampaignClient, phoneOf, type Sent } from "../campaign-client.ts";
import { until } from "../outside.ts";
import type { Scenario, World } from "../scenario.ts";

const SHARES = [0.2, 0.45, 0.7];
const END_MS = 900_000;
/** Between reading consent and the request that leaves may lie so long, in ms: the rows of a wave are written, and the provider is called. */
const GRACE_MS = 250;

/** Persons who write STOP while it runs: they may have been written to before, never after. */
const STOPPED = 20;

export type Played = {
  sent: Sent[];
  /** Epoch ms of STOP, by number. */
  stopped: Map<string, number>;
  summary: Record<string, unknown>;
  /** Deliveries that the provider told us of: `heard` we answered, the others were told while we were being killed. */
  delivered: { heard: number; told: number };
  /** Without the time in which nothing ran. */
  seconds: number;
  uploadMs: number;
};

/** `say` tells what was measured. */
export const playCampaign = async (
  { product, outside }: Pick<World, "product" | "outside">,
  { people, kills, say }: { people: number; kills: number; say: (fact: string) => void },
): Promise<Played> => {
  const client = new CampaignClient(product.origin, outside);
  await client.signIn();
  const phones = Array.from({ length: people }, (_, n) => phoneOf(n));
  const uploadMs = await client.upload(phones);
  say(`${people} people uploaded in ${(uploadMs / 1000).toFixed(1)} s`);
  const id = await client.draft("Hi {name}! Welcome to our service.", { on_unknown: "resend" });
  const began = Date.now();
  const triggered = await client.trigger(id);
  if (triggered.estimated_recipients !== people) throw new Error(`triggered: ${JSON.stringify(triggered)}`);
  const count = () => acceptedOf(outside, "Welcome to our service").length;
  const stopped = new Map<string, number>();
  let downMs = 0;
  const reached = async (share: number) => {
    if (!(await until(() => count() >= share * people, END_MS)))
      throw new Error(`only ${count()} of ${people} were sent`);
  };
  for (const share of SHARES.slice(0, kills)) {
    await reached(share);
    const known = new Set(acceptedOf(outside, "Welcome to our service").map(({ to }) => to));
    // People who are still to get it, some of them soon.
    const waiting = phones.filter((phone) => !known.has(phone) && !stopped.has(phone));
    const some = Math.min(waiting.length, Math.ceil(STOPPED / kills));
    const chosen = Array.from({ length: some }, (_, n) => waiting[Math.floor(((n + 0.5) * waiting.length) / some)]!);
    await Promise.all(
      chosen.map(async (phone) => {
        const at = await client.stop(phone);
        if (at > 0) stopped.set(phone, at);
      }),
    );
    const killedAt = Date.now();
    await product.kill();
    say(`killed after ${count()} messages`);
    await sleep(200);
    await product.start();
    downMs += Date.now() - killedAt;
  }
  if (!(await until(async () => (await client.read(id)).status === "COMPLETED", END_MS))) {
    throw new Error(`it does not end: ${JSON.stringify(await client.read(id))}`);
  }
  const sent = acceptedOf(outside, "Welcome to our service");
  const last = Math.max(...sent.map(({ at }) => at));
  // The last callbacks are on their way still.
  const isCounted = async () => deliveredIn(await client.summary(id)) >= deliveriesOf(outside).heard;
  await until(isCounted, 60_000);
  const seconds = (last - began - downMs) / 1000;
  return { sent, stopped, summary: await client.summary(id), seconds, uploadMs, delivered: deliveriesOf(outside) };
};

const deliveredIn = (summary: Record<string, unknown>): number =>
  (summary.performance_metrics as Record<string, number>).messages_delivered!;

const deliveriesOf = (outside: World["outside"]): Played["delivered"] => {
  const told = outside
    .ledger()
    .filter((one) => one.kind === "callback" && (one.body as { MessageStatus: string }).MessageStatus === "delivered");
  const sids = (entries: typeof told) => new Set(entries.map(({ sid }) => sid)).size;
  return { heard: sids(told.filter(({ accepted }) => accepted)), told: sids(told) };
};

/** Claims about what was played, and whether they hold. */
export const judgeCampaign = (
  { sent, stopped, summary, delivered }: Played,
  people: number,
): [string, boolean, unknown][] => {
  const times = Map.groupBy(sent, ({ to }) => to);
  const twice = [...times].filter(([, all]) => all.length > 1);
  const missed = Array.from({ length: people }, (_, n) => phoneOf(n)).filter(
    (phone) => !times.has(phone) && !stopped.has(phone),
  );
  const late = sent.filter(({ to, at }) => at > (stopped.get(to) ?? Number.POSITIVE_INFINITY) + GRACE_MS);
  const metrics = summary.performance_metrics as Record<string, number>;
  const breakdown = summary.status_breakdown as Record<string, number>;
  return [
    ["nobody was missed", missed.length === 0, missed],
    ["nobody was written to twice", twice.length === 0, twice],
    ["nobody was written to after STOP", late.length === 0, late],
    [
      "the summary is the ledger",
      metrics.messages_sent === sent.length &&
        metrics.messages_delivered! >= delivered.heard &&
        metrics.messages_delivered! <= delivered.told,
      { metrics, breakdown, sent: sent.length, delivered },
    ],
  ];
};

const play = async (world: World): Promise<void> => {
  const { verdict, count: people } = world;
  const played = await playCampaign(world, { people, kills: 3, say: (fact) => verdict.fact(fact) });
  verdict.fact(`${played.sent.length} messages, ${played.stopped.size} people wrote STOP before theirs`);
  for (const [claim, holds, found] of judgeCampaign(played, people)) verdict.check(claim, holds, found);
};

export const campaign: Scenario = { name: "campaign", title: "a campaign under SIGKILL", play };
