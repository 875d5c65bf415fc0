// A campaign's rate over several lanes, beside others who use the same sender: whatever is late (timers, writes, calls between objects), no
// sliding second holds more than its rate. The clock is a virtual one; lanes, waves and slots are the real ones.
import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LATE_MS, takeSlots } from "../../src/domain/message/pacing.ts";
import { carry, carryFor, type Freight, type Gatekeeper, handOver } from "../../src/objects/campaign/lane.ts";
import { effectiveRate, isLowered, type Lease, Line } from "../../src/objects/campaign/line.ts";

type Channels = Parameters<typeof carryFor>[0];

const late = vi.hoisted(() => ({ next: (): number => 0 }));
/** Timers fire when they can, not when they should. */
vi.mock("../../src/lib/pause.ts", () => ({
  pause: (ms: number) => new Promise((resolve) => setTimeout(resolve, ms + late.next())),
}));

const took = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Most of `times` within any second. */
const densest = (times: readonly number[]): number => {
  const sorted = times.toSorted((a, b) => a - b);
  let most = 0;
  for (let first = 0, last = 0; last < sorted.length; last++) {
    while (sorted[last]! - sorted[first]! >= 1_000) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
};

/** Delays in ms, in the order in which they are met. */
const delays = (given: readonly number[]) => {
  let met = 0;
  return () => given[met++ % given.length]!;
};

const play = async (of: {
  sender: number;
  campaign: number | null;
  lanes: number;
  waves: number;
  size: number;
  others: number;
  delay: () => number;
}): Promise<{ own: number[]; all: number[]; recipients: string[] }> => {
  const { lanes, delay } = of;
  const [own, all]: [number[], number[]] = [[], []];
  const recipients: string[] = [];
  let timers = 0;
  // Every other timer is on time: a message whose timers are all late would never leave.
  late.next = () => (timers++ % 2 === 0 ? Math.max(0, delay() - 40) : 0);
  let nextAt = 0;
  /** As the sender's object does (objects/pacer.ts), a call away. */
  const lease: Lease = async (perSecond, count, leadMs = 0) => {
    await took(delay() / 10);
    const taken = takeSlots(nextAt, { now: Date.now() + leadMs, count, perSecond });
    nextAt = taken.nextAt;
    await took(delay() / 10);
    return taken.slots;
  };
  const rates = { campaign: of.campaign, sender: of.sender };
  let ownNextAt = 0;
  const line = new Line({ read: () => ownNextAt, write: (at) => (ownNextAt = at) });
  const sender = {
    channelId: null,
    sender: "+15550000000",
    rate: of.sender,
    channel: {
      kind: "sms",
      send: async ({ to }: { to: string }) => {
        own.push(Date.now());
        all.push(Date.now());
        recipients.push(to);
        await took(delay());
        return { outcome: "accepted", providerId: "SM1", status: "queued" };
      },
    },
  } as unknown as Freight["sender"];
  const channels = { configured: [sender] } as unknown as Channels;
  const isOneByOne = lanes === 1 && isLowered(rates);
  const gate: Gatekeeper = {
    nextSlot: (lead) =>
      isOneByOne ? line.slot(rates, lease, lead) : line.wave(rates, 1, lease, lead).then(([at]) => at!),
    leave: () => true,
    arrived: () => undefined,
    cameBack: () => undefined,
    lost: () => undefined,
  };
  const lane = async (n: number): Promise<void> => {
    for (let wave = 0; wave < of.waves; wave++) {
      const slots = isOneByOne ? [] : await line.wave(rates, of.size, lease, delay());
      // Its rows are written meanwhile.
      await took(delay());
      const freight = Array.from({ length: of.size }, (_, index): Freight => {
        const id = `${n}/${wave}/${index}`;
        return { contactId: id, message: { id, to: id }, sender, slot: slots[index] ?? null };
      });
      if (n === 0) await carry(freight, gate);
      else {
        const other = {
          carry: async (_organizationId: string, cargo: Parameters<typeof carryFor>[1], perSecond: number | null) => {
            await took(delay());
            return carryFor(channels, cargo, async (_sender, lead) => (await lease(perSecond!, 1, lead))[0]!);
          },
        };
        await handOver(other, "o", freight, gate, effectiveRate(rates));
      }
    }
  };
  /** A workflow's step with the same sender: its slot, or another. */
  const step = async (): Promise<void> => {
    for (let n = 0; n < of.others; n++) {
      const [slot] = await lease(of.sender, 1);
      const wait = slot! - Date.now();
      if (wait > 0) await took(wait + delay() / 5);
      if (Date.now() <= slot! + LATE_MS) all.push(Date.now());
    }
  };
  const done = Promise.all([...Array.from({ length: lanes }, (_, n) => lane(n)), step()]);
  let isDone = false;
  void done.then(() => (isDone = true));
  while (!isDone) await vi.advanceTimersToNextTimerAsync();
  await done;
  return { own, all, recipients };
};

const delaysArbitrary = fc.array(
  fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 400 }), fc.constant(1_500)),
  { minLength: 1, maxLength: 40 },
);

it("no sliding second holds more than the sender's rate, nor the campaign's own, and everybody is sent to once", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        sender: fc.integer({ min: 1, max: 90 }),
        campaign: fc.option(fc.integer({ min: 1, max: 90 })),
        lanes: fc.integer({ min: 1, max: 5 }),
        waves: fc.integer({ min: 1, max: 4 }),
        size: fc.integer({ min: 1, max: 6 }),
        others: fc.integer({ min: 0, max: 12 }),
      }),
      delaysArbitrary,
      async (of, given) => {
        const { own, all, recipients } = await play({ ...of, delay: delays(given) });
        expect(densest(all)).toBeLessThanOrEqual(of.sender);
        if (of.campaign !== null) expect(densest(own)).toBeLessThanOrEqual(of.campaign);
        expect(recipients.length).toBe(of.lanes * of.waves * of.size);
        expect(new Set(recipients).size).toBe(recipients.length);
      },
    ),
    { numRuns: 20 },
  );
});

it("is tight: undisturbed lanes come near the rate, so the property can fail", async () => {
  const { own } = await play({ sender: 90, campaign: null, lanes: 5, waves: 4, size: 6, others: 0, delay: () => 1 });
  expect(densest(own)).toBeGreaterThan(60);
  expect(densest([0, 1, 999, 1_000, 1_001])).toBe(3);
});
