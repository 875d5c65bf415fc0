// One run, hosted: commits inputs with the state they make, performs effects, keeps timers. Owns its SQLite through ExecutionStore.
// Invariants (DESIGN "Engine"; tests cite them by number):
// I1 only `step` makes state.  I2 input, state and effects commit together before an effect starts.  I3 an effect's key is
// `execution:node:visit`; results come back as inputs, duplicates are ignored.  I4 alarm = min(timer, oldest unfinished duty); the handler
// never throws.  I5 folding `step` over the journal gives the stored state.  I6 behaviour that a replay would notice is a flag, fixed at start.
// I7 a bug parks the run as stuck, journal intact; no alarm loop.
import { DurableObject } from "cloudflare:workers";
import { viewOf } from "../../domain/execution/view.ts";
import type { ExecutionView, StartRequest } from "../../domain/ports.ts";
import { definitionOfVersion } from "../../domain/workflow/definition-of-version.ts";
import { type FinalStatus, type Input, isFinal, type RunStatus } from "../../engine/contract.ts";
import { CURRENT_FLAGS } from "../../engine/flags.ts";
import type { Program } from "../../engine/program.ts";
import { applyDelta, deltaRows, newState, nextDue, type RunState } from "../../engine/state.ts";
import { type Step, step } from "../../engine/step.ts";
import type { Env } from "../../env.ts";
import { canonicalJson, type Json } from "../../lib/json.ts";
import { Duties } from "./duties.ts";
import { programOf } from "./programs.ts";
import { projectionOf } from "./project.ts";
import type { Delivery, ExecutionRpc } from "./rpc.ts";
import { ExecutionStore, type Meta } from "./store.ts";

const DEFAULT_PRIORITY = 5;
/** How often an unfinished duty is looked after, when nothing else wakes the object, in ms. */
const WATCH_MS = 5_000;
/** Finished runs keep their journal so long, then the object deletes itself; the index row stays. */
const RETENTION_MS = 30 * 86_400_000;
/** A run that waits looks after itself at least so often, in ms, even when nothing is due by itself. */
const LONGEST_SLEEP_MS = 7 * 86_400_000;
/** Pause after a wake that failed (the index is out of reach), in ms. */
const TROUBLE_MS = 60_000;

export class Execution extends DurableObject<Env> implements ExecutionRpc {
  readonly #store: ExecutionStore;
  readonly #duties: Duties;
  #state: RunState = newState();
  #meta: Meta = {
    seq: 0,
    parent: null,
    eventDepth: 0,
    priority: DEFAULT_PRIORITY,
    parentTold: false,
    stuck: null,
    commits: 0,
  };
  #program: Program | null = null;
  /** Journal sequence that the index was last told; memory only, because telling it twice is harmless. */
  #projected = 0;
  #alarmAt: number | null = null;
  readonly #ended: ((status: FinalStatus) => void)[] = [];

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
      meta: () => this.#meta,
      attempt: (key, attempt) => this.#store.attempt(key, attempt),
      commit: (input, ended) => this.#commit(input, ended),
      note: (changes, ended) => this.#note(changes, ended),
    });
  }

  async start(request: StartRequest): Promise<{ status: RunStatus; created: boolean }> {
    if (!this.#state.run) {
      const program = await this.#load(request.organizationId, request.versionId);
      // Another start may have come in while the definition was read.
      if (!this.#state.run) {
        this.#program = program;
        this.#meta = {
          ...this.#meta,
          parent: request.parent ?? null,
          eventDepth: request.eventDepth,
          priority: request.priority ?? DEFAULT_PRIORITY,
        };
        this.#store.create();
        this.#commit({
          type: "start",
          at: Date.now(),
          flags: CURRENT_FLAGS,
          executionId: request.executionId,
          organizationId: request.organizationId,
          workflowId: request.workflowId,
          versionId: request.versionId,
          startNodes: request.startNodes,
          event: request.event,
          variables: request.variables,
          metadata: request.metadata,
          ...(request.username === undefined ? {} : { username: request.username }),
          dryRun: request.dryRun,
        });
        return { status: this.#status(), created: true };
      }
    }
    return { status: this.#status(), created: false };
  }

  async deliver(delivery: Delivery): Promise<boolean> {
    if (!(await this.#ready())) return false;
    if (delivery.type === "event") {
      return this.#commit({ type: "event", at: Date.now(), key: delivery.key, event: delivery.event });
    }
    const key = delivery.key.slice(this.#state.run!.executionId.length + 1);
    const token = [...this.#state.tokens.values()].find((one) => `${one.node}:${one.visit}` === key);
    if (token?.phase !== "performing") return false;
    const { attempt } = token;
    return this.#commit(
      { type: "result", at: Date.now(), key, attempt, result: delivery.result },
      { key, attempt, outcome: delivery.result.outcome },
    );
  }

  async read(organizationId: string): Promise<ExecutionView | null> {
    if (!(await this.#belongsTo(organizationId))) return null;
    return viewOf(this.#state, this.#meta, this.#program!, Date.now());
  }

  async waitForEnd(organizationId: string, timeoutMs: number): Promise<{ status: FinalStatus } | null> {
    if (!(await this.#belongsTo(organizationId))) return null;
    const status = this.#status();
    if (isFinal(status)) return { status };
    // The caller waits, nothing durable hangs on this timer.
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), timeoutMs);
      this.#ended.push((end) => {
        clearTimeout(timer);
        resolve({ status: end });
      });
    });
  }

  async cancel(
    organizationId: string,
    reason: string,
  ): Promise<{ status: RunStatus; cancelled: boolean; at: number } | null> {
    if (!(await this.#belongsTo(organizationId))) return null;
    const at = Date.now();
    const cancelled = this.#commit({ type: "cancel", at, reason });
    return { status: this.#status(), cancelled, at: cancelled ? at : (this.#state.run?.endedAt ?? at) };
  }

  async journal(organizationId: string): Promise<{ seq: number; at: number; input: Json }[] | null> {
    if (this.#state.run?.organizationId !== organizationId) return null;
    return this.#store.journal() as unknown as { seq: number; at: number; input: Json }[];
  }

  async verify(organizationId: string): Promise<{ equal: boolean; inputs: number } | null> {
    if (!(await this.#belongsTo(organizationId))) return null;
    const journal = this.#store.journal();
    const folded = newState();
    for (const { input } of journal) applyDelta(folded, step(this.#program!, folded, input).delta);
    const stored = this.#store.load()!.state;
    return { equal: textOf(folded) === textOf(stored), inputs: journal.length };
  }

  async poke(): Promise<void> {
    this.#projected = 0;
    await this.alarm();
  }

  /** I4: never throws. The first thing it does is to make sure that it is called again. */
  override async alarm(): Promise<void> {
    try {
      this.#alarmAt = null;
      if (!this.#state.run) return;
      this.#setAlarm(Date.now() + WATCH_MS);
      if (await this.#expired()) return;
      if (!(await this.#ready())) return;
      const due = nextDue(this.#state);
      if (due !== null && due <= Date.now()) this.#commit({ type: "time", at: Date.now() });
      if (this.#hasMore()) this.#commit({ type: "continue", at: Date.now() });
      this.#duties.resume();
      this.#project();
      this.#arm();
    } catch (error) {
      console.error(
        JSON.stringify({ at: "execution.alarm", execution: this.#state.run?.executionId, message: String(error) }),
      );
      this.#alarmAt = Date.now() + TROUBLE_MS;
      void this.ctx.storage.setAlarm(this.#alarmAt);
    }
  }

  #status(): RunStatus {
    return this.#state.run?.status ?? "running";
  }

  #load(organizationId: string, versionId: string): Promise<Program> {
    return programOf(organizationId, versionId, (org, version) => definitionOfVersion(this.env.DB, org, version));
  }

  /** Whether there is a run here and its program is at hand. A version that cannot be had parks the run (I7). */
  async #ready(): Promise<boolean> {
    const { run } = this.#state;
    if (!run) return false;
    this.#program ??= await this.#load(run.organizationId, run.versionId);
    return true;
  }

  async #belongsTo(organizationId: string): Promise<boolean> {
    return this.#state.run?.organizationId === organizationId && (await this.#ready());
  }

  /** A macro-step ended by its budget, and the object went away before it could go on. */
  #hasMore(): boolean {
    for (const token of this.#state.tokens.values()) if (token.phase === "ready") return true;
    return false;
  }

  /**
   * One input, committed with all that follows from it (I2); no await in here. Then its effects start. False when it changed nothing.
   * `ended` closes the attempt whose result the input is.
   */
  #commit(input: Input, ended?: { key: string; attempt: number; outcome: string }): boolean {
    let next: Input | null = input;
    let applied = false;
    while (next) {
      const current: Input = next;
      next = null;
      const done = this.#stepped(current);
      if (!done || done.ignored) return applied;
      applied = true;
      const started = this.#duties.admit(done.effects);
      this.#meta = { ...this.#meta, seq: this.#meta.seq + 1, commits: this.#meta.commits + 1 };
      this.#store.write({
        at: current.at,
        input: current,
        rows: deltaRows(done.delta),
        meta: this.#meta,
        startedAttempts: started,
        ...(ended && current === input ? { endedAttempt: ended } : {}),
      });
      applyDelta(this.#state, done.delta);
      this.#duties.begin(done.effects);
      if (done.effects.some((effect) => effect.type === "continue")) next = { type: "continue", at: Date.now() };
    }
    this.#arm();
    this.#afterCommit();
    return applied;
  }

  /** I7: `step` throws only for bugs. The run is parked where it was, for people to look at, and nothing loops. */
  #stepped(input: Input): Step | null {
    if (this.#meta.stuck) return null;
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
      this.#note({ stuck: message });
      return null;
    }
  }

  /** Changes what the shell remembers, without an input, and starts what has become free to start. */
  #note(changes: Partial<Meta>, endedAttempt?: { key: string; attempt: number; outcome: string }): void {
    this.#meta = { ...this.#meta, ...changes, commits: this.#meta.commits + 1 };
    const startedAttempts = this.#duties.admit([]);
    this.#store.create();
    this.#store.write({ at: Date.now(), meta: this.#meta, startedAttempts, ...(endedAttempt ? { endedAttempt } : {}) });
    this.#duties.begin([]);
    this.#arm();
  }

  #afterCommit(): void {
    const status = this.#status();
    if (isFinal(status)) {
      for (const tell of this.#ended.splice(0)) tell(status);
      this.#duties.tellParent();
    }
    if (isFinal(status) || status === "waiting") this.#project();
  }

  /** Tells the index how the run stands. Lost messages are made good by the alarm and the sweeper. */
  #project(): void {
    if (this.#projected === this.#meta.seq || !this.#program) return;
    const seq = this.#meta.seq;
    this.#projected = seq;
    const message = projectionOf(this.#state, this.#meta, this.#program, nextDue(this.#state));
    this.ctx.waitUntil(
      this.env.PROJECTIONS.send(message).catch((error) => {
        console.error(
          JSON.stringify({ at: "execution.project", execution: message.executionId, message: String(error) }),
        );
        this.#projected = 0;
        this.#setAlarm(Date.now() + WATCH_MS);
      }),
    );
  }

  /** I4: the alarm is the earliest of what is due by itself and of what is not finished. */
  #arm(): void {
    const now = Date.now();
    const { run } = this.#state;
    if (!run) return;
    let at = now + LONGEST_SLEEP_MS;
    if (isFinal(run.status)) at = this.#duties.unfinished() ? now + WATCH_MS : run.endedAt! + RETENTION_MS;
    else if (!this.#meta.stuck) {
      at = Math.min(at, nextDue(this.#state) ?? at);
      if (this.#duties.unfinished()) at = Math.min(at, now + WATCH_MS);
    }
    this.#setAlarm(at);
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
    if (endedAt == null || this.#duties.unfinished() || Date.now() < endedAt + RETENTION_MS) return false;
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    this.#state = newState();
    return true;
  }
}

/** A state as one text, whatever order its records came in. */
const textOf = (state: RunState): string =>
  canonicalJson(
    JSON.parse(
      JSON.stringify({
        run: state.run,
        variables: Object.fromEntries(state.variables),
        tokens: Object.fromEntries(state.tokens),
        visits: Object.fromEntries(state.visits),
        nodes: Object.fromEntries(state.nodes),
        frames: Object.fromEntries(state.frames),
      }),
    ),
  );
