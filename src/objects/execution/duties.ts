// What a run owes the outside: attempts to perform, events to listen for, a parent to tell. Decides what may start now, starts it after the
// commit, and brings results back as inputs. Memory only; after a restart everything is found again in the state (rule 3 of PLATFORM).
import { childResult, workflowStart } from "../../actions/workflow-start.ts";
import { STEP_OVER, type StepRef } from "../../domain/action-ports.ts";
import type { StreamEvent } from "../../domain/event.ts";
import { failureEventOf } from "../../domain/execution/failure-event.ts";
import { cancelChild } from "../../domain/execution/start-child.ts";
import { replyWithin } from "../../domain/flow/reply.ts";
import { missedEvents, startListening, stopListening } from "../../domain/waiter/listen.ts";
import type { Effect, Input } from "../../engine/contract.ts";
import { isFinal } from "../../engine/contract.ts";
import type { Program } from "../../engine/program.ts";
import type { Delta, RunRecord, RunState, Token } from "../../engine/state.ts";
import { hasMore } from "../../engine/step.ts";
import { effectKey, visitOfKey } from "../../engine/stepping.ts";
import type { Env } from "../../env.ts";
import { newId } from "../../lib/ids.ts";
import { pause } from "../../lib/pause.ts";
import { makeActionPorts } from "../action-ports.ts";
import { inboxPort } from "../inbox-port.ts";
import { makePorts } from "../ports.ts";
import { claimReply } from "./claim-reply.ts";
import { hasHeard } from "./hear.ts";
import { MAX_IN_FLIGHT, type Perform, performAttempt } from "./perform.ts";
import { executionStub } from "./rpc.ts";
import type { Attempt, Meta } from "./store.ts";

type Host = {
  state(): RunState;
  program(): Program;
  meta(): Meta;
  attempt(key: string, attempt: number): Attempt | undefined;
  commit(input: Input, ended?: { key: string; attempt: number; outcome: string }): boolean;
  note(changes: Partial<Meta>, ended?: { key: string; attempt: number; outcome: string }): void;
};

type Listen = Extract<Effect, { type: "listen" }>;

/** Pages of the log that one wake goes through: an invocation may make 10,000 calls of all kinds (Cloudflare Workers limits, "Subrequests"). */
const MAX_PAGES = 100;

/** Nobody waits for the row of a wait that is over to go, and somebody may for what leaves: it goes so much later. */
const FIRST_WHAT_LEAVES_MS = 50;

/** What a step asks for: attempts that start with its commit, those that wait for a free connection, and keys that are called back. */
export type Plan = { starting: Perform[]; waiting: Perform[]; dropped: Dropped[]; orphans: string[] };
/** `isOver`: its step has ended, and will not be tried again. */
type Dropped = { key: string; isOver: boolean };

export class Duties {
  readonly #env: Env;
  readonly #context: DurableObjectState;
  readonly #host: Host;
  readonly #inFlight = new Map<string, AbortController>();
  /** Performs that wait for a free connection, in order. */
  #queue: Perform[] = [];
  /** Waits that are not listening yet and are seen to, by key. */
  readonly #listening = new Map<string, Promise<void>>();
  /** When a wait last got on with what it has missed, epoch ms. */
  #heardAt = 0;
  #tellingParent = false;
  #tellingFailure = false;
  #heard: StepRef["heard"];
  /** Steps whose child is being ended. */
  readonly #ending = new Set<string>();

  constructor(env: Env, context: DurableObjectState, host: Host) {
    this.#env = env;
    this.#context = context;
    this.#host = host;
  }

  /** The contact has just written: the database hears of it later than what the run answers leaves. Memory only; behind a restart it has. */
  noteHeard({ conversationId, occurredAt: at }: Pick<StreamEvent, "conversationId" | "occurredAt">): void {
    if (conversationId !== undefined) this.#heard = { conversationId, at };
  }

  /** For a step that is about to commit, so that the rows of its attempts commit with it. Changes nothing: the commit may fail. */
  plan(effects: readonly Effect[], delta?: Delta): Plan {
    let queue = [...this.#queue];
    const dropped: Dropped[] = [];
    const orphans: string[] = [];
    for (const effect of effects) {
      if (effect.type === "perform") queue.push(effect);
      if (effect.type !== "abort") continue;
      queue = queue.filter((one) => one.key !== effect.key);
      const token = this.#tokenOf(effect.key);
      // One that timed out may be tried again, and then finds the child that it has started.
      const isOver = token === undefined || (delta?.tokens.has(token.id) === true && !delta.tokens.get(token.id));
      dropped.push({ key: effect.key, isOver });
      if (isOver && token && this.#awaitsChild(token)) orphans.push(effect.key);
    }
    const freed = new Set(dropped.filter(({ key }) => this.#inFlight.has(key))).size;
    const free = this.#free() + freed;
    return { starting: queue.slice(0, free), waiting: queue.slice(free), dropped, orphans };
  }

  /** After the commit. The output gate holds every request back until the commit is durable. */
  begin({ starting, waiting, dropped, orphans }: Plan, effects: readonly Effect[]): void {
    this.#queue = waiting;
    for (const one of dropped) this.#drop(one);
    for (const key of orphans) this.#endChild(key);
    for (const effect of starting) this.#perform(effect);
    for (const effect of effects) {
      if (effect.type === "listen") this.#listen(effect);
      if (effect.type === "unlisten") this.unlisten(effect.key, starting.length > 0 ? FIRST_WHAT_LEAVES_MS : 0);
    }
  }

  /** After a wake: whatever the state says is owed and memory does not know is taken up again. */
  resume(): void {
    if (this.#host.state().run?.status === "queued") return;
    for (const token of this.#host.state().tokens.values()) {
      const key = effectKey(token.node, token.visit);
      if (token.phase === "performing" && !this.#inFlight.has(key) && !this.#queue.some((one) => one.key === key)) {
        this.#resumeAttempt(key, token);
      }
      if (token.wait && !token.wait.listening && !this.#listening.has(key)) {
        this.#listen({ type: "listen", key, wait: token.wait, since: token.since });
      }
    }
    if (this.#queue.length > 0 && this.#free() > 0) this.#host.note({});
    for (const key of this.#host.meta().orphans ?? []) this.#endChild(key);
    if (isFinal(this.#host.state().run?.status ?? "")) {
      this.tellParent();
      this.tellFailure();
    }
  }

  /** Since when (epoch ms) the oldest thing is owed that nobody else would remind us of; null when nothing is. */
  owedSince(): number | null {
    const state = this.#host.state();
    const { run, tokens } = state;
    if (!run) return null;
    const { parent, parentTold, failureTold, orphans = [] } = this.#host.meta();
    if (run.status === "queued") return null;
    const isUntold = (parent !== null && !parentTold) || failureTold === false;
    if (isFinal(run.status)) return isUntold || orphans.length > 0 ? run.endedAt : null;
    let since = hasMore(state) || orphans.length > 0 ? run.startedAt : Number.POSITIVE_INFINITY;
    for (const token of tokens.values()) {
      if (token.phase === "performing" && !this.isPending(token)) since = Math.min(since, token.since);
      // One that gets on is looked after soon, however long ago it began.
      if (token.wait && !token.wait.listening && (run.leaps || !run.dryRun))
        since = Math.min(since, Math.max(token.since, this.#heardAt));
    }
    return since === Number.POSITIVE_INFINITY ? null : since;
  }

  /** Whether a branch waits for an event under this key. */
  awaits(key: string): boolean {
    return this.#tokenOf(key)?.wait !== undefined;
  }

  /** Takes a waiter's row away. One that stays by mishap is taken away by the first event that it brings here. */
  unlisten(key: string, laterMs = 0): void {
    if (this.#host.state().run?.dryRun) return;
    const executionId = this.#context.id.name!;
    this.#context.waitUntil(
      pause(laterMs)
        .then(() => stopListening(this.#env.DB, executionId, key))
        .catch((error) => log("unlisten", executionId, error)),
    );
  }

  /** The parent that waits for this run hears of its end; told again until it has taken it. */
  tellParent(): void {
    const { run } = this.#host.state();
    const { parent, parentTold } = this.#host.meta();
    if (!run || !parent || parentTold || this.#tellingParent || !isFinal(run.status)) return;
    const result = childResult({
      executionId: run.executionId,
      status: run.status,
      output: run.output,
      error: run.error && { code: run.error.code, message: run.error.message },
    });
    if (result.outcome === "pending") return;
    this.#tellingParent = true;
    this.#context.waitUntil(
      executionStub(this.#env, parent.executionId)
        .deliver({ type: "result", key: parent.key, result })
        .then(() => this.#host.note({ parentTold: true }))
        .catch((error) => log("parent", run.executionId, error))
        .finally(() => {
          this.#tellingParent = false;
        }),
    );
  }

  /** The workflow that the run's failure starts hears of it; told again until the inbox has it. */
  tellFailure(): void {
    const { failureTold, eventDepth } = this.#host.meta();
    if (failureTold !== false || this.#tellingFailure) return;
    this.#tellingFailure = true;
    const state = this.#host.state();
    this.#context.waitUntil(
      failureEventOf(state, this.#host.program().settings, eventDepth)
        .then((event) => inboxPort(this.#env).accept(event))
        .then(() => this.#host.note({ failureTold: true }))
        .catch((error) => log("failure", state.run!.executionId, error))
        .finally(() => {
          this.#tellingFailure = false;
        }),
    );
  }

  #free(): number {
    return Math.max(0, MAX_IN_FLIGHT - this.#inFlight.size);
  }

  #drop({ key, isOver }: Dropped): void {
    this.#queue = this.#queue.filter((effect) => effect.key !== key);
    this.#inFlight.get(key)?.abort(isOver ? STEP_OVER : undefined);
    this.#inFlight.delete(key);
  }

  #tokenOf(key: string): Token | undefined {
    for (const token of this.#host.state().tokens.values())
      if (effectKey(token.node, token.visit) === key) return token;
    return undefined;
  }

  #awaitsChild({ perform }: Token): boolean {
    if (this.#host.state().run?.dryRun) return false;
    return perform?.action === workflowStart.name && perform.input.wait === true;
  }

  /** Nobody waits any more for the run that this step has started. It is told so until it has heard: a crash must not leave it running. */
  #endChild(key: string): void {
    if (this.#ending.has(key)) return;
    this.#ending.add(key);
    const { executionId, organizationId } = this.#host.state().run!;
    const step = { organizationId, key: `${executionId}:${key}`, startedAt: this.#startOf(key) };
    const end = async () => {
      await cancelChild(makePorts(this.#env), step);
      this.#host.note({ orphans: this.#host.meta().orphans?.filter((one) => one !== key) ?? [] });
    };
    const ended = end().catch((error) => log("child", executionId, error));
    this.#context.waitUntil(ended.finally(() => this.#ending.delete(key)));
  }

  /** When the visit that a key names began, epoch ms. */
  #startOf(key: string): number {
    return this.#host.state().visits.get(visitOfKey(key))!.startedAt;
  }

  /** Whether it has begun what the token stands at, and the outcome comes by itself. */
  isPending(token: Token): boolean {
    return this.#host.attempt(effectKey(token.node, token.visit), token.attempt)?.outcome === "pending";
  }

  #perform(effect: Perform): void {
    const run = this.#host.state().run!;
    const controller = new AbortController();
    this.#inFlight.set(effect.key, controller);
    const ports = () => makeActionPorts(this.#env);
    const isFirst = effect.mode === "run" && !run.dryRun;
    const { quietHours } = this.#host.program().settings;
    const { eventDepth, lent } = this.#host.meta();
    const within = isFirst ? replyWithin(this.#host.program(), effect.nodeId, effect.input) : undefined;
    const about = {
      startedAt: this.#startOf(effect.key),
      eventDepth,
      ...(lent && { lent }),
      ...(this.#heard && { heard: this.#heard }),
      ...(quietHours && { quietHours }),
      // What is to be answered leaves when the reply is its run's.
      ...(within !== undefined && { cleared: claimReply(this.#env, run, within) }),
    };
    const attempted = performAttempt(effect, run, about, ports, controller.signal).then((result) => {
      // Another attempt may have taken the place of one that was aborted.
      if (this.#inFlight.get(effect.key) !== controller) return;
      this.#inFlight.delete(effect.key);
      const ended = { key: effect.key, attempt: effect.attempt, outcome: result.outcome };
      const { key, attempt } = effect;
      const taken =
        result.outcome !== "pending" &&
        this.#host.commit({ type: "result", at: Date.now(), key, attempt, result }, ended);
      if (!taken) this.#host.note({}, ended);
    });
    this.#context.waitUntil(attempted.catch((error) => log("perform", run.executionId, error)));
  }

  /** What the contact says next is this wait's, unless a question that has left has said so already. */
  async #claim(run: RunRecord, { key, wait }: Listen): Promise<void> {
    if (wait.eventType !== "MESSAGE_RECEIVED" || wait.reply?.asked) return;
    const wakeAt = this.#tokenOf(key)?.wakeAt;
    await claimReply(this.#env, run, wakeAt === undefined ? null : wakeAt - Date.now());
  }

  /** An attempt that was begun before a restart has an outcome that nobody knows; one that never began starts now. */
  #resumeAttempt(key: string, token: Token): void {
    const row = this.#host.attempt(key, token.attempt);
    const { attempt } = token;
    if (row?.outcome === "pending") return;
    if (row) {
      const result = {
        outcome: "unknown",
        reason: "the engine was restarted during the attempt",
        restarted: true,
      } as const;
      this.#host.commit({ type: "result", at: Date.now(), key, attempt, result }, { key, attempt, outcome: "unknown" });
      return;
    }
    const wanted = token.perform!;
    const effect: Perform = {
      type: "perform",
      key,
      nodeId: token.node,
      attempt,
      mode: wanted.mode,
      action: wanted.action,
      input: wanted.input,
      timeoutMs: wanted.timeoutMs,
    };
    this.#queue.push(effect);
  }

  #listen(effect: Listen): void {
    const run = this.#host.state().run!;
    if (run.leaps) this.#makeUp(effect);
    if (run.dryRun) return;
    const { key } = effect;
    const listening = this.#beginToListen(run, effect)
      .catch((error) => log("listen", run.executionId, error))
      .finally(() => {
        if (this.#listening.get(key) === listening) this.#listening.delete(key);
      });
    this.#listening.set(key, listening);
    this.#context.waitUntil(listening);
  }

  /** A test waits for nobody: what it awaits is said to have come. One that takes no such event, and has no other way on, ends there. */
  #makeUp({ key, wait }: Listen): void {
    const come = async () => {
      await Promise.resolve();
      const at = Date.now();
      const event = { id: newId(at), type: wait.eventType, source: "test", data: { mocked: true }, occurredAt: at };
      if (this.#host.commit({ type: "event", at, key, event }) || this.#tokenOf(key)?.wakeAt !== undefined) return;
      const reason = `The test ends here: no made-up ${wait.eventType} passes the filters`;
      if (this.awaits(key)) this.#host.commit({ type: "cancel", at, reason });
    };
    // Behind the commit that asks for it.
    this.#context.waitUntil(come().catch((error) => log("test", this.#host.state().run!.executionId, error)));
  }

  /**
   * The wait's row, then what came before it stood, and only then does the wait listen: who dies in between takes it up where it was. A long
   * outage's events come a page at a time, and a wake goes through so many pages.
   */
  async #beginToListen(run: RunRecord, effect: Listen): Promise<void> {
    const { key, since } = effect;
    const isWanted = () => {
      const token = this.#tokenOf(key);
      return token?.wait?.listening === false && token.since === since;
    };
    await Promise.all([startListening(this.#env.DB, run, effect), this.#claim(run, effect)]);
    for (let page = 0; page < MAX_PAGES && isWanted(); page++) {
      const { events, next } = await missedEvents(this.#env.DB, run, effect, this.#host.meta().heard?.[key] ?? null);
      for (const event of events)
        if (isWanted() && !hasHeard(run, event)) this.#host.commit({ type: "event", at: Date.now(), key, event });
      if (!isWanted()) break;
      if (next === null) {
        this.#host.commit({ type: "listening", at: Date.now(), key });
        break;
      }
      this.#heardAt = Date.now();
      this.#host.note({ heard: { ...this.#host.meta().heard, [key]: next } });
    }
    const { [key]: through, ...heard } = this.#host.meta().heard ?? {};
    if (through !== undefined && !isWanted()) this.#host.note({ heard });
    // The wait was over before its row stood.
    if (!this.awaits(key)) this.unlisten(key);
  }
}

const log = (at: string, execution: string, error: unknown): void =>
  console.error(
    JSON.stringify({
      at: `execution.${at}`,
      execution,
      message: error instanceof Error ? error.message : String(error),
    }),
  );
