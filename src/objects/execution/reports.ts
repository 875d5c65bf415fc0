// What the index is told of a run, and by which way: in the answer to its start, by the queue, or at once for whoever has been told of its end.
// Memory only, because telling twice is harmless: the newest journal sequence wins. What gets lost behind the queue is made good by the sweeper,
// which finds the row overdue. What a report says is project.ts.
import { projectExecutions } from "../../domain/execution/project.ts";
import { isFinal } from "../../engine/contract.ts";
import type { Program } from "../../engine/program.ts";
import type { RunState } from "../../engine/state.ts";
import type { Env } from "../../env.ts";
import type { ProjectionMessage } from "../../queue/catalogue.ts";
import { projectionOf } from "./project.ts";
import type { Meta } from "./store.ts";

/** When to see that a report has reached the index, in ms. */
const SURE_MS = 5_000;
/** A report through the queue is in the index by then, in ms (wrangler.toml: a batch waits a second). */
const REPORT_MS = 3_000;
/** One that got lost with the queue is by then, by the sweeper. */
const LOST_REPORT_MS = 180_000;

type Host = {
  state(): RunState;
  meta(): Meta;
  program(): Program | null;
  /** Epoch ms at which the run wakes by itself. */
  wakeAt(): number;
  /** What is owed has changed. */
  arm(): void;
  log(at: string, error: unknown): void;
};

export class Reports {
  readonly #env: Env;
  readonly #context: DurableObjectState;
  readonly #host: Host;
  /** Journal sequence that the index was last told. */
  #told = 0;
  /** Who has started the run waits for its report, and takes it to the index. */
  #give: (() => void) | null = null;
  /** The end is in the index for whoever has been told of it. */
  #shown = false;
  /** Since when the index lacks what it must be told, epoch ms. */
  #owedSince: number | null = null;
  /** When to see that the last report has reached the index, epoch ms: a life that knows of it lets it be, a new one tells it again. */
  #sureAt: number | null = null;

  constructor(env: Env, context: DurableObjectState, host: Host) {
    this.#env = env;
    this.#context = context;
    this.#host = host;
  }

  get owedSince(): number | null {
    return this.#owedSince;
  }

  get sureAt(): number | null {
    return this.#sureAt;
  }

  /** The wake that `sureAt` asked for has come. */
  woken(): void {
    this.#sureAt = null;
  }

  /** The index may not know what it was told. */
  doubt(): void {
    this.#told = 0;
  }

  /** The run is gone. */
  forget(): void {
    this.#told = 0;
    this.#owedSince = null;
    this.#shown = false;
  }

  /** It has ended, or waits, for something or for its turn: the index is told. */
  get isSettled(): boolean {
    const status = this.#host.state().run?.status ?? "running";
    return isFinal(status) || status === "waiting" || status === "queued";
  }

  get #isAwaited(): boolean {
    return this.#give !== null;
  }

  /** How the run stands, once there is something to tell and its program is at hand. */
  settled(): ProjectionMessage | undefined {
    const program = this.#host.program();
    return program && this.isSettled ? this.#report(program) : undefined;
  }

  /** Until the run that `begin` begins has something to report, or `ms` are over: from then on it sends its reports by itself. */
  async answering(begin: () => void, ms: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      await new Promise<void>((resolve) => {
        this.#give = resolve;
        begin();
        // Nothing durable hangs on this timer.
        if (this.#isAwaited && ms > 0) timer = setTimeout(resolve, ms);
        else resolve();
      });
    } finally {
      this.#give = null;
      clearTimeout(timer);
    }
  }

  /** Tells the index how the run stands, unless it was told in this life. */
  tell(): void {
    const { seq, mustTell } = this.#host.meta();
    const program = this.#host.program();
    if (this.#told === seq || !program) return;
    this.#told = seq;
    if (this.#give && this.isSettled) {
      this.#give();
      this.#give = null;
      return;
    }
    const { run } = this.#host.state();
    if (mustTell && run && isFinal(run.status)) this.#owedSince ??= Date.now();
    // Counts are shown, and a run that waits may wait for days: one lost with the queue is not left to the next report.
    if (program.settings.counted) this.#sureAt = Date.now() + SURE_MS;
    this.#context.waitUntil(
      this.#env.PROJECTIONS.send(this.#report(program))
        .then(() => {
          if (this.#told === seq) this.#owedSince = null;
        })
        .catch((error) => {
          this.#host.log("project", error);
          this.#told = 0;
          this.#owedSince ??= Date.now();
        })
        .then(() => this.#host.arm()),
    );
  }

  /**
   * Whoever is told of the end finds it in the lists as well: the report is written here, without the queue's second. The queue's own copy
   * changes nothing then.
   */
  async showEnd(): Promise<void> {
    const endedAt = this.#host.state().run?.endedAt ?? null;
    const program = this.#host.program();
    if (this.#shown || endedAt === null || !program) return;
    this.#shown = true;
    const now = Date.now();
    const toldInThisLife = this.#told === this.#host.meta().seq;
    if (now - endedAt > (toldInThisLife ? REPORT_MS : LOST_REPORT_MS)) return;
    await projectExecutions(this.#env.DB, [this.#report(program)], now).catch((error) => this.#host.log("show", error));
  }

  #report(program: Program): ProjectionMessage {
    return projectionOf(this.#host.state(), this.#host.meta(), program, this.#host.wakeAt());
  }
}
