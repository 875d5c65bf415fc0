// Looks after what should have woken by itself: runs whose index row is overdue, schedules, campaigns and outgoing webhooks that slept through their
// time, events that were written with what they tell of and not told, marketing workflows whose parts have changed without them. One object in all.
// Owns no data but its alarm. Invariant: while anything is not final it wakes every SWEEP_MS; when nothing is, it sleeps until `ensure`.
import { DurableObject } from "cloudflare:workers";
import { databaseOf } from "../domain/database.ts";
import { tellLeftBehind } from "../domain/event/tell-untold.ts";
import {
  endUnstarted,
  findOverdue,
  forgetSchedule,
  isAnythingPending,
  noteTimes,
  type Overdue,
  type OverdueSchedule,
  postpone,
} from "../domain/execution/find-overdue.ts";
import { refreshLeftBehind } from "../domain/marketing/refresh-workflow.ts";
import type { Env } from "../env.ts";
import { mapConcurrently } from "../lib/map-concurrently.ts";
import { Alarm } from "./alarm.ts";
import { executionStub } from "./execution/rpc.ts";
import { inboxPort } from "./inbox-port.ts";
import { makePorts } from "./ports.ts";
import { campaignName, campaignStub, deliveryStub, SWEEP_MS, type SweeperRpc, scheduleStub } from "./rpc.ts";

/** Objects that are poked at once. */
const AT_ONCE = 20;
/** The next wake when one was not enough, in ms. */
const MORE_MS = 1_000;

export class Sweeper extends DurableObject<Env> implements SweeperRpc {
  readonly #alarm: Alarm;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    this.#alarm = new Alarm(context);
  }

  async ensure(): Promise<void> {
    this.#alarm.wakeBy(Date.now() + SWEEP_MS);
  }

  override async alarm(): Promise<void> {
    await this.#alarm.handle("sweeper", async () => {
      const now = Date.now();
      const world = { db: databaseOf(this.env.DB), inbox: inboxPort(this.env), now: () => now };
      const { executions, schedules, campaigns, deliveries, more } = await findOverdue(this.env.DB, now);
      // Before the poke, so that a run's own word comes later; a run that does not answer is tried again after a while.
      await postpone(this.env.DB, executions, now);
      await mapConcurrently(executions, AT_ONCE, (one) =>
        this.#wake(one, world).catch((error) => logFailure("execution", one.id, error)),
      );
      const times = await mapConcurrently(schedules, AT_ONCE, (settings) => this.#wakeSchedule(settings));
      await mapConcurrently(campaigns, AT_ONCE, ({ organizationId, id }) =>
        campaignStub(this.env, campaignName(organizationId, id))
          .look(organizationId, id)
          .catch((error) => logFailure("campaign", id, error)),
      );
      await mapConcurrently(deliveries, AT_ONCE, ({ organizationId, id }) =>
        deliveryStub(this.env, organizationId, id)
          .poke()
          .catch((error) => logFailure("delivery", id, error)),
      );
      await noteTimes(this.env.DB, times.flat());
      const moreUntold = await tellLeftBehind(world);
      const moreStale = await refreshLeftBehind(makePorts(this.env));
      if (more || moreUntold || moreStale) return now + MORE_MS;
      return (await isAnythingPending(this.env.DB)) ? now + SWEEP_MS : null;
    });
  }

  /** What got lost on the way to a schedule's object, its settings or its end, is told again. */
  async #wakeSchedule({ wanted, ...settings }: OverdueSchedule) {
    const { scheduleId: id, organizationId } = settings;
    const schedule = scheduleStub(this.env, id);
    try {
      if (!wanted) {
        await schedule.clear();
        await forgetSchedule(this.env.DB, organizationId, id);
        return [];
      }
      const { nextAt } = await schedule.set(settings);
      return [{ organizationId, id, nextAt: (await schedule.poke())?.nextAt ?? nextAt }];
    } catch (error) {
      logFailure("schedule", id, error);
      return [];
    }
  }

  /** A run that its object knows nothing of was never started, and never will be: the index says so. */
  async #wake({ organizationId, id }: Overdue, world: Parameters<typeof endUnstarted>[0]): Promise<void> {
    if (!(await executionStub(this.env, id).poke())) await endUnstarted(world, organizationId, id);
  }
}

const logFailure = (what: string, id: string, error: unknown): void =>
  console.error(JSON.stringify({ at: "sweeper.poke", [what]: id, message: String(error) }));
