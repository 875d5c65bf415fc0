// One campaign's run. The row in the index says what is wanted (scheduled, running, paused, cancelled); this object says who gets the message and
// how far each of them is. Owns the table `recipients` (recipients.ts), the settings with which the run began, the snapshot's cursor and the line
// of slots. Invariants: the audience is taken down whole before anything leaves; while the row says running there is an alarm; nothing leaves that
// the row does not want; sending.ts has those of a message.
import { DurableObject } from "cloudflare:workers";
import { audiencePage, type SegmentRow } from "../../domain/campaign/audience.ts";
import { beatCampaign, beginRun, endRun, noteRecipients, startScheduled } from "../../domain/campaign/begin.ts";
import type { CampaignRow } from "../../domain/campaign/campaign.ts";
import { HEARTBEAT_MS, type RunSettings } from "../../domain/campaign/run.ts";
import { databaseOf } from "../../domain/database.ts";
import { type OrganizationChannels, pacingKey } from "../../domain/message/channels.ts";
import type { Database } from "../../domain/ports.ts";
import type { Env } from "../../env.ts";
import { DAY_MS } from "../../lib/durations.ts";
import { Alarm } from "../alarm.ts";
import { channelsPort } from "../channels-port.ts";
import { type CampaignRpc, type Cargo, type Carried, type LaneRpc, pacerStub } from "../rpc.ts";
import { carryFor } from "./lane.ts";
import { Recipients } from "./recipients.ts";
import { Sending } from "./sending.ts";

/** PERSISTED CONTRACT. */
type Of = { organizationId: string; campaignId: string };
/** PERSISTED CONTRACT. `after`: the last contact that was taken down; null: all of them were. `now`: what "now" means in the segment. */
type Run = { settings: RunSettings; segment: SegmentRow; after: string | null; now: number };

/** Contacts in one page of the snapshot: a page costs what a count costs, and its ids are a value of at most 2 MB. */
const PAGE = 20_000;
/** Far times are reached in hops, so that a clock set wrong once cannot put a campaign to sleep for ever. */
const LONGEST_SLEEP_MS = DAY_MS;
/** How long a lane holds to the channels that it has read, in ms. */
const CHANNELS_MS = 15_000;
/** The next try when the database would not have it, in ms. */
const AGAIN_MS = 5_000;

export class Campaign extends DurableObject<Env> implements CampaignRpc, LaneRpc {
  readonly #alarm: Alarm;
  readonly #db: Database;
  #of: Of | undefined;
  #sending: Sending | undefined;
  /** Of a lane: the channels over which it carries. */
  #carrying: { until: number; channels: OrganizationChannels } | undefined;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    this.#alarm = new Alarm(context);
    this.#db = databaseOf(env.DB);
    this.#of = context.storage.kv.get<Of>("of");
    if (this.#of && context.storage.kv.get<Run>("run")) this.#open();
  }

  async look(organizationId: string, campaignId: string): Promise<void> {
    if (!this.#of) {
      this.#of = { organizationId, campaignId };
      this.ctx.storage.kv.put("of", this.#of);
    }
    // Nothing more leaves from here on, until the row has been read.
    this.#sending?.stop();
    this.#alarm.wakeBy(Date.now());
  }

  async carry(organizationId: string, cargo: Cargo[], perSecond: number | null): Promise<Carried[]> {
    const now = Date.now();
    // Read once in a while, as the campaign itself does: reading for each wave would cost the wave its slots.
    if (!this.#carrying || this.#carrying.until < now) {
      this.#carrying = { until: now + CHANNELS_MS, channels: await channelsPort(this.env)(organizationId) };
    }
    return carryFor(this.#carrying.channels, cargo, async (sender, leadMs) => {
      if (perSecond === null) return Date.now();
      const [slot] = await pacerStub(this.env, pacingKey(organizationId, sender)).lease(perSecond, 1, leadMs);
      return slot!;
    });
  }

  override async alarm(): Promise<void> {
    await this.#alarm.handle("campaign", () =>
      this.#turn().catch((error) => {
        console.error(JSON.stringify({ at: "campaign", ...this.#of, message: String(error) }));
        return Date.now() + AGAIN_MS;
      }),
    );
  }

  /** What the row says is done, as far as one wake goes; answers when the next one is due (epoch ms). */
  async #turn(): Promise<number | null> {
    if (!this.#of) return null;
    const { organizationId, campaignId: id } = this.#of;
    const now = Date.now();
    const row = await beatCampaign(this.#db, organizationId, id, now + HEARTBEAT_MS);
    if (!row) return this.#forget();
    switch (row.status) {
      case "scheduled":
        return this.#start(row, now);
      case "running":
        return this.#run(row, now);
      case "paused":
        return this.#rest(row, await this.#sending?.settleOnly(row));
      case "cancelled":
        await this.#sending?.cancel(row);
        return (await this.#rest(row, await this.#sending?.settleOnly(row))) ?? this.#forget();
      default:
        await this.#rest(row, null);
        return this.#forget();
    }
  }

  /** The row knows when the object will be awake, or that it has no need to be. */
  async #rest(row: CampaignRow, next: number | null | undefined): Promise<number | null> {
    await beatCampaign(this.#db, row.organizationId, row.id, next ?? null);
    return next ?? null;
  }

  async #start(row: CampaignRow, now: number): Promise<number | null> {
    const at = row.scheduleTime ?? now;
    if (at > now) return this.#rest(row, Math.min(at, now + LONGEST_SLEEP_MS));
    const started = await startScheduled(this.#db, row.organizationId, row.id, now, now + HEARTBEAT_MS);
    return started ? this.#run(started, now) : now;
  }

  async #run(row: CampaignRow, now: number): Promise<number | null> {
    const run = await this.#begin(row, now);
    if (typeof run === "string") return this.#end(row, "failed", run);
    await this.#takeDown(run);
    const sending = this.#open();
    const outcome = await sending.work(run.settings, row);
    if (outcome.pausedBy !== null) return this.#end(row, "paused", outcome.pausedBy);
    if (outcome.next === null) return this.#end(row, "completed", null);
    const next = Math.min(outcome.next, Date.now() + LONGEST_SLEEP_MS);
    return next > Date.now() + HEARTBEAT_MS ? this.#rest(row, next) : next;
  }

  async #begin(row: CampaignRow, now: number): Promise<Run | string> {
    const kept = this.ctx.storage.kv.get<Run>("run");
    if (kept) return kept;
    const begun = await beginRun(this.#db, row, await channelsPort(this.env)(row.organizationId), now);
    if (!begun.ok) return begun.error;
    const run: Run = { ...begun.value, after: "", now };
    this.ctx.storage.kv.put("run", run);
    return run;
  }

  /** The whole audience, page by page; after a crash it goes on at the page that was not taken down. */
  async #takeDown(run: Run): Promise<void> {
    if (run.after === null) return;
    const { recipients } = this.#open();
    for (let after = run.after; ; ) {
      const page = await audiencePage(this.#db, run.segment, run.now, after, PAGE);
      // No await from here on: the page and the cursor commit together.
      recipients.add(page);
      after = page.at(-1) ?? after;
      run.after = page.length < PAGE ? null : after;
      this.ctx.storage.kv.put("run", run);
      if (run.after === null) break;
    }
    await noteRecipients(this.#db, run.settings.organizationId, run.settings.campaignId, recipients.count());
  }

  /** A pause or a cancellation that came meanwhile stands, and is looked at. */
  async #end(
    row: CampaignRow,
    status: "completed" | "failed" | "paused",
    error: string | null,
  ): Promise<number | null> {
    const { organizationId, id } = row;
    const ended = await endRun(this.#db, { organizationId, id, status, error, at: Date.now() });
    if (!ended) return Date.now();
    // A paused one still looks after what has left.
    return status === "paused" ? Date.now() : this.#forget();
  }

  /** What was to be done is done, and the rows in the index tell of it. */
  async #forget(): Promise<null> {
    this.#of = undefined;
    this.#sending = undefined;
    await this.ctx.storage.deleteAll();
    return null;
  }

  #open(): Sending {
    const { sql, kv } = this.ctx.storage;
    this.#sending ??= new Sending(this.env, new Recipients(sql), {
      line: { read: () => kv.get<number>("nextAt") ?? 0, write: (nextAt) => kv.put("nextAt", nextAt) },
      rules: { read: () => kv.get<string>("rules"), write: (rules) => kv.put("rules", rules) },
    });
    return this.#sending;
  }
}
