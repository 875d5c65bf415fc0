// What a run owes the outside: attempts to perform, events to listen for, a parent to tell. Decides what may start now, starts it after the
// commit, and brings results back as inputs. Memory only; after a restart everything is found again in the state (rule 3 of PLATFORM).
import { childResult } from "../../actions/workflow-start.ts";
import { startListening, stopListening } from "../../domain/waiter/listen.ts";
import type { Effect, Input } from "../../engine/contract.ts";
import { isFinal } from "../../engine/contract.ts";
import type { RunState, Token } from "../../engine/state.ts";
import { effectKey } from "../../engine/stepping.ts";
import type { Env } from "../../env.ts";
import { makeActionPorts } from "../action-ports.ts";
import { MAX_IN_FLIGHT, type Perform, performAttempt } from "./perform.ts";
import { executionStub } from "./rpc.ts";
import type { AttemptRow, Meta } from "./store.ts";

type Host = {
  state(): RunState;
  meta(): Meta;
  attempt(key: string, attempt: number): AttemptRow | undefined;
  commit(input: Input, ended?: { key: string; attempt: number; outcome: string }): boolean;
  note(changes: Partial<Meta>, ended?: { key: string; attempt: number; outcome: string }): void;
};

export class Duties {
  readonly #env: Env;
  readonly #context: DurableObjectState;
  readonly #host: Host;
  readonly #inFlight = new Map<string, AbortController>();
  /** Performs that wait for a free connection, in order. */
  #queue: Perform[] = [];
  readonly #listening = new Set<string>();
  #tellingParent = false;

  constructor(env: Env, context: DurableObjectState, host: Host) {
    this.#env = env;
    this.#context = context;
    this.#host = host;
  }

  /** Takes the effects of a step that is about to commit; answers which attempts start with it, so that their rows commit with it too. */
  admit(effects: readonly Effect[]): { key: string; attempt: number }[] {
    for (const effect of effects) {
      if (effect.type === "perform") this.#queue.push(effect);
      if (effect.type === "abort") this.#drop(effect.key);
    }
    return this.#queue.slice(0, this.#free()).map(({ key, attempt }) => ({ key, attempt }));
  }

  /** After the commit. The output gate holds every request back until the commit is durable. */
  begin(effects: readonly Effect[]): void {
    for (const effect of this.#queue.splice(0, this.#free())) this.#perform(effect);
    for (const effect of effects) {
      if (effect.type === "listen") this.#listen(effect);
      if (effect.type === "unlisten") this.#unlisten(effect.key);
    }
  }

  /** After a wake: whatever the state says is owed and memory does not know is taken up again. */
  resume(): void {
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
    if (isFinal(this.#host.state().run?.status ?? "")) this.tellParent();
  }

  /** Whether anything is owed that nobody else would remind us of. */
  unfinished(): boolean {
    const { run, tokens } = this.#host.state();
    if (run && isFinal(run.status)) return this.#host.meta().parent !== null && !this.#host.meta().parentTold;
    for (const token of tokens.values()) {
      if (token.phase === "ready" || (token.phase === "performing" && !this.#isPending(token))) return true;
      if (token.wait && !token.wait.listening) return true;
    }
    return false;
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

  #free(): number {
    return Math.max(0, MAX_IN_FLIGHT - this.#inFlight.size);
  }

  #drop(key: string): void {
    this.#queue = this.#queue.filter((effect) => effect.key !== key);
    this.#inFlight.get(key)?.abort();
    this.#inFlight.delete(key);
  }

  #isPending(token: Token): boolean {
    return this.#host.attempt(effectKey(token.node, token.visit), token.attempt)?.outcome === "pending";
  }

  #perform(effect: Perform): void {
    const run = this.#host.state().run!;
    const controller = new AbortController();
    this.#inFlight.set(effect.key, controller);
    const ports = makeActionPorts(this.#env, this.#context);
    const attempted = performAttempt(effect, run, this.#host.meta().eventDepth, ports, controller.signal).then(
      (result) => {
        // Another attempt may have taken the place of one that was aborted.
        if (this.#inFlight.get(effect.key) !== controller) return;
        this.#inFlight.delete(effect.key);
        const ended = { key: effect.key, attempt: effect.attempt, outcome: result.outcome };
        const { key, attempt } = effect;
        const taken =
          result.outcome !== "pending" &&
          this.#host.commit({ type: "result", at: Date.now(), key, attempt, result }, ended);
        if (!taken) this.#host.note({}, ended);
      },
    );
    this.#context.waitUntil(attempted.catch((error) => log("perform", run.executionId, error)));
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

  #listen(effect: Extract<Effect, { type: "listen" }>): void {
    const run = this.#host.state().run!;
    if (run.dryRun) return;
    this.#listening.add(effect.key);
    const listening = startListening(this.#env.DB, run, effect)
      .then((missed) => {
        this.#host.commit({ type: "listening", at: Date.now(), key: effect.key });
        for (const event of missed) this.#host.commit({ type: "event", at: Date.now(), key: effect.key, event });
      })
      .catch((error) => log("listen", run.executionId, error))
      .finally(() => this.#listening.delete(effect.key));
    this.#context.waitUntil(listening);
  }

  /** A row that stays by mishap does no harm: what it wakes is ignored. */
  #unlisten(key: string): void {
    const run = this.#host.state().run!;
    if (run.dryRun) return;
    this.#context.waitUntil(
      stopListening(this.#env.DB, run.executionId, key).catch((error) => log("unlisten", run.executionId, error)),
    );
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
