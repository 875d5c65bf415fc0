// A node has failed: try again, leave by its error port, go on, or end the run, as its policy says.
import { hash32 } from "../lib/hash.ts";
import type { NodePolicy, StepError } from "./contract.ts";
import { ERROR_PORT } from "./contract.ts";
import { OWN_RETRY } from "./flags.ts";
import { MAX_BACKOFF_MS } from "./limits.ts";
import { note } from "./measure.ts";
import { ONCE } from "./policy.ts";
import type { ProgramNode } from "./program.ts";
import type { Token } from "./state.ts";
import { bookPhase, effectKey, finish, leave, type Stepping, settleVisit } from "./stepping.ts";

/**
 * Milliseconds until the next attempt: back-off times multiplier, up to a quarter more by a jitter that is the same in every replay
 * (derived from the step key), and never before the provider's own Retry-After.
 */
const backoffMs = (stepping: Stepping, node: ProgramNode, token: Token, error: StepError): number => {
  const { backoffMs: base, multiplier } = retryOf(stepping, node);
  const planned = Math.min(base * multiplier ** (failuresOf(token) - 1), MAX_BACKOFF_MS);
  const seed = `${stepping.draft.run.executionId}:${effectKey(token.node, token.visit)}:${token.attempt}`;
  const jittered = planned * (1 + (hash32(seed) / 2 ** 32) * 0.25);
  return Math.ceil(Math.max(jittered, Math.min(error.retryAfterMs ?? 0, MAX_BACKOFF_MS)));
};

/** Runs that began before types had a retry of their own try once (flag OWN_RETRY). */
const retryOf = ({ draft }: Stepping, { policy }: ProgramNode): NodePolicy["retry"] =>
  policy.isOwnRetry && (draft.run.flags & OWN_RETRY) === 0 ? ONCE : policy.retry;

/** Attempts that failed, the present one included: those that our own stop cut off, or that were put off, are not held against the node. */
const failuresOf = (token: Token): number => token.attempt - token.unknowns - (token.deferrals ?? 0);

/** Where a branch goes on after a failure that is passed over: the plain way on, else the last port (false, default, done, timeout). */
const passingPort = (node: ProgramNode): string | undefined =>
  node.ports.outputs.includes("output") ? "output" : node.ports.outputs.at(-1);

export const failNode = (stepping: Stepping, node: ProgramNode, token: Token, error: StepError): void => {
  const { draft, now } = stepping;
  const told = { code: error.code, message: error.message };
  const wasPerformed = token.attempt > 0;
  const allowed = Math.max(retryOf(stepping, node).maxAttempts, error.uncertain ? 2 : 1);
  if (wasPerformed && error.retryable === true && failuresOf(token) < allowed) {
    const wait = backoffMs(stepping, node, token, error);
    bookPhase(stepping, token);
    const visit = draft.visits.get(token.visit)!;
    draft.changeVisit(token.visit, {
      status: "waiting",
      error: told,
      logs: [...visit.logs, `Attempt ${token.attempt} failed (${error.message}); next in ${wait} ms`],
    });
    const { deadline: _, ...rest } = token;
    draft.tokens.set(token.id, { ...rest, phase: "retrying", wakeAt: now + wait, since: now });
    return;
  }
  const output = { error: { code: error.code, message: error.message, details: error.details ?? null } };
  if (error.details !== undefined) note(stepping, JSON.stringify(error.details).length);
  const onError = node.targets.has(ERROR_PORT) ? "error" : node.policy.onError;
  if (onError === "fail") {
    stepping.watch?.ending?.(draft, token);
    settleVisit(stepping, token, { status: "failed", output, error: told });
    // The branch ends failed; what `finish` still finds alive is cancelled.
    draft.dropToken(draft.tokens.get(token.id) ?? token);
    finish(stepping, "failed", { ...told, nodeId: node.id });
    return;
  }
  const port = onError === "error" ? ERROR_PORT : passingPort(node);
  settleVisit(stepping, token, { status: "failed", output, error: told, ...(port ? { port } : {}) });
  leave(stepping, draft.tokens.get(token.id) ?? token, port ? [port] : []);
};
