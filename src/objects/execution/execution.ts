// One run, hosted: commits inputs with the state they make, performs effects, keeps timers. Owns its SQLite through ExecutionStore.
// Invariants (DESIGN "Engine"; tests cite them by number):
// I1 only `step` makes state.  I2 input, state and effects commit together before an effect starts.  I3 an effect's key is
// `execution:node:visit`; results come back as inputs, duplicates are ignored.  I4 alarm = min(timer, oldest unfinished duty); the handler
// never throws.  I5 folding `step` over the journal gives the stored state.  I6 behaviour that a replay would notice is a flag, fixed at start.
// I7 a bug parks the run as stuck, journal intact; no alarm loop.
import { DurableObject } from "cloudflare:workers";
import type { StreamEvent } from "../../domain/event.ts";
import { tellsFailure } from "../../domain/execution/failure-event.ts";
import { viewOf } from "../../domain/execution/view.ts";
import type { ExecutionView, RunHistory, StartRequest } from "../../domain/ports.ts";
import { MEMORY_DAYS } from "../../domain/retention/days.ts";
import { withGlobals } from "../../domain/variable/globals.ts";
import { definitionOfVersion } from "../../domain/workflow/definition-of-version.ts";
import { type FinalStatus, type Input, isFinal, type RunStatus } from "../../engine/contract.ts";
import type { Program } from "../../engine/program.ts";
import { applyDelta, type Delta, deltaRows, newState, nextDue, type RunState } from "../../engine/state.ts";
import { hasMore, type Step, step } from "../../engine/step.ts";
import type { Env } from "../../env.ts";
import { DAY_MS, HOUR_MS } from "../../lib/durations.ts";
import { type Json, own } from "../../lib/json.ts";
import { Duties } from "./duties.ts";
import { globalsOf } from "./globals.ts";
import { type Heard, type Hearing, hasHeard, hear, talks } from "./hear.ts";
import { LiveReports } from "./live-reports.ts";
import { programOf } from "./programs.ts";
import { Reports } from "./reports.ts";
import type { Delivery, ExecutionRpc, Started } from "./rpc.ts";
import { Slots } from "./slots.ts";
import { startInput } from "./start-input.ts";
import { textOf } from "./state-text.ts";
import { type Commit, ExecutionStore, FRESH, type Meta } from "./store.ts";

const DEFAULT_PRIORITY = 5;
/** How soon an unfinished duty is looked after, when nothing else wakes the object, in ms; the longer it drags on, the rarer. */
const WATCH_MS = 5_000;
const LONGEST_WATCH_MS = 600_000;
/** Finished runs keep their journal so long, then the object deletes itself; the index row goes by itself. */
const RETENTION_MS = MEMORY_DAYS * DAY_MS;
/** A run that waits looks after itself at least so often, in ms, even when nothing is due by itself. */
const LONGEST_SLEEP_MS = 7 * DAY_MS;
/** Pause after a wake that failed (the definition is out of reach), in ms; it grows with the time since the run last moved. */
const TROUBLE_MS = 60_000;
const LONGEST_TROUBLE_MS = HOUR_MS;

export class Execution extends DurableObject<Env> implements ExecutionRpc {
  readonly #store: ExecutionStore;
  readonly #duties: Duties;
  readonly #reports: Reports;
  readonly #slots: Slots;
  readonly #live: LiveReports;
  #state: RunState = newState();
  #meta: Meta = FRESH;
  #program: Program | null = null;
  #alarmAt: number | null = null;
  readonly #watchers = new Set<() => void>();
  readonly #ended = new Set<(status: FinalStatus) => void>();

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    this.#store = new ExecutionStore(context.storage.sql);
    const stored = this.#store.load();
    if (stored) {
      this.#state = stored.state;
      this.#meta = stored.meta;
    }
    this.#duties = new Duties(env, context, {
      state: () => this.#state,
      program: () => this.#program!,
      meta: () => this.#meta,
      attempt: (key, attempt) => this.#store.attempt(key, attempt),
      commit: (input, ended) => this.#commit(input, ended),
      note: (changes, ended) => this.#note(changes, ended),
    });
    this.#live = new LiveReports(env, context, {
      state: () => this.#state,
      meta: () => this.#meta,
      program: () => this.#program,
      journal: () => this.#store.journal(),
      note: () => this.#note({}),
      arm: () => this.#arm(),
      log: (at, error) => this.#log(at, error),
    });
    if (stored) this.#live.load(stored.meta);
    this.#reports = new Reports(env, context, {
      state: () => this.#state,
      meta: () => this.#meta,
      program: () => this.#program,
      wakeAt: () => this.#wakeAt(),
      arm: () => this.#arm(),
      log: (at, error) => this.#log(at, error),
    });
    this.#slots = new Slots(env, context, {
      state: () => this.#state,
      meta: () => this.#meta,
      isPending: (token) => this.#duties.isPending(token),
      note: (changes) => this.#note(changes),
      log: (at, error) => this.#log(at, error),
    });
  }

  async start(request: StartRequest, reportWithinMs?: number): Promise<Started> {
    const takesReport = reportWithinMs !== undefined;
    if (!this.#state.run) {
      const { priority = DEFAULT_PRIORITY, startAt = 0 } = request;
      const program = await this.#load(request.organizationId, request.versionId);
      const { globalsAt, organizationId } = request;
      const globals = globalsAt === undefined ? {} : await globalsOf(this.env, organizationId, globalsAt);
      const variables = withGlobals(globals, program.variables, request.variables);
      const slot = await this.#slots.first(request, priority);
      // Another start may have come in while the definition was read.
      if (!this.#state.run) {
        this.#program = program;
        this.#meta = {
          ...this.#meta,
          parent: request.parent ?? null,
          eventDepth: request.eventDepth,
          ...(request.lent && { lent: request.lent }),
          priority,
          ...(slot && { slot }),
          ...(request.retry && { retry: request.retry }),
        };
        this.#store.create();
        if (request.watched) this.#live.begin();
        const isQueued = slot?.told === "asked" || startAt > Date.now();
        const begin = () => this.#commit(startInput({ ...request, variables }, isQueued));
        if (takesReport) await this.#reports.answering(begin, reportWithinMs);
        else begin();
        return this.#started(true, takesReport);
      }
    }
    // Without its program it has no report, and the index learns of it by the sweeper.
    if (takesReport) await this.#ready().catch((error) => this.#log("start", error));
    return this.#started(false, takesReport);
  }

  async deliver(delivery: Delivery): Promise<boolean> {
    const ready = await this.#ready();
    if (delivery.type === "event") {
      const { key, event } = delivery;
      if (this.#state.run && hasHeard(this.#state.run, event)) return false;
      const taken = ready && this.#commit({ type: "event", at: Date.now(), key, event });
      if (!taken && !this.#duties.awaits(key)) this.#duties.unlisten(key);
      return taken;
    }
    if (!ready) return false;
    const key = delivery.key.slice(this.#state.run!.executionId.length + 1);
    const token = [...this.#state.tokens.values()].find((one) => `${one.node}:${one.visit}` === key);
    if (token?.phase !== "performing") return false;
    const { attempt } = token;
    return this.#commit(
      { type: "result", at: Date.now(), key, attempt, result: delivery.result },
      { key, attempt, outcome: delivery.result.outcome },
    );
  }

  async hear(event: StreamEvent, hearing: Hearing): Promise<Heard> {
    const { run } = this.#state;
    // A run that is parked takes nothing: it must not keep what the person says from others (I7).
    if (run?.organizationId !== event.organizationId || this.#meta.stuck) return { outcome: "none", more: false };
    // One that has ended says what it took without its definition, which may be out of reach.
    if (!isFinal(run.status)) await this.#ready();
    this.#duties.noteHeard(event);
    const host = {
      state: () => this.#state,
      program: () => this.#program!,
      commit: (input: Input) => this.#commit(input),
      takenAt: (eventId: string) => this.#store.takenAt(eventId),
      changed: () => this.#changed(),
    };
    return hear(host, event, hearing);
  }

  async endTalk(organizationId: string, contactId: string, reason: string): Promise<boolean> {
    const { run } = this.#state;
    if (run?.organizationId !== organizationId || own(run.contact, "id") !== contactId) return false;
    if (isFinal(run.status)) return false;
    await this.#ready();
    return talks(this.#program!) && this.#commit({ type: "cancel", at: Date.now(), reason });
  }

  async read(organizationId: string): Promise<ExecutionView | null> {
    if (!(await this.#belongsTo(organizationId))) return null;
    await this.#reports.showEnd();
    return viewOf(this.#state, this.#meta, this.#program!, Date.now());
  }

  async waitForEnd(organizationId: string, timeoutMs: number): Promise<{ status: FinalStatus } | null> {
    if (!(await this.#belongsTo(organizationId))) return null;
    const status = this.#status();
    if (isFinal(status)) return { status };
    // The caller waits, nothing durable hangs on this timer.
    return new Promise((resolve) => {
      const tell = (end: FinalStatus) => {
        clearTimeout(timer);
        resolve({ status: end });
      };
      const timer = setTimeout(() => {
        this.#ended.delete(tell);
        resolve(null);
      }, timeoutMs);
      this.#ended.add(tell);
    });
  }

  async cancel(
    organizationId: string,
    reason: string,
  ): Promise<{ status: RunStatus; cancelled: boolean; at: number } | null> {
    if (!(await this.#belongsTo(organizationId))) return null;
    const at = Date.now();
    const cancelled = this.#commit({ type: "cancel", at, reason });
    await this.#reports.showEnd();
    return { status: this.#status(), cancelled, at: cancelled ? at : (this.#state.run?.endedAt ?? at) };
  }

  async journal(organizationId: string): Promise<{ seq: number; at: number; input: Json }[] | null> {
    if (this.#state.run?.organizationId !== organizationId) return null;
    return this.#store.journal() as { seq: number; at: number; input: Json }[];
  }

  async history(organizationId: string): Promise<RunHistory | null> {
    if (this.#state.run?.organizationId !== organizationId) return null;
    const { seq, commits, stuck, priority, eventDepth, parent, lent } = this.#meta;
    return {
      journal: this.#store.journal(),
      // As it is stored: what is in memory is what is to be proved.
      rows: deltaRows(this.#store.load()!.state as Delta).flatMap(([key, value]) =>
        value === null ? [] : [{ key, value }],
      ),
      seq,
      commits,
      stuck,
      priority,
      eventDepth,
      ...(lent && { lent }),
      parentId: parent?.executionId ?? null,
      wakeAt: isFinal(this.#state.run.status) ? null : nextDue(this.#state),
    };
  }

  async verify(organizationId: string): Promise<{ equal: boolean; inputs: number } | null> {
    if (!(await this.#belongsTo(organizationId))) return null;
    const journal = this.#store.journal();
    const folded = newState();
    for (const { input } of journal) applyDelta(folded, step(this.#program!, folded, input).delta);
    const stored = this.#store.load()!.state;
    return { equal: textOf(folded) === textOf(stored), inputs: journal.length };
  }

  async watch(organizationId: string, since: number): Promise<boolean> {
    if (!(await this.#belongsTo(organizationId))) return false;
    this.#live.join(since);
    return true;
  }

  async admit(organizationId: string): Promise<"own" | "none" | "unborn"> {
    const { run } = this.#state;
    if (!run) return "unborn";
    if (run.organizationId !== organizationId || isFinal(run.status) || !this.#meta.slot) return "none";
    await this.#ready();
    // What it asked for is here: to begin, or to go on.
    if (this.#meta.slot.told === "asked")
      this.#slots.admitted(() => (this.#status() === "queued" ? this.#begin() : this.#passTime()));
    return this.#slots.isNeeded ? "own" : "none";
  }

  async poke(): Promise<boolean> {
    this.#reports.doubt();
    await this.alarm();
    return this.#state.run != null;
  }

  /** I4: never throws. The first thing it does is to make sure that it is called again. */
  override async alarm(): Promise<void> {
    try {
      this.#alarmAt = null;
      this.#reports.woken();
      if (!this.#state.run) return;
      this.#setAlarm(Date.now() + WATCH_MS);
      if (await this.#expired()) return;
      if (!(await this.#ready())) return;
      const now = Date.now();
      const due = nextDue(this.#state);
      if (this.#status() === "queued") await this.#slots.begin(now, () => this.#begin());
      else if (due !== null && due <= now) await this.#slots.wake(now, () => this.#passTime());
      if (hasMore(this.#state)) this.#commit({ type: "continue", at: Date.now() });
      this.#duties.resume();
      this.#live.resume();
      this.#reports.tell();
      this.#slots.settle();
      this.#arm();
    } catch (error) {
      this.#log("alarm", error);
      const now = Date.now();
      this.#alarmAt = now + within(TROUBLE_MS, now - this.#store.lastAt(), LONGEST_TROUBLE_MS);
      void this.ctx.storage.setAlarm(this.#alarmAt);
    }
  }

  #begin(): void {
    // The index shows it as queued.
    if (this.#commit({ type: "begin", at: Date.now() })) this.#reports.tell();
  }

  #passTime(): void {
    this.#commit({ type: "time", at: Date.now() });
  }

  #started(created: boolean, takesReport: boolean): Started {
    const report = takesReport && this.#reports.settled();
    return { status: this.#status(), created, startedAt: this.#state.run!.startedAt, ...(report && { report }) };
  }

  #status(): RunStatus {
    return this.#state.run?.status ?? "running";
  }

  #load(organizationId: string, versionId: string): Promise<Program> {
    return programOf(organizationId, versionId, (org, version) => definitionOfVersion(this.env.DB, org, version));
  }

  /** Whether there is a run here and its program is at hand. Throws while the version cannot be had: the run waits where it is. */
  async #ready(): Promise<boolean> {
    const { run } = this.#state;
    if (!run) return false;
    this.#program ??= await this.#load(run.organizationId, run.versionId);
    return true;
  }

  async #belongsTo(organizationId: string): Promise<boolean> {
    return this.#state.run?.organizationId === organizationId && (await this.#ready());
  }

  /**
   * One input, committed with all that follows from it (I2); no await in here. Then its effects start. False when it changed nothing; throws,
   * and changes nothing either, when it cannot be stored. `endedAttempt` is the one whose result the input is.
   */
  #commit(input: Input, endedAttempt?: { key: string; attempt: number; outcome: string }): boolean {
    const done = this.#stepped(input);
    if (!done || done.ignored) return false;
    const plan = this.#duties.plan(done.effects, done.delta);
    const { seq, commits, mustTell, orphans = [] } = this.#meta;
    const status = (done.delta.run ?? this.#state.run)?.status;
    const willWait = status === "waiting" || status === "queued";
    this.#write(
      {
        seq: seq + 1,
        commits: commits + 1,
        mustTell: mustTell || willWait,
        ...(done.delta.run && tellsFailure(done.delta.run, this.#program!.settings) && { failureTold: false }),
        ...(plan.orphans.length > 0 && { orphans: [...orphans, ...plan.orphans] }),
      },
      { at: input.at, input, rows: deltaRows(done.delta), startedAttempts: plan.starting, endedAttempt },
    );
    const events = this.#live.eventsOf(input, done.delta);
    applyDelta(this.#state, done.delta);
    this.#live.add(this.#meta.seq, input.at, events);
    this.#duties.begin(plan, done.effects);
    this.#afterCommit();
    this.#arm();
    if (done.effects.some((effect) => effect.type === "continue")) this.#goOn();
    return true;
  }

  /** All of it or nothing: a row that does not fit takes those before it back. */
  #write(changes: Partial<Meta>, commit: Omit<Commit, "meta">): void {
    const meta = { ...this.#meta, ...changes, told: this.#live.told ?? undefined };
    this.ctx.storage.transactionSync(() => this.#store.write({ ...commit, meta }));
    this.#meta = meta;
  }

  /** The rest of a run that used up a macro-step's budget, in a commit of its own: a cancel may come first. The alarm stands by. */
  #goOn(): void {
    this.ctx.waitUntil(
      new Promise((resolve) => setTimeout(resolve, 0))
        .then(() => this.#commit({ type: "continue", at: Date.now() }))
        .catch((error) => this.#log("continue", error)),
    );
  }

  /**
   * I7: `step` throws only for bugs. The run is parked where it was, for people to look at and to cancel, and nothing loops. One that never
   * began is refused.
   */
  #stepped(input: Input): Step | null {
    if (this.#meta.stuck && input.type !== "cancel") return null;
    try {
      return step(this.#program!, this.#state, input);
    } catch (error) {
      const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      console.error(
        JSON.stringify({
          at: "execution.stuck",
          execution: this.#state.run?.executionId,
          message,
          stack: (error as Error).stack,
        }),
      );
      if (!this.#state.run) throw error;
      this.#note({ stuck: message });
      this.#reports.doubt();
      this.#reports.tell();
      return null;
    }
  }

  /** Changes what the shell remembers, without an input, and starts what has become free to start. */
  #note(changes: Partial<Meta>, endedAttempt?: { key: string; attempt: number; outcome: string }): void {
    if (!this.#state.run) return;
    const plan = this.#duties.plan([]);
    const commits = this.#meta.commits + 1;
    this.#write({ ...changes, commits }, { at: Date.now(), startedAttempts: plan.starting, endedAttempt });
    this.#duties.begin(plan, []);
    this.#slots.settle();
    this.#arm();
  }

  /** The next commit, or a second: whoever waits looks again. */
  #changed(): Promise<void> {
    return new Promise((resolve) => {
      const tell = () => {
        clearTimeout(timer);
        this.#watchers.delete(tell);
        resolve();
      };
      const timer = setTimeout(tell, 1_000);
      this.#watchers.add(tell);
    });
  }

  #afterCommit(): void {
    for (const tell of this.#watchers) tell();
    const status = this.#status();
    if (isFinal(status)) {
      for (const tell of this.#ended) tell(status);
      this.#ended.clear();
      this.#duties.tellParent();
      this.#duties.tellFailure();
    }
    if (this.#reports.isSettled) this.#reports.tell();
    this.#slots.settle();
  }

  #arm(): void {
    if (this.#state.run) this.#setAlarm(Math.min(this.#wakeAt(), this.#reports.sureAt ?? Number.POSITIVE_INFINITY));
  }

  /** I4: the earliest of what is due by itself and of what is not finished, epoch ms. */
  #wakeAt(): number {
    const now = Date.now();
    const run = this.#state.run!;
    const owed = [
      this.#duties.owedSince(),
      this.#reports.owedSince,
      this.#live.owedSince,
      this.#slots.owedSince(),
    ].filter((since) => since !== null);
    const watch = owed.length > 0 ? now + within(WATCH_MS, now - Math.min(...owed), LONGEST_WATCH_MS) : null;
    if (isFinal(run.status)) return watch ?? run.endedAt! + RETENTION_MS;
    if (this.#meta.stuck) return now + LONGEST_SLEEP_MS;
    // A run that is queued and not limited begins by itself.
    const due = nextDue(this.#state) ?? (run.status === "queued" ? now : Number.POSITIVE_INFINITY);
    return Math.min(watch ?? Number.POSITIVE_INFINITY, this.#slots.lookAt(now) ?? due, now + LONGEST_SLEEP_MS);
  }

  /** Writes the alarm only when it moves: an alarm is a row. A later watch over the same duty may stay where it is. */
  #setAlarm(at: number): void {
    if (this.#alarmAt !== null && this.#alarmAt > Date.now() && at >= this.#alarmAt && at - this.#alarmAt < WATCH_MS)
      return;
    this.#alarmAt = at;
    void this.ctx.storage.setAlarm(at);
  }

  async #expired(): Promise<boolean> {
    const endedAt = this.#state.run?.endedAt;
    if (endedAt == null || this.#duties.owedSince() !== null || Date.now() < endedAt + RETENTION_MS) return false;
    // Takes the alarm with it, in one commit (compatibility dates from 2026-02-24 on).
    await this.ctx.storage.deleteAll();
    this.#state = newState();
    this.#meta = FRESH;
    this.#store.forget();
    // A start in this life begins anew.
    this.#alarmAt = null;
    this.#reports.forget();
    this.#live.forget();
    return true;
  }

  #log(at: string, error: unknown): void {
    const execution = this.#state.run?.executionId;
    const message = error instanceof Error ? error.message : String(error);
    console.error(JSON.stringify({ at: `execution.${at}`, execution, message }));
  }
}

const within = (least: number, value: number, most: number): number => Math.max(least, Math.min(value, most));
