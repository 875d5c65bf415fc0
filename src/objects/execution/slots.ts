// A limited run's dealings with its organisation's dispatcher: what it was told last (kept in `meta.slot`), and what it should be told. A run has a
// slot while it works: while it waits for a time, an event or its child, it has none. Runs without a limit have no `meta.slot` and make no call.
// Who goes on because something has come (an event, a child's end) goes on at once and takes its slot over the limit: whoever waits for the answer
// is not kept waiting. Who goes on because its time has come asks first, is let in before all that has not begun, and goes on in any case after
// PATIENCE_MS, or when nobody answers: what has begun is never held up for good.

import { databaseOf } from "../../domain/database.ts";
import type { StartRequest } from "../../domain/ports.ts";
import type { Asked, Place } from "../../domain/queue/dispatch.ts";
import { limitsOfWorkflow } from "../../domain/queue/read-limits.ts";
import { isFinal } from "../../engine/contract.ts";
import type { RunState, Token } from "../../engine/state.ts";
import { hasMore } from "../../engine/step.ts";
import type { Env } from "../../env.ts";
import { dispatcherStub } from "../rpc.ts";
import type { Meta, Slot } from "./store.ts";

/** Who asked is let in by a call; one that has got lost is made good by asking again, ever more rarely, in ms. */
const ASK_AGAIN_MS = 60_000;
const ASK_LATEST_MS = 600_000;
/** A run whose time has come waits for its slot no longer than this. */
const PATIENCE_MS = 300_000;

type Host = {
  state(): RunState;
  meta(): Meta;
  /** It has begun, and its outcome comes by itself. */
  isPending(token: Token): boolean;
  note(changes: Partial<Meta>): void;
  log(at: string, error: unknown): void;
};

export class Slots {
  readonly #env: Env;
  readonly #context: DurableObjectState;
  readonly #host: Host;
  /** What is owed is being told, or about to change. */
  #isBusy = false;

  constructor(env: Env, context: DurableObjectState, host: Host) {
    this.#env = env;
    this.#context = context;
    this.#host = host;
  }

  /** What a new run may do at once; undefined: whatever it likes. Throws while the dispatcher is out of reach, and when its queue is full. */
  async first(request: StartRequest, priority: number): Promise<Slot | undefined> {
    const { limits, executionId: id, workflowId, organizationId, startAt = 0 } = request;
    if (!limits || startAt > Date.now()) return undefined;
    const asked = { id, workflowId, kind: "start", priority, limits } as const;
    const place = await dispatcherStub(this.#env, organizationId).ask(asked);
    if (place.state === "full") throw new Error("QUEUE_FULL: too many runs of the organization wait to start");
    return { limits, told: toldOf(place), since: Date.now() };
  }

  /** Whether the run works, or is about to. */
  get isNeeded(): boolean {
    const state = this.#host.state();
    if (state.run?.status !== "running" || this.#host.meta().stuck) return false;
    if (hasMore(state)) return true;
    for (const token of state.tokens.values())
      if (token.phase === "performing" && !this.#host.isPending(token)) return true;
    return false;
  }

  /** The slot that was asked for has come: the run goes on with it. */
  admitted(go: () => void): void {
    this.#turn("held", go);
  }

  /** A run that has not begun does, when it is its turn and its time. */
  async begin(now: number, go: () => void): Promise<void> {
    const { executionId: id, organizationId, workflowId, queued } = this.#host.state().run!;
    if ((queued?.startAt ?? 0) > now) return;
    if (!this.#slot) {
      const limits = await limitsOfWorkflow(databaseOf(this.#env.DB), organizationId, workflowId);
      if (!limits) return go();
      this.#host.note({ slot: { limits, told: "none", since: now } });
    }
    const place = await this.#ask({ id, workflowId, kind: "start" });
    if (this.#host.state().run?.status === "queued")
      this.#turn(toldOf(place), place.state === "granted" ? go : undefined);
  }

  /** A run whose time has come goes on, when it has a slot or needs to wait for none. */
  async wake(now: number, go: () => void): Promise<void> {
    const slot = this.#slot;
    if (!slot || slot.told === "held" || this.#isOverdue(slot, now)) return go();
    const { executionId: id, workflowId } = this.#host.state().run!;
    const place = await this.#ask({ id, workflowId, kind: "wake" }).catch((error) => {
      this.#host.log("slot", error);
      return null;
    });
    if (place === null) go();
    else this.#turn(toldOf(place), place.state === "granted" ? go : undefined);
  }

  /** When to look again, epoch ms, while the run waits for its turn; null: it does not. */
  lookAt(now: number): number | null {
    const slot = this.#slot;
    const { run, tokens } = this.#host.state();
    const isQueued = run?.status === "queued";
    if (!run || !slot || (slot.told !== "asked" && !isQueued)) return null;
    const again = now + Math.max(ASK_AGAIN_MS, Math.min(now - slot.since, ASK_LATEST_MS));
    if (isQueued) return again;
    const deadlines = [...tokens.values()].map((token) => token.deadline ?? Number.POSITIVE_INFINITY);
    return Math.min(again, slot.since + PATIENCE_MS, run.deadline ?? Number.POSITIVE_INFINITY, ...deadlines);
  }

  /** Since when the dispatcher lacks what it must be told, epoch ms; null: it knows. */
  owedSince(): number | null {
    return this.#owed() ? this.#slot!.since : null;
  }

  /** Tells the dispatcher what it does not know yet; one call at a time, the last word is right. */
  settle(): void {
    if (this.#isBusy || !this.#owed()) return;
    this.#isBusy = true;
    const told = this.#tell()
      .catch((error) => this.#host.log("slot", error))
      .finally(() => {
        this.#isBusy = false;
      });
    this.#context.waitUntil(told);
  }

  get #slot(): Slot | undefined {
    return this.#host.meta().slot;
  }

  #ask(about: Pick<Asked, "id" | "workflowId" | "kind">): Promise<Place> {
    const { organizationId } = this.#host.state().run!;
    const { limits } = this.#slot!;
    const { priority } = this.#host.meta();
    return dispatcherStub(this.#env, organizationId).ask({ ...about, priority, limits });
  }

  /** What runs out of time does not wait for room, and nothing that has begun waits for good. */
  #isOverdue({ told, since }: Slot, now: number): boolean {
    const { run, tokens } = this.#host.state();
    if (told === "asked" && now - since >= PATIENCE_MS) return true;
    if (run!.deadline !== null && run!.deadline <= now) return true;
    return [...tokens.values()].some(({ deadline }) => deadline !== undefined && deadline <= now);
  }

  /** Notes the answer and goes on with it; in between nothing is owed. */
  #turn(told: Slot["told"], go?: () => void): void {
    this.#isBusy = true;
    try {
      this.#note(told);
      go?.();
    } finally {
      this.#isBusy = false;
    }
    this.settle();
  }

  async #tell(): Promise<void> {
    for (let owed = this.#owed(); owed; owed = this.#owed()) {
      const { executionId: id, organizationId, workflowId } = this.#host.state().run!;
      const { limits } = this.#slot!;
      const { priority } = this.#host.meta();
      const dispatcher = dispatcherStub(this.#env, organizationId);
      if (owed === "none") await dispatcher.leave(id);
      else await dispatcher.take({ id, workflowId, kind: "wake", priority, limits });
      this.#note(owed);
    }
  }

  #owed(): "none" | "held" | null {
    const slot = this.#slot;
    const { run } = this.#host.state();
    if (!slot || !run || run.status === "queued") return null;
    if (this.isNeeded) return slot.told === "held" ? null : "held";
    if (slot.told === "held") return "none";
    return slot.told === "asked" && isFinal(run.status) ? "none" : null;
  }

  #note(told: Slot["told"]): void {
    const slot = this.#slot;
    if (slot && slot.told !== told) this.#host.note({ slot: { ...slot, told, since: Date.now() } });
  }
}

const toldOf = ({ state }: Place): Slot["told"] =>
  state === "granted" ? "held" : state === "queued" ? "asked" : "none";
