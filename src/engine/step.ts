// step(program, state, input) -> { delta, effects }: synchronous, total and pure. Only step makes state (I1); faults are data and it throws
// only for bugs. An input that no longer applies (a duplicate, a late result, anything after the end) changes nothing: `ignored`.
import { mergeOwn } from "../lib/json.ts";
import { advance, noteLogs, perform, resumeNode } from "./advance.ts";
import type { Effect, EffectResult, EventWait, Input, RunEvent, StartInput } from "./contract.ts";
import { isFinal } from "./contract.ts";
import { Draft } from "./draft.ts";
import { evaluateCondition } from "./expression/condition.ts";
import { judgedWithin, MAX_FILTER_WORK, Work } from "./expression/work.ts";
import { failNode } from "./fail.ts";
import { START_ONCE } from "./flags.ts";
import { MAX_UNKNOWN_ATTEMPTS } from "./limits.ts";
import { eventLocals, lookupIn } from "./lookup.ts";
import { isMeasured } from "./measure.ts";
import type { Program, ProgramNode } from "./program.ts";
import type { Delta, RunState, Seed, Token } from "./state.ts";
import { bookPhase, effectKey, finish, type Stepping, spawn, visitOfKey, type Watch } from "./stepping.ts";

export type Step = { delta: Delta; effects: Effect[]; ignored: boolean };

/** The state is read, never touched: fold the delta with applyDelta. */
export const step = (program: Program, state: RunState, input: Input, watch?: Watch): Step => {
  const draft = new Draft(state);
  const stepping: Stepping = {
    program,
    draft,
    now: input.at,
    effects: [],
    ready: [],
    emptied: [],
    joined: new Map(),
    work: 0,
    ...(watch && { watch }),
  };
  const applied = receive(stepping, input);
  if (applied) {
    const isHeld = () => isFinal(draft.run.status) || draft.run.status === "queued";
    if (!isHeld()) advance(stepping);
    if (!isHeld()) noteStatus(stepping);
  }
  return { delta: draft.delta(), effects: stepping.effects, ignored: !applied };
};

const receive = (stepping: Stepping, input: Input): boolean => {
  const { draft } = stepping;
  if (input.type === "start") return !draft.started && start(stepping, input);
  if (!draft.started || isFinal(draft.run.status)) return false;
  if (draft.run.status === "queued" && input.type !== "cancel") return input.type === "begin" && begin(stepping);
  switch (input.type) {
    case "begin":
      return false;
    case "continue":
      return proceed(stepping);
    case "result":
      return takeResult(stepping, input.key, input.attempt, input.result);
    case "time":
      return passTime(stepping);
    case "listening":
      return noteListening(stepping, input.key);
    case "event": {
      const found = tokenOfKey(stepping, input.key);
      if (found?.token.phase !== "waiting" || !found.token.wait) return false;
      if (!isAwaited(stepping, found.token, found.token.wait, input.event)) return false;
      resumeNode(stepping, found.node, found.token, { kind: "event", event: input.event });
      return true;
    }
    case "cancel":
      // One that never began took no time.
      if (draft.run.status === "queued") draft.changeRun({ startedAt: input.at });
      finish(stepping, "cancelled", { code: "CANCELLED", message: input.reason, nodeId: null });
      return true;
  }
};

const start = (stepping: Stepping, input: StartInput): boolean => {
  const { draft, program } = stepping;
  const { queued, seed, leaps } = input;
  draft.setRun({
    status: "queued",
    flags: input.flags,
    executionId: input.executionId,
    organizationId: input.organizationId,
    workflowId: input.workflowId,
    versionId: input.versionId,
    dryRun: input.dryRun,
    username: input.username ?? null,
    metadata: input.metadata,
    event: input.event,
    contact: input.event.contact ?? null,
    startedAt: input.at,
    endedAt: null,
    ...(queued && { queued: { at: input.at, startAt: queued.startAt } }),
    ...(leaps && { leaps }),
    deadline: null,
    nextToken: 1,
    nextVisit: 1,
    nextFrame: 1,
    error: null,
    output: {},
  });
  if (seed) {
    draft.plant(seed as Seed);
    return queued !== undefined || begin(stepping);
  }
  draft.frames.set(0, { id: 0, parent: null, token: 0, node: "", round: 0, live: 0, locals: {} });
  const variables = mergeOwn(program.variables, input.variables);
  for (const [name, value] of Object.entries(variables)) draft.variables.set(name, value);
  const known = input.startNodes.filter((id) => program.nodes.has(id));
  const starts = known.length > 0 ? known : program.startNodes();
  for (const id of (input.flags & START_ONCE) === 0 ? starts : program.leadApart(starts)) spawn(stepping, id, 0, []);
  return queued !== undefined || begin(stepping);
};

/** What the start laid out sets off. Of a run that goes on from another, times that were under way take as long as they still had to. */
const begin = (stepping: Stepping): boolean => {
  const { draft, now, program } = stepping;
  const { seededAt } = draft.run;
  const { timeoutSeconds } = program.settings;
  const deadline = timeoutSeconds === undefined ? null : now + timeoutSeconds * 1000;
  draft.changeRun({ status: "running", startedAt: now, deadline });
  if (seededAt !== undefined) {
    draft.begin();
    for (const token of draft.tokens.values()) takeUp(stepping, token, now - seededAt);
  }
  stepping.ready.length = 0;
  proceed(stepping);
  return true;
};

/** What a branch had under way when the earlier run ended: asked for anew, under this run's own keys. */
const takeUp = (stepping: Stepping, token: Token, shift: number): void => {
  const { draft, now, program } = stepping;
  const shifted = (at: number | undefined): number | undefined => (at === undefined ? undefined : at + shift);
  const { wakeAt, deadline, ...rest } = token;
  const moved: Token = {
    ...rest,
    ...(wakeAt !== undefined && { wakeAt: shifted(wakeAt)! }),
    ...(deadline !== undefined && { deadline: shifted(deadline)! }),
  };
  if (token.phase === "performing") {
    perform(stepping, program.nodes.get(token.node)!, moved);
    return;
  }
  if (!token.wait) {
    draft.tokens.set(token.id, token.phase === "ready" ? moved : { ...moved, since: now });
    return;
  }
  const { listening: _, ...awaited } = token.wait;
  // The contact knows of the earlier run's question, and not that this one waits for the answer.
  const wait = awaited.reply ? { ...awaited, reply: { asked: false } } : awaited;
  draft.tokens.set(token.id, { ...moved, since: now, wait: { ...wait, listening: false } });
  stepping.effects.push({ type: "listen", key: effectKey(token.node, token.visit), wait, since: now });
};

/** Goes on where a macro-step's budget ended: with the branches that are ready and the rounds that are over. */
const proceed = (stepping: Stepping): boolean => {
  for (const token of stepping.draft.tokens.values()) if (token.phase === "ready") stepping.ready.push(token.id);
  for (const frame of stepping.draft.frames.values()) if (frame.live === 0) stepping.emptied.push(frame.id);
  return stepping.ready.length + stepping.emptied.length > 0;
};

/** Whether a `continue` would move anything: a macro-step ended by its budget. */
export const hasMore = ({ run, tokens, frames }: RunState): boolean => {
  if (run?.status === "queued") return false;
  for (const token of tokens.values()) if (token.phase === "ready") return true;
  for (const frame of frames.values()) if (frame.live === 0) return true;
  return false;
};

const tokenOfKey = ({ draft, program }: Stepping, key: string): { token: Token; node: ProgramNode } | undefined => {
  const n = visitOfKey(key);
  const visit = draft.visits.get(n);
  const token = visit && draft.tokens.get(visit.token);
  const node = token && program.nodes.get(token.node);
  if (!token || !node || token.visit !== n || effectKey(token.node, n) !== key) return undefined;
  return { token, node };
};

const takeResult = (stepping: Stepping, key: string, attempt: number, result: EffectResult): boolean => {
  const found = tokenOfKey(stepping, key);
  if (found?.token.phase !== "performing" || found.token.attempt !== attempt) return false;
  const { token, node } = found;
  if ("service" in result && result.service !== undefined)
    stepping.draft.changeVisit(token.visit, { service: result.service });
  if (result.outcome === "ok") {
    if (result.contact) stepping.draft.changeRun({ contact: result.contact });
    resumeNode(stepping, node, token, {
      kind: "result",
      output: result.output,
      ...(result.logs ? { logs: result.logs } : {}),
    });
  } else if (result.outcome === "unknown" && !result.restarted && node.type.onUnknown !== "reconcile") {
    failNode(stepping, node, token, { code: "TIMEOUT", message: result.reason, retryable: true, uncertain: true });
  } else if (result.outcome === "deferred") {
    putOff(stepping, token, result);
  } else if (result.outcome === "failed") {
    noteLogs(stepping, token, result.logs);
    failNode(stepping, node, token, result.error);
  } else {
    performAgain(stepping, node, token, result);
  }
  return true;
};

/** The attempt may not go yet. What it is tried with next time is the same, and so is its key. */
const putOff = (
  stepping: Stepping,
  token: Token,
  { until, reason }: Extract<EffectResult, { outcome: "deferred" }>,
): void => {
  const { draft, now } = stepping;
  const wakeAt = Math.max(until, now + 1);
  noteLogs(stepping, token, [`Attempt ${token.attempt} waits until ${new Date(wakeAt).toISOString()}: ${reason}`]);
  bookPhase(stepping, token);
  const { deadline: _, ...rest } = token;
  const deferrals = (token.deferrals ?? 0) + 1;
  draft.tokens.set(token.id, { ...rest, deferrals, phase: "retrying", wakeAt, since: now });
  draft.changeVisit(token.visit, { status: "waiting" });
};

/** Nobody knows what became of the attempt: ask (reconcile) or try again with the same key, a bounded number of times. */
const performAgain = (
  stepping: Stepping,
  node: ProgramNode,
  token: Token,
  result: Extract<EffectResult, { outcome: "unknown" | "absent" }>,
): void => {
  const unknowns = token.unknowns + 1;
  if (unknowns > MAX_UNKNOWN_ATTEMPTS) {
    failNode(stepping, node, token, {
      code: "UNKNOWN_OUTCOME",
      message: `What became of the action stayed unknown ${MAX_UNKNOWN_ATTEMPTS} times`,
      retryable: false,
    });
    return;
  }
  const mode = result.outcome === "unknown" && node.type.onUnknown === "reconcile" ? "reconcile" : "run";
  const because = result.outcome === "unknown" ? result.reason : "it surely had no effect";
  noteLogs(stepping, token, [
    `Attempt ${token.attempt}: outcome unknown (${because}); ${mode === "run" ? "trying again with the same key" : "asking what became of it"}`,
  ]);
  bookPhase(stepping, token);
  const again: Token = { ...token, unknowns, perform: { ...token.perform!, mode } };
  if (unknowns === 1) {
    // The first time it is most often our own restart: no reason to wait.
    perform(stepping, node, { ...again, attempt: token.attempt + 1 });
    return;
  }
  const { deadline: _, ...rest } = again;
  const wakeAt = stepping.now + UNKNOWN_BACKOFF_MS * 2 ** (unknowns - 2);
  stepping.draft.tokens.set(token.id, { ...rest, phase: "retrying", wakeAt, since: stepping.now });
  stepping.draft.changeVisit(token.visit, { status: "waiting" });
};

const UNKNOWN_BACKOFF_MS = 2_000;

/** Fires everything that is due, earliest first; ties go by the token's age. */
const passTime = (stepping: Stepping): boolean => {
  const { draft, now, program } = stepping;
  const { deadline } = draft.run;
  if (deadline !== null && deadline <= now) {
    const message = `The run took longer than ${program.settings.timeoutSeconds} seconds`;
    finish(stepping, "timed_out", { code: "EXECUTION_TIMEOUT", message, nodeId: null });
    return true;
  }
  const due = [...draft.tokens.values()]
    .map((token) => ({
      id: token.id,
      at: Math.min(token.wakeAt ?? Number.POSITIVE_INFINITY, token.deadline ?? Number.POSITIVE_INFINITY),
    }))
    .filter(({ at }) => at <= now)
    .sort((a, b) => a.at - b.at || a.id - b.id);
  for (const { id } of due) {
    const token = draft.tokens.get(id);
    const node = token && program.nodes.get(token.node);
    if (!token || !node || isFinal(draft.run.status)) continue;
    fire(stepping, node, token);
  }
  return due.length > 0;
};

const fire = (stepping: Stepping, node: ProgramNode, token: Token): void => {
  const { now } = stepping;
  const timedOut =
    token.deadline !== undefined &&
    token.deadline <= now &&
    (token.wakeAt === undefined || token.deadline < token.wakeAt);
  if (timedOut) {
    const key = effectKey(token.node, token.visit);
    if (token.phase === "performing") stepping.effects.push({ type: "abort", key });
    if (token.wait) stepping.effects.push({ type: "unlisten", key });
    const seconds = (token.perform?.timeoutMs ?? node.policy.timeoutMs ?? 0) / 1000;
    // A message that may have left is asked after, never sent blindly again; anything else is a failure that may be tried again.
    if (token.phase === "performing" && node.type.onUnknown === "reconcile" && token.perform?.mode === "run") {
      performAgain(stepping, node, token, { outcome: "unknown", reason: `no answer within ${seconds} seconds` });
      return;
    }
    const { wait: _, ...rest } = token;
    stepping.draft.tokens.set(token.id, rest);
    failNode(stepping, node, rest, {
      code: "TIMEOUT",
      uncertain: token.phase === "performing",
      message: `No end within ${seconds} seconds`,
      retryable: true,
    });
    return;
  }
  if (token.phase === "retrying") {
    bookPhase(stepping, token);
    perform(stepping, node, { ...token, attempt: token.attempt + 1 });
  } else if (token.phase === "waiting") {
    resumeNode(stepping, node, token, { kind: "time" });
  }
};

/** Whether the event is of the awaited type and passes the wait's filters, which may read the run as well. */
const isAwaited = ({ draft, now }: Stepping, token: Token, wait: EventWait, event: RunEvent): boolean => {
  if (event.type !== wait.eventType) return false;
  if (!wait.filters) return true;
  const { filters } = wait;
  const lookup = lookupIn(draft, token.frame, eventLocals(event));
  const judge = (work?: Work) => evaluateCondition(filters, (field) => lookup(field.split(".")), { now, work }).matched;
  return isMeasured(draft) ? (judgedWithin(new Work(MAX_FILTER_WORK), judge) ?? false) : judge();
};

const noteListening = (stepping: Stepping, key: string): boolean => {
  const found = tokenOfKey(stepping, key);
  if (!found?.token.wait || found.token.wait.listening) return false;
  stepping.draft.tokens.set(found.token.id, { ...found.token, wait: { ...found.token.wait, listening: true } });
  return true;
};

/** A run whose branches all wait for time or an event is `waiting`; otherwise it runs. */
const noteStatus = ({ draft, effects }: Stepping): void => {
  let waiting = effects.every((effect) => effect.type !== "continue");
  for (const token of draft.tokens.values()) {
    if (token.phase === "performing" || token.phase === "ready") waiting = false;
    if (!waiting) break;
  }
  const status = waiting ? "waiting" : "running";
  if (draft.run.status !== status) draft.changeRun({ status });
};
