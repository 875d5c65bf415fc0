// The world that actions change, with a ledger of its own: every request that arrived, whatever the engine believes. It outlives crashes.
import type { ActionPorts, Attempted, ChildRun, MessageReceipt, StepRef } from "../../src/domain/action-ports.ts";
import { startChild } from "../../src/domain/execution/start-child.ts";
import type { Database, Executions } from "../../src/domain/ports.ts";
import type { RunEvent } from "../../src/engine/contract.ts";
import type { EgressAnswer, EgressFailure, EgressRequest } from "../../src/lib/egress.ts";
import { memoryLimiter } from "../fixtures/memory-limiter.ts";
import type { Life, Platform } from "./platform.ts";
import { EPOCH } from "./world.ts";

export type Arrival = {
  at: number;
  kind: "http" | "message";
  /** `execution:node:visit`, as the request itself named it. */
  key: string;
  body: string;
  accepted: boolean;
};

/**
 * What becomes of a request. `status`: answered so. `hang`: it arrives and no answer ever comes. `late`: the answer takes `ms`.
 * `cut`: the connection breaks, after it was accepted or before. `large`: a body of so many characters that JSON has to escape.
 */
export type Answer =
  | { status: number; retryAfterSeconds?: number }
  | { hang: "accepted" | "refused" }
  | { late: number }
  | { large: number }
  | { cut: "accepted" | "refused" };

const acceptedBy = (answer: Answer): boolean => {
  if ("status" in answer) return answer.status < 400;
  if ("late" in answer || "large" in answer) return true;
  return ("hang" in answer ? answer.hang : answer.cut) === "accepted";
};

/** The answer to the `nth` request (from 1) of a step; `node` is the node's id. */
export type Script = (node: string, nth: number) => Answer;

export class Provider {
  readonly ledger: Arrival[] = [];
  /** Keys of requests in the order in which they left. */
  readonly left: string[] = [];
  /** Looks at each request as it leaves. */
  onLeave: (kind: Arrival["kind"], key: string) => void = () => {};
  readonly #platform: Platform;
  readonly #script: Script;
  /** Requests that have left and not arrived. */
  readonly #onTheirWay = new Map<string, number>();
  readonly #versionOf: (workflowId: string) => string;
  readonly #database: {
    read<T>(life: Life, found: T): Promise<T>;
    list(life: Life, executionId: string): Promise<void>;
  };
  constructor(
    platform: Platform,
    script: Script,
    versionOf: (workflowId: string) => string,
    database: { read<T>(life: Life, found: T): Promise<T>; list(life: Life, executionId: string): Promise<void> },
  ) {
    this.#platform = platform;
    this.#script = script;
    this.#versionOf = versionOf;
    this.#database = database;
  }

  portsOf(life: Life): ActionPorts {
    const ports: Pick<ActionPorts, "http" | "messages" | "code" | "workflows"> = {
      http: { request: (request) => this.#request(life, request) },
      messages: {
        send: (step, order) => this.#send(life, step, order.text),
        reconcile: (step) => this.#reconcile(life, step),
      },
      code: { run: async (_, { context }) => ({ ok: true, result: { saw: context.input ?? null }, logs: ["ran"] }) },
      workflows: { startChild: (step, child) => this.#startChild(life, step, child) },
    };
    return ports as ActionPorts;
  }

  /** One request: it leaves after the gate, arrives later, and is answered later still. Null when it was called back before it left. */
  #exchange(life: Life, kind: Arrival["kind"], key: string, body: string, signal: AbortSignal): Promise<Answer | null> {
    const { world, conditions } = this.#platform;
    const exchange = new Promise<Answer | null>((resolve) => {
      signal.addEventListener("abort", () => resolve({ cut: "refused" }), { once: true });
      const arrive = () => {
        this.#onTheirWay.set(key, this.#onTheirWay.get(key)! - 1);
        const nth = this.ledger.filter((one) => one.key === key).length + 1;
        const answer = this.#script(key.split(":").at(-2)!, nth);
        this.ledger.push({ at: world.now, kind, key, body, accepted: acceptedBy(answer) });
        if ("hang" in answer) return;
        const delay = "late" in answer ? answer.late : conditions.latency("provider");
        world.schedule(`answer to ${key}: ${JSON.stringify(answer)}`, delay, () => resolve(answer), { owner: life });
      };
      const send = () => {
        this.left.push(key);
        this.onLeave(kind, key);
        this.#onTheirWay.set(key, (this.#onTheirWay.get(key) ?? 0) + 1);
        world.schedule(`arrival of ${kind} ${key}`, conditions.latency("provider"), arrive);
      };
      void life.leave(`${kind} ${key}`, send, signal).then((left) => {
        if (!left) resolve(null);
      });
    });
    return life.underWay(exchange);
  }

  async #request(life: Life, request: EgressRequest): Promise<EgressAnswer | EgressFailure> {
    const key = request.headers?.["idempotency-key"] ?? "none:0";
    const answer = await this.#exchange(life, "http", key, String(request.body ?? ""), request.signal!);
    if (answer === null) return { ok: false, kind: "timeout", message: "called back", sent: false };
    if ("cut" in answer || "hang" in answer)
      return { ok: false, kind: "network", message: "connection reset", sent: true };
    const status = "status" in answer ? answer.status : 200;
    const headers = new Headers({ "content-type": "application/json" });
    if ("status" in answer && answer.retryAfterSeconds) headers.set("retry-after", String(answer.retryAfterSeconds));
    const text = "large" in answer ? "\u0001".repeat(answer.large) : '{"ok":true}';
    return { ok: true, status, headers, body: new TextEncoder().encode(text), url: request.url };
  }

  async #send(life: Life, step: StepRef, text: string): Promise<Attempted<MessageReceipt>> {
    const answer = await this.#exchange(life, "message", step.key, text, step.signal);
    if (answer === null) return { outcome: "refused", code: "TIMEOUT", message: "called back", retryable: true };
    if ("cut" in answer || "hang" in answer) return { outcome: "unknown", reason: "connection reset" };
    if ("status" in answer && answer.status >= 400)
      return { outcome: "refused", code: "PROVIDER", message: `${answer.status}`, retryable: answer.status === 429 };
    return { outcome: "ok", value: receiptOf(step.key) };
  }

  /** What the provider knows of the step. `absent` only when nothing of it is on its way any more. */
  async #reconcile(life: Life, step: StepRef): Promise<Attempted<MessageReceipt> | { outcome: "absent" }> {
    const { world, conditions } = this.#platform;
    const asked = new Promise<Attempted<MessageReceipt> | { outcome: "absent" }>((resolve) => {
      const judge = () => {
        const accepted = this.ledger.some((one) => one.key === step.key && one.accepted);
        const open = (this.#onTheirWay.get(step.key) ?? 0) > 0;
        if (accepted) resolve({ outcome: "ok", value: receiptOf(step.key) });
        else resolve(open ? { outcome: "unknown", reason: "still on its way" } : { outcome: "absent" });
      };
      const ask = () =>
        void world.schedule(`answer about ${step.key}`, conditions.latency("provider"), judge, { owner: life });
      void life.leave(`question about ${step.key}`, ask, step.signal);
    });
    return life.underWay(asked);
  }

  /** The real verb, over objects that may die while it asks them. */
  #startChild(
    life: Life,
    step: StepRef,
    child: Parameters<ActionPorts["workflows"]["startChild"]>[1],
  ): Promise<Attempted<ChildRun>> {
    const target = {
      organizationId: step.organizationId,
      workflowId: child.workflowId,
      status: "active",
      settings: null,
      watchedUntil: null,
      maxConcurrency: null,
      queue: null,
    };
    const first = () => this.#database.read(life, { ...target, versionId: this.#versionOf(child.workflowId) });
    const run = (rows: string) => this.#database.list(life, JSON.parse(rows)[0].id);
    const bind = (values: string) => ({ first, run: () => run(values) });
    const batch = async ([target]: { first: () => Promise<unknown> }[]) => [{ results: [await target!.first()] }];
    const db = { prepare: () => ({ bind }), batch } as unknown as Database;
    const { executions } = this.executionsOf(life);
    const now = () => this.#platform.world.now;
    const contacts = { forget: async () => {}, claimRun: async () => ({ allowed: true }) as const };
    return startChild({ db, executions, limiter: memoryLimiter(now), contacts, now }, step, child);
  }

  /** Other runs, as `life` reaches them. */
  executionsOf(life: Life): { executions: Executions } {
    const object = <T>(method: string, executionId: string, ...args: unknown[]) =>
      this.#platform.call<T>(life, executionId, method, args);
    const executions: Pick<Executions, "start" | "read" | "cancel"> = {
      start: (request) => object("start", request.executionId, request),
      read: (organizationId, executionId) => object("read", executionId, organizationId),
      cancel: (organizationId, executionId, reason) => object("cancel", executionId, organizationId, reason),
    };
    return { executions: executions as Executions };
  }
}

const receiptOf = (key: string): MessageReceipt => ({
  messageId: `message of ${key}`,
  providerId: `SM-${key}`,
  channel: "sms",
  to: "+14155550100",
  status: "accepted",
});

/** For the start of a run: an event of that time. */
export const manualEvent = (at = EPOCH): RunEvent => ({
  id: "ev1",
  type: "MANUAL_TRIGGER",
  source: "test",
  data: { n: 1 },
  occurredAt: at,
});
