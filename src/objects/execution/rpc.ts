// What other rooms may ask of an Execution object, and how to reach one.

import type { StreamEvent } from "../../domain/event.ts";
import type { ExecutionView, RunHistory, StartRequest } from "../../domain/ports.ts";
import type { EffectResult, FinalStatus, RunEvent, RunStatus } from "../../engine/contract.ts";
import type { Env } from "../../env.ts";
import type { Json } from "../../lib/json.ts";
import type { ProjectionMessage } from "../../queue/catalogue.ts";
import type { Heard, Hearing } from "./hear.ts";

export type { Heard } from "./hear.ts";

export type Delivery =
  /** An event for a node that waits for one; `key` is `node:visit`. */
  | { type: "event"; key: string; event: RunEvent }
  /** The end of something that was begun and left to report by itself; `key` is the whole step key. */
  | { type: "result"; key: string; result: EffectResult };

/** `report`: for the index, from a run that has ended or waits; only for a caller that asked for it. */
export type Started = { status: RunStatus; created: boolean; startedAt: number; report?: ProjectionMessage };

export interface ExecutionRpc {
  /**
   * Idempotent: a second start changes nothing and tells the present status. Who says `reportWithinMs` sees to it that the index gets the report
   * that comes with the answer, and asks again if it could not: no message of its own is sent for it. A run that is started waits so long with
   * its answer for something to report.
   */
  start(request: StartRequest, reportWithinMs?: number): Promise<Started>;
  /** False when it changed nothing: a duplicate, or too late. */
  deliver(delivery: Delivery): Promise<boolean>;
  /**
   * What the run's contact says; whether it is the reply to what the run asked. Told again, it answers the same. Throws when that is not known yet.
   */
  hear(event: StreamEvent, hearing: Hearing): Promise<Heard>;
  /** The contact has opted out: a run that talks to them is cancelled. False when it goes on, or was over. */
  endTalk(organizationId: string, contactId: string, reason: string): Promise<boolean>;
  /** Null when there is no such run in the organisation; the same for the five below. */
  read(organizationId: string): Promise<ExecutionView | null>;
  waitForEnd(organizationId: string, timeoutMs: number): Promise<{ status: FinalStatus } | null>;
  cancel(organizationId: string, reason: string): Promise<{ status: RunStatus; cancelled: boolean; at: number } | null>;
  journal(organizationId: string): Promise<{ seq: number; at: number; input: Json }[] | null>;
  /** The journal with the state that is stored, for whoever folds it again. */
  history(organizationId: string): Promise<RunHistory | null>;
  /** Folds the journal again and says whether it equals the stored state (I5). */
  verify(organizationId: string): Promise<{ equal: boolean; inputs: number } | null>;
  /** Somebody listens to its workflow: what was committed at or after `since` (epoch ms) and what comes is told to the Feed. */
  watch(organizationId: string, since: number): Promise<boolean>;
  /**
   * The organisation's dispatcher has a slot for the run, or asks after it. `own`: it works, or begins to; `none`: it needs no slot; `unborn`: there
   * is no run here, or not yet.
   */
  admit(organizationId: string): Promise<"own" | "none" | "unborn">;
  /** Looks after everything that is due, and tells the index how it stands. False when there is no run here. */
  poke(): Promise<boolean>;
}

export const executionStub = (env: Env, executionId: string): ExecutionRpc =>
  env.EXECUTION.get(env.EXECUTION.idFromName(executionId)) as unknown as ExecutionRpc;
