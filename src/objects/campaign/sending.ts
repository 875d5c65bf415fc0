// How a campaign's messages leave: planned in batches, claimed in waves, carried by lanes, concluded in bulk. Owns what is under way in this life;
// what must survive is in recipients.ts and in the line. Invariants: a row is in the index before its message leaves, and that it leaves is durable
// here before it does; what has left is never sent again until somebody knows that it did not arrive; a slot that was given out is never given out
// again, whatever is killed.
import type { CampaignRow } from "../../domain/campaign/campaign.ts";
import { cancelMessages } from "../../domain/campaign/cancel-messages.ts";
import { type ClaimWorld, claimWave, planBatch, type Ready } from "../../domain/campaign/claim.ts";
import { concludeWave } from "../../domain/campaign/conclude.ts";
import { LONGEST_BACK_OFF_MS } from "../../domain/campaign/retry.ts";
import { LOOKS_MS, messageIdOf, type RunSettings } from "../../domain/campaign/run.ts";
import { settleDoubts } from "../../domain/campaign/settle.ts";
import { databaseOf } from "../../domain/database.ts";
import { type OrganizationChannels, pacingKey } from "../../domain/message/channels.ts";
import { LATE_MS } from "../../domain/message/pacing.ts";
import { readPolicy } from "../../domain/message/policy.ts";
import type { Database } from "../../domain/ports.ts";
import type { Env } from "../../env.ts";
import { pause } from "../../lib/pause.ts";
import { channelsPort } from "../channels-port.ts";
import { inboxPort } from "../inbox-port.ts";
import { type LaneRpc, laneStub, pacerStub } from "../rpc.ts";
import { CONNECTIONS, carry, type Freight, fastestRate, type Gatekeeper, handOver, lanesFor } from "./lane.ts";
import { effectiveRate, isLowered, type Lease, Line, type OwnLine, type Rates } from "./line.ts";
import type { Recipients } from "./recipients.ts";

/** What one wake does at most: an object's alarm has its limits in time and in requests. */
const TURN_MS = 15_000;
const TURN_MESSAGES = 600;
/** Read and judged at once, and no more than leave in so many seconds: quiet hours may begin meanwhile. */
const BATCH = 60;
const FRESH_SECONDS = 3;
/** Between reading consent and leaving lies no more than this, but for what the provider takes. */
const AHEAD_MS = 250;
/** How long it takes to write the rows of a wave, as long as nothing was measured, and the most that is allowed for it. */
const CLAIM_MS = 30;
const LONGEST_CLAIM_MS = 1_000;
/** How much of the latest measurement goes into what is expected. */
const LEARNED = 0.3;
/** How long a wave that has left waits for its answers; then others leave over the connections that are free. */
const PATIENCE_MS = 1_000;
/** How long it takes to hand a wave to another object. */
const CALL_MS = 60;
const BULK = 100;
/** Without a provider a wave is a matter of rows. */
const UNCONNECTED = 60;
/** Refusals in a row for which the sender is to blame: more would only spend recipients. */
const MISCONFIGURED = 20;
/**
 * Outcomes in a row that nobody knows: the provider cannot be reached. It is left alone for a time that grows with them, instead of spending
 * everybody on it.
 */
const UNREACHED = 20;
const REST_MS = 30_000;
const LONGEST_REST_MS = 300_000;

type Passage = {
  rates: Rates;
  size: number;
  lease: Lease;
  /** Slots are asked for one by one. */
  isOneByOne: boolean;
  /** Who carries; null: this object. */
  lane: LaneRpc | null;
};
/** What survives beside the recipients. PERSISTED CONTRACT. `rules`: those by which whoever waits for a gate was judged. */
export type Kept = { line: OwnLine; rules: { read(): string | undefined; write(rules: string): void } };
type Turn = { world: ClaimWorld; row: CampaignRow; until: number; lanes: number; batch: number };

export class Sending {
  readonly recipients: Recipients;
  readonly #env: Env;
  readonly #db: Database;
  readonly #line: Line;
  readonly #rules: Kept["rules"];
  #stopped = false;
  /** Taken up in this turn. */
  #taken = 0;
  /** Waves that are not over, and how many of their messages the provider has not answered: so many connections are taken. */
  readonly #underWay = new Set<Promise<void>>();
  #unanswered = 0;
  /** How long it takes to write the rows of a wave, as measured: it begins so much before its slot. */
  #claimMs = CLAIM_MS;
  #misconfigured = 0;
  #unreached = 0;
  #pausedBy: string | null = null;
  /** Epoch ms before which the provider wants nothing of us. */
  #slowUntil = 0;
  #concluding: Promise<void> = Promise.resolve();

  constructor(env: Env, recipients: Recipients, { line, rules }: Kept) {
    this.#env = env;
    this.#db = databaseOf(env.DB);
    this.recipients = recipients;
    this.#line = new Line(line);
    this.#rules = rules;
    recipients.recover(LOOKS_MS[0]);
  }

  /** Nothing leaves any more until `work` is asked again. */
  stop(): void {
    this.#stopped = true;
  }

  /** As much as one wake does. `next`: epoch ms of what is due next, null when everybody is final. */
  async work(settings: RunSettings, row: CampaignRow): Promise<{ next: number | null; pausedBy: string | null }> {
    this.#stopped = false;
    this.#taken = 0;
    this.#pausedBy = null;
    const channels = await channelsPort(this.#env)(row.organizationId);
    const policy = await readPolicy(this.#db, row.organizationId);
    const world = { db: this.#db, settings, rules: row, policy, channels, now: () => Date.now() };
    this.#judgeAnew(JSON.stringify([row.quietStart, row.quietEnd, policy]));
    await this.#settle(row, channels);
    const rate = fastestRate(channels, settings, row);
    const lanes = lanesFor(rate);
    const batch = Math.max(1, Math.min(BATCH, Math.ceil(((rate ?? Number.POSITIVE_INFINITY) * FRESH_SECONDS) / lanes)));
    const turn = { world, row, until: Date.now() + TURN_MS, lanes, batch };
    try {
      await Promise.all(Array.from({ length: turn.lanes }, (_, lane) => this.#lane(turn, lane)));
    } finally {
      await this.#waves();
    }
    return { next: this.#next(), pausedBy: this.#pausedBy };
  }

  /** Until all are over: the next turn finds every connection free. Throws what one of them failed of. */
  async #waves(): Promise<void> {
    const over = await Promise.allSettled(this.#underWay);
    this.#underWay.clear();
    const failed = over.find((one) => one.status === "rejected");
    if (failed) throw failed.reason;
  }

  /** What has left goes its way, whatever became of the campaign. Epoch ms of the next look, null when nothing is in doubt. */
  async settleOnly(row: CampaignRow): Promise<number | null> {
    this.stop();
    await this.#settle(row, await channelsPort(this.#env)(row.organizationId));
    return this.recipients.nextDoubt();
  }

  /** Messages that have a row and will not leave any more: their rows say so. */
  async cancel({ organizationId, id }: CampaignRow): Promise<void> {
    this.stop();
    for (;;) {
      const contactIds = this.recipients.waitingWritten(BULK);
      if (contactIds.length === 0) return;
      await cancelMessages(this.#db, organizationId, id, contactIds, Date.now());
      this.recipients.finish("waiting", contactIds);
    }
  }

  /** Other quiet hours, or another cap: whoever waits for a gate is asked for again. */
  #judgeAnew(rules: string): void {
    if (this.#rules.read() === rules) return;
    this.recipients.hasten(Date.now() + LONGEST_BACK_OFF_MS);
    this.#rules.write(rules);
  }

  #next(): number | null {
    const due = [this.recipients.nextWaiting(), this.recipients.nextDoubt()].filter((at) => at !== null);
    if (due.length > 0) return Math.max(Math.min(...due), this.#slowUntil, Date.now());
    return this.recipients.anyUnfinished() ? Date.now() : null;
  }

  #mayGoOn({ until }: Turn): boolean {
    return !this.#stopped && this.#pausedBy === null && Date.now() < until && this.#slowUntil <= Date.now();
  }

  /** Lane 0 is this object's own connections; each other one is an object of its own. */
  async #lane(turn: Turn, lane: number): Promise<void> {
    while (this.#mayGoOn(turn) && this.#taken < TURN_MESSAGES) {
      const contactIds = this.recipients.take(Date.now(), turn.batch);
      if (contactIds.length === 0) return;
      this.#taken += contactIds.length;
      try {
        const { ready, held, done } = await planBatch(turn.world, contactIds);
        this.recipients.finish("claimed", done);
        for (const { contactId, until } of held) this.recipients.release("claimed", [contactId], until);
        for (let from = 0; from < ready.length && this.#mayGoOn(turn); ) {
          while (lane === 0 && this.#unanswered >= CONNECTIONS) await Promise.race(this.#underWay);
          const passage = this.#passage(ready[from]!, turn, lane);
          await this.#wave(turn.world, ready.slice(from, from + passage.size), passage);
          from += passage.size;
        }
      } finally {
        this.recipients.giveBack(contactIds);
      }
    }
  }

  /** How the next wave goes: as many as leave within AHEAD_MS, and as there are connections for. */
  #passage({ sender }: Ready, { row, lanes }: Turn, lane: number): Passage {
    const rates = { campaign: row.rate, sender: sender.rate };
    const connections =
      sender.channel.capabilities.addressedBy === "contact"
        ? UNCONNECTED
        : CONNECTIONS - (lane === 0 ? this.#unanswered : 0);
    const inTime = Math.floor(((effectiveRate(rates) ?? Number.POSITIVE_INFINITY) * AHEAD_MS) / 1000);
    const pacer = pacerStub(this.#env, pacingKey(row.organizationId, sender));
    return {
      rates,
      size: Math.max(1, Math.min(connections, inTime)),
      lease: (perSecond, count, leadMs) => pacer.lease(perSecond, count, leadMs),
      isOneByOne: lanes === 1 && isLowered(rates),
      lane: lane > 0 && sender.rate !== null ? laneStub(this.#env, row.organizationId, row.id, lane) : null,
    };
  }

  async #wave(world: ClaimWorld, wave: readonly Ready[], passage: Passage): Promise<void> {
    const { rates, lease, isOneByOne } = passage;
    const callMs = passage.lane ? CALL_MS : 0;
    const leadMs = Math.min(LONGEST_CLAIM_MS, this.#claimMs * 1.5);
    const slots = isOneByOne ? [] : await this.#line.wave(rates, wave.length, lease, leadMs + callMs);
    const early = (slots[0] ?? this.#line.ownNextAt()) - leadMs - callMs - Date.now();
    if (early > 0) await pause(early);
    if (this.#stopped) return;
    const began = Date.now();
    const { claimed, status } = await claimWave(world, wave);
    this.#claimMs += (Date.now() - began - this.#claimMs) * LEARNED;
    if (status !== "running") this.stop();
    const may = wave.filter(({ message }) => claimed.has(message.id));
    // Writing took longer than it should: the whole wave takes new slots, rather than each message one of its own.
    const isLate = slots.length > 0 && may.length > 0 && Date.now() > slots[0]! + LATE_MS - callMs;
    const timely = isLate ? await this.#line.wave(rates, may.length, lease, callMs) : slots;
    const going = may.map(({ contactId, message, sender }, index) => ({
      contactId,
      message,
      sender,
      slot: timely[index] ?? null,
    }));
    const refused = wave.filter(({ message }) => !claimed.has(message.id)).map(({ contactId }) => contactId);
    if (!this.#stopped) this.recipients.doubtUnsent(refused, Date.now());
    const gate: Gatekeeper = {
      nextSlot: (lead) =>
        isOneByOne ? this.#line.slot(rates, lease, lead) : this.#line.wave(rates, 1, lease, lead).then(([at]) => at!),
      leave: (contactId, at) => !this.#stopped && this.recipients.leave(contactId, at),
      arrived: (contactId, outcome) => this.recipients.answer(contactId, outcome),
      cameBack: (contactId) => this.recipients.comeBack(contactId),
      lost: (contactIds) => this.recipients.doubt("left", contactIds, Date.now() + LOOKS_MS[0]),
    };
    if (!passage.lane) return this.#carry(going, gate, world.settings);
    await handOver(passage.lane, world.settings.organizationId, going, gate, effectiveRate(rates));
    await this.#concludeAnswered(world.settings);
  }

  /** Until the wave is over, or has waited long enough: one answer that does not come keeps nobody else waiting. */
  async #carry(going: readonly Freight[], gate: Gatekeeper, of: RunSettings): Promise<void> {
    const { promise: allLeft, resolve: haveLeft } = Promise.withResolvers<void>();
    let staying = going.length;
    const watched: Gatekeeper = {
      ...gate,
      leave: (contactId, at) => {
        if (--staying === 0) haveLeft();
        const may = gate.leave(contactId, at);
        if (may) this.#unanswered++;
        return may;
      },
      arrived: (contactId, outcome) => {
        this.#unanswered--;
        gate.arrived(contactId, outcome);
      },
    };
    const over = carry(going, watched).then(() => this.#concludeAnswered(of));
    this.#underWay.add(over);
    over.then(
      () => this.#underWay.delete(over),
      () => undefined,
    );
    await Promise.race([over, allLeft.then(() => pause(PATIENCE_MS))]);
  }

  /** One at a time: two that read the same answers would undo each other's work. */
  #concludeAnswered(of: Pick<RunSettings, "organizationId" | "campaignId">): Promise<void> {
    const concluded = this.#concluding.then(() => this.#conclude(of));
    this.#concluding = concluded.catch(() => undefined);
    return concluded;
  }

  async #conclude({ organizationId, campaignId }: Pick<RunSettings, "organizationId" | "campaignId">): Promise<void> {
    for (;;) {
      const rows = this.recipients.answered(BULK);
      if (rows.length === 0) return;
      const answers = await Promise.all(
        rows.map(async (row) => ({ ...row, messageId: await messageIdOf(campaignId, row.contactId) })),
      );
      const telling = { db: this.#db, inbox: inboxPort(this.#env), organizationId, campaignId };
      const world = { ...telling, now: Date.now(), chance: Math.random };
      const { final, again, doubtful, slowUntil, misconfigured } = await concludeWave(world, answers);
      this.recipients.finish("answered", final);
      for (const { contactId, retryAt } of again) this.recipients.release("answered", [contactId], retryAt);
      this.recipients.doubt("answered", doubtful, Date.now() + LOOKS_MS[0]);
      this.#slowUntil = Math.max(this.#slowUntil, slowUntil);
      this.#unreached = doubtful.length === rows.length ? this.#unreached + rows.length : 0;
      if (this.#unreached >= UNREACHED) {
        const rest = Math.min(LONGEST_REST_MS, (REST_MS * this.#unreached) / UNREACHED);
        this.#slowUntil = Math.max(this.#slowUntil, Date.now() + rest);
      }
      this.#misconfigured = misconfigured ? this.#misconfigured + misconfigured.count : 0;
      if (misconfigured && this.#misconfigured >= MISCONFIGURED) this.#pausedBy = misconfigured.reason;
      // What other lanes' messages are answered meanwhile, those lanes conclude, a wave at a time.
      if (rows.length < BULK) return;
    }
  }

  async #settle(row: CampaignRow, channels: OrganizationChannels): Promise<void> {
    const { organizationId, id: campaignId } = row;
    await this.#concludeAnswered({ organizationId, campaignId });
    const due = this.recipients.doubtful(Date.now(), BULK);
    if (due.length === 0) return;
    const doubts = await Promise.all(
      due.map(async (doubt) => ({ ...doubt, messageId: await messageIdOf(campaignId, doubt.contactId) })),
    );
    const outside = {
      fetch: ((input, init) => fetch(input, init)) as typeof fetch,
      now: () => Date.now(),
      signal: AbortSignal.timeout(TURN_MS),
    };
    const telling = { db: this.#db, inbox: inboxPort(this.#env), organizationId, campaignId };
    const world = { ...telling, channels, rules: row, ...outside };
    const { final, again, later } = await settleDoubts(world, doubts);
    this.recipients.finish("doubtful", final);
    this.recipients.release("doubtful", again, Date.now());
    for (const { contactId, at } of later) this.recipients.lookLater(contactId, at);
  }
}
