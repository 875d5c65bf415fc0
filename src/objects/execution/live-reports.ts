// What the Feed of a watched workflow is told of a run: each commit's events, in order, after the commit, until the Feed has them. Of an unwatched
// one nothing is made, sent or stored.
// Invariants: what was committed and is not told is told by a later life (the alarm stands until then), from the journal; the Feed takes a commit
// once, by its journal sequence, so telling twice is harmless.
import { FEW_EVENTS, type Fed } from "../../domain/feed/fed.ts";
import type { LiveEvent } from "../../domain/feed/live-event.ts";
import { type Input, isFinal } from "../../engine/contract.ts";
import type { Program } from "../../engine/program.ts";
import { applyDelta, newState, type RunState } from "../../engine/state.ts";
import { step } from "../../engine/step.ts";
import type { Env } from "../../env.ts";
import { feedStub } from "../rpc.ts";
import { liveEventsOf } from "./live-events.ts";
import type { Meta } from "./store.ts";

/** A Feed that cannot be told for so long is left alone, in ms. */
const GIVE_UP_MS = 600_000;
/** Events of one run that wait to be told: as many as a Feed keeps. */
const MAX_PENDING = 2_000;

type Host = {
  state(): RunState;
  meta(): Meta;
  program(): Program | null;
  journal(): { seq: number; input: Input }[];
  /** Stores how far the Feed knows, in a commit of its own. */
  note(): void;
  /** What is owed has changed. */
  arm(): void;
  log(at: string, error: unknown): void;
};

export class LiveReports {
  readonly #env: Env;
  readonly #context: DurableObjectState;
  readonly #host: Host;
  /** Journal sequence up to which the Feed knows the run; null: nobody listens. */
  #told: number | null = null;
  /** What it has yet to be told; null: it is in the journal. */
  #pending: Fed[] | null = [];
  #dropped = false;
  #isTelling = false;
  /** Since when it is owed, epoch ms. */
  #owedSince: number | null = null;
  /** How often the Feed has asked: its answer that nobody listens may be older. */
  #asked = 0;

  constructor(env: Env, context: DurableObjectState, host: Host) {
    this.#env = env;
    this.#context = context;
    this.#host = host;
  }

  get told(): number | null {
    return this.#told;
  }

  get owedSince(): number | null {
    return this.#owedSince;
  }

  /** From an earlier life. */
  load({ told, seq }: Meta): void {
    if (told === undefined) return;
    this.#told = told;
    if (told >= seq) return;
    this.#pending = null;
    this.#owedSince = Date.now();
  }

  /** From the first commit on. */
  begin(): void {
    this.#told = 0;
  }

  /** From `since` (epoch ms) on, also what is in the journal by now. */
  join(since: number): void {
    this.#asked++;
    if (this.#told === null) {
      this.#told = this.#host.journal().findLast(({ input }) => input.at < since)?.seq ?? 0;
      this.#pending = null;
      if (!isFinal(this.#host.state().run!.status)) this.#host.note();
    }
    this.resume();
  }

  /** The run is gone. */
  forget(): void {
    this.#told = null;
    this.#pending = [];
    this.#owedSince = null;
  }

  /** Before the step is applied. */
  eventsOf(input: Input, delta: Parameters<typeof liveEventsOf>[2]): LiveEvent[] {
    if (this.#told === null || this.#pending === null) return [];
    try {
      return liveEventsOf(this.#host.state(), input, delta, this.#host.program()!, this.#host.meta());
    } catch (error) {
      // The step is committed: nothing that is only shown may stop it here.
      this.#host.log("feed", error);
      this.#dropped = true;
      return [];
    }
  }

  /** After the commit `seq` of an input of `at` (epoch ms). */
  add(seq: number, at: number, events: LiveEvent[]): void {
    if (this.#told === null) return;
    if (this.#pending !== null && events.length > 0) {
      this.#pending.push({ seq, at, events });
      this.#bound();
    } else if (this.#pending?.length === 0 && !this.#isTelling) this.#told = seq;
    this.resume();
  }

  /** Tells what is owed, unless that is under way. */
  resume(): void {
    if (this.#told === null || this.#isTelling || this.#pending?.length === 0) return;
    this.#owedSince ??= Date.now();
    if (Date.now() - this.#owedSince > GIVE_UP_MS) {
      this.forget();
      return;
    }
    this.#isTelling = true;
    this.#context.waitUntil(
      this.#tell()
        .then(() => {
          this.#owedSince = null;
        })
        .catch((error) => this.#host.log("feed", error))
        .then(() => {
          this.#isTelling = false;
          if (this.#owedSince === null && this.#host.state().run?.status === "waiting") this.#host.note();
          else this.#host.arm();
        }),
    );
  }

  async #tell(): Promise<void> {
    const { organizationId, workflowId, executionId } = this.#host.state().run!;
    const feed = feedStub(this.#env, organizationId, workflowId);
    while (this.#told !== null) {
      this.#pending ??= this.#fromJournal(this.#told);
      this.#bound();
      const part = firstOf(this.#pending);
      const last = part.at(-1);
      if (!last) return;
      const asked = this.#asked;
      const isDropped = this.#dropped;
      const isWatched = await feed.tell({ executionId, commits: part, ...(isDropped && { dropped: true }) });
      if (!isWatched && asked === this.#asked) return this.forget();
      if (!isWatched || this.#told === null) continue;
      if (isDropped) this.#dropped = false;
      this.#told = last.seq;
      this.#pending = this.#pending?.filter(({ seq }) => seq > last.seq) ?? null;
    }
  }

  #fromJournal(told: number): Fed[] {
    const folded = newState();
    const program = this.#host.program()!;
    const pending: Fed[] = [];
    for (const { seq, input } of this.#host.journal()) {
      const { delta } = step(program, folded, input);
      if (seq > told) {
        const events = liveEventsOf(folded, input, delta, program, this.#host.meta());
        if (events.length > 0) pending.push({ seq, at: input.at, events });
      }
      applyDelta(folded, delta);
    }
    return pending;
  }

  /** A run that gets on faster than its Feed takes it is told of by its latest. */
  #bound(): void {
    if (!this.#pending) return;
    let count = this.#pending.reduce((sum, { events }) => sum + events.length, 0);
    while (count > MAX_PENDING && this.#pending.length > 1) {
      count -= this.#pending.shift()!.events.length;
      this.#dropped = true;
    }
  }
}

/** As many commits as one call carries. */
const firstOf = (pending: readonly Fed[]): Fed[] => {
  let count = 0;
  const part: Fed[] = [];
  for (const commit of pending) {
    if (part.length > 0 && count + commit.events.length > FEW_EVENTS) break;
    part.push(commit);
    count += commit.events.length;
  }
  return part;
};
