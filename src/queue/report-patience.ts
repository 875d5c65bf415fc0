// How long the answers to a batch's starts may take. A run that is over meanwhile tells the index in that answer: no message of its own, and one
// row instead of two. A run that is not tells it later, as ever. A workflow most of whose runs were waited for in vain is not waited for next time:
// its targets are slow. One late run among many says nothing of its workflow: the machine was busy.

/** For one run, in ms. */
const RUN_MS = 500;
/** For all of them together, in ms: as long as the queue gathers a batch (wrangler.toml). */
const BATCH_MS = 1_000;
/** Who was not waited for as long as this is not slow, in ms. */
const FAIR_MS = 300;
/** So long a workflow counts as slow, in ms. */
const SLOW_MS = 10_000;
/** Of which as many are remembered. */
const MAX_SLOW = 1_000;

/** When they were slow, epoch ms, by id; the earliest first. Memory of an isolate: forgetting costs a wait. */
const slowSince = new Map<string, number>();

export class ReportPatience {
  readonly #until: number;
  /** Of this batch, by workflow: runs that came in time, less those that were waited for in vain. */
  readonly #ahead = new Map<string, number>();

  constructor(now: number) {
    this.#until = now + BATCH_MS;
  }

  /** Milliseconds that a start of this workflow may wait for its run. */
  left(workflowId: string, now: number): number {
    const since = slowSince.get(workflowId);
    if (since !== undefined && Math.abs(now - since) < SLOW_MS) return 0;
    return Math.max(0, Math.min(RUN_MS, this.#until - now));
  }

  /** A run of it has answered in time. */
  win(workflowId: string): void {
    this.#ahead.set(workflowId, (this.#ahead.get(workflowId) ?? 0) + 1);
  }

  /** A run of it was waited for in vain for so many ms. */
  lose(workflowId: string, waitedMs: number, now: number): void {
    if (waitedMs < FAIR_MS) return;
    const ahead = (this.#ahead.get(workflowId) ?? 0) - 1;
    this.#ahead.set(workflowId, ahead);
    if (ahead >= 0) return;
    slowSince.delete(workflowId);
    slowSince.set(workflowId, now);
    const [earliest] = slowSince.keys();
    if (slowSince.size > MAX_SLOW) slowSince.delete(earliest!);
  }
}
