// Moving branches on: entering nodes and doing what they answer, rounds of loops, joins, and the end of the run.
import type { Json, JsonObject } from "../lib/json.ts";
import { isForbiddenKey } from "../lib/json.ts";
import type { Outcome, Signal } from "./contract.ts";
import { BODY_PORT } from "./contract.ts";
import { ask } from "./enter.ts";
import { failNode } from "./fail.ts";
import {
  MACRO_STEP_VISITS,
  MACRO_STEP_WORK,
  MAX_FRAME_DEPTH,
  MAX_LOG_CHARS,
  MAX_LOG_LINES,
  MAX_TOKENS,
  MAX_VISITS,
} from "./limits.ts";
import { charge, isMeasured, measure, note } from "./measure.ts";
import { findOpenJoin } from "./merge.ts";
import type { ProgramNode } from "./program.ts";
import type { Frame, Token } from "./state.ts";
import { bookPhase, clearFrame, effectKey, end, finish, leave, type Stepping, settleVisit, spawn } from "./stepping.ts";

/** Everything that can move moves, until the outside is needed, the run ends, or the macro-step's budget is used up. */
export const advance = (stepping: Stepping): void => {
  const { draft } = stepping;
  let budget = MACRO_STEP_VISITS;
  const isSpent = () => budget-- === 0 || stepping.work > MACRO_STEP_WORK;
  for (;;) {
    const id = stepping.ready.shift();
    if (id !== undefined) {
      if (isSpent()) {
        stepping.effects.push({ type: "continue" });
        return;
      }
      const token = draft.tokens.get(id);
      if (token) arrive(stepping, token);
      continue;
    }
    const frameId = stepping.emptied.shift();
    if (frameId !== undefined) {
      const frame = draft.frames.get(frameId);
      if (!frame || frame.live > 0) continue;
      if (frame.parent === null) {
        finishRun(stepping);
        return;
      }
      // An empty round costs budget too: a loop over nothing must not spin.
      if (isSpent()) {
        stepping.emptied.push(frameId);
        stepping.effects.push({ type: "continue" });
        return;
      }
      resumeLoop(stepping, frame, { kind: "round" });
      continue;
    }
    const join = findOpenJoin(stepping);
    if (!join) return;
    enterNode(stepping, stepping.program.nodes.get(join.node)!, join);
  }
};

/** The run's last branch has ended: its output is that of the last visit that completed. */
const finishRun = (stepping: Stepping): void => {
  const { draft } = stepping;
  let output: Json = {};
  let latest = -1;
  for (const record of draft.nodes.values()) {
    const visit = draft.visits.get(record.last);
    if (visit?.status === "completed" && visit.n > latest) {
      latest = visit.n;
      output = visit.output;
    }
  }
  draft.changeRun({ output });
  finish(stepping, "completed", null);
};

/** A branch comes to a node: it may be back at a loop it is in, wait at a join, or go in. */
const arrive = (stepping: Stepping, token: Token): void => {
  const { draft, program } = stepping;
  const node = program.nodes.get(token.node)!;
  if (node.type.kind === "loop") {
    const around = frameOfLoop(stepping, token);
    if (around) {
      // Back at the loop: this branch of the round ends. From inside an inner loop it leaves that loop altogether.
      for (
        let inner = draft.frames.get(token.frame);
        inner && inner.id !== around.id;
        inner = draft.frames.get(token.frame)
      ) {
        const loopToken = draft.tokens.get(inner.token)!;
        clearFrame(stepping, inner.id);
        settleVisit(stepping, loopToken, { status: "completed", output: null });
        token = loopToken;
        if (loopToken.frame === around.id) break;
      }
      end(stepping, token);
      return;
    }
  }
  if (node.type.joins) {
    for (const waiting of draft.tokens.values()) {
      if (
        waiting.id !== token.id &&
        waiting.phase === "merging" &&
        waiting.node === node.id &&
        waiting.frame === token.frame
      ) {
        // The list is copied once a step and grows in place: in a circle that sends a branch here each round it has tens of thousands.
        const from = stepping.joined.get(waiting.id) ?? [...waiting.from];
        for (const visit of token.from) from.push(visit);
        stepping.joined.set(waiting.id, from);
        draft.tokens.set(waiting.id, { ...waiting, from });
        end(stepping, token);
        return;
      }
    }
    draft.tokens.set(token.id, { ...token, phase: "merging", since: stepping.now });
    return;
  }
  enterNode(stepping, node, token);
};

const frameOfLoop = ({ draft }: Stepping, token: Token): Frame | undefined => {
  for (
    let frame = draft.frames.get(token.frame);
    frame && frame.parent !== null;
    frame = draft.frames.get(frame.parent)
  ) {
    if (frame.node === token.node) return frame;
  }
  return undefined;
};

const enterNode = (stepping: Stepping, node: ProgramNode, arriving: Token): void => {
  const { draft, now } = stepping;
  stepping.watch?.entering?.(draft, arriving);
  const n = draft.run.nextVisit;
  if (n > MAX_VISITS || draft.liveTokens > MAX_TOKENS) {
    const message =
      n > MAX_VISITS
        ? `The run has made ${MAX_VISITS} steps, which is its budget`
        : `The run has more than ${MAX_TOKENS} branches alive at the same time`;
    finish(stepping, "failed", { code: "BUDGET_EXCEEDED", message, nodeId: node.id });
    return;
  }
  const ordinal = (draft.nodes.get(node.id)?.count ?? 0) + 1;
  draft.changeRun({ nextVisit: n + 1 });
  draft.nodes.set(node.id, { count: ordinal, last: n });
  draft.visits.set(n, {
    n,
    node: node.id,
    ordinal,
    token: arriving.id,
    from: arriving.from,
    status: "running",
    startedAt: now,
    completedAt: null,
    output: null,
    logs: [],
    error: null,
    attempts: 0,
    port: null,
    effectMs: 0,
    waitMs: 0,
  });
  const token: Token = { ...arriving, visit: n, phase: "ready", attempt: 0, unknowns: 0, since: now };
  draft.tokens.set(token.id, token);
  obey(stepping, node, token, ask(stepping, node, token));
};

/** Wakes a node that waited, with what it waited for. */
export const resumeNode = (stepping: Stepping, node: ProgramNode, token: Token, signal: Signal): void => {
  bookPhase(stepping, token);
  const { wakeAt: _w, deadline: _d, wait, perform: _p, ...rest } = token;
  if (wait) stepping.effects.push({ type: "unlisten", key: effectKey(token.node, token.visit) });
  const awake: Token = { ...rest, phase: "ready", since: stepping.now };
  stepping.draft.tokens.set(token.id, awake);
  stepping.draft.changeVisit(token.visit, { status: "running", error: null });
  obey(stepping, node, awake, ask(stepping, node, awake, signal));
};

const resumeLoop = (stepping: Stepping, frame: Frame, signal: Signal): void => {
  const token = stepping.draft.tokens.get(frame.token)!;
  const node = stepping.program.nodes.get(frame.node)!;
  if (signal.kind === "round") stepping.draft.frames.set(frame.id, { ...frame, round: frame.round + 1 });
  obey(stepping, node, token, ask(stepping, node, token, signal));
};

/** Does what a node wants next. */
const obey = (stepping: Stepping, node: ProgramNode, token: Token, outcome: Outcome): void => {
  const { draft, now } = stepping;
  noteLogs(stepping, token, outcome.logs);
  // What a trigger passes on is what came: it was measured at the door.
  const measured = node.type.kind === "trigger" ? { chars: 0 } : measure(outcome, isMeasured(draft));
  if ("fault" in measured) {
    failNode(stepping, node, token, { code: "OUTPUT_TOO_LARGE", message: measured.fault });
    return;
  }
  if (!charge(stepping, token, measured.chars)) return;
  setVariables(stepping, outcome.set);
  switch (outcome.kind) {
    case "next":
      closeLoop(stepping, token);
      settleVisit(stepping, token, { status: "completed", output: outcome.output, port: outcome.port });
      leave(stepping, token, [outcome.port]);
      return;
    case "fork":
      settleVisit(stepping, token, { status: "completed", output: outcome.output });
      leave(stepping, token, outcome.ports);
      return;
    case "end":
      settleVisit(stepping, token, { status: "completed", output: outcome.output });
      end(stepping, token);
      return;
    case "perform": {
      const timeoutMs = outcome.timeoutMs ?? node.policy.timeoutMs;
      perform(stepping, node, {
        ...token,
        attempt: token.attempt + 1,
        perform: {
          action: outcome.action,
          input: outcome.input,
          mode: "run",
          ...(timeoutMs !== undefined ? { timeoutMs } : {}),
        },
        ...(outcome.memo !== undefined ? { memo: outcome.memo } : {}),
      });
      return;
    }
    case "wait": {
      const until = draft.run.leaps ? leapt(stepping, token, outcome.until) : outcome.until;
      draft.tokens.set(token.id, {
        ...token,
        phase: "waiting",
        since: now,
        ...(until !== undefined ? { wakeAt: until } : {}),
        ...(outcome.event ? { wait: { ...outcome.event, listening: false } } : {}),
        ...(outcome.memo !== undefined ? { memo: outcome.memo } : {}),
        ...(node.policy.timeoutMs !== undefined ? { deadline: now + node.policy.timeoutMs } : {}),
      });
      draft.changeVisit(token.visit, { status: "waiting" });
      if (outcome.event) {
        stepping.effects.push({
          type: "listen",
          key: effectKey(token.node, token.visit),
          wait: outcome.event,
          since: now,
        });
      }
      return;
    }
    case "iterate":
      iterate(stepping, node, token, outcome.locals, outcome.memo);
      return;
    case "break":
      breakLoop(stepping, node, token);
      return;
    case "fail":
      closeLoop(stepping, token);
      failNode(stepping, node, token, outcome.error);
      return;
  }
};

/** A test does not wait for a time; an event is waited for until the shell has made one up. */
const leapt = (stepping: Stepping, token: Token, until: number | undefined): number | undefined => {
  const { now } = stepping;
  if (until === undefined || until <= now) return until;
  const seconds = Math.round((until - now) / 100) / 10;
  noteLogs(stepping, token, [`Skipped: a wait of ${seconds} s`]);
  return now;
};

/** Asks the shell for an attempt; the token's attempt number is already the new one. */
export const perform = (stepping: Stepping, node: ProgramNode, token: Token): void => {
  const { draft, now } = stepping;
  const wanted = token.perform!;
  const { wakeAt: _, ...rest } = token;
  draft.tokens.set(token.id, {
    ...rest,
    phase: "performing",
    since: now,
    ...(wanted.timeoutMs !== undefined ? { deadline: now + wanted.timeoutMs } : {}),
  });
  draft.changeVisit(token.visit, { status: "running", attempts: token.attempt });
  stepping.effects.push({
    type: "perform",
    key: effectKey(node.id, token.visit),
    nodeId: node.id,
    attempt: token.attempt,
    mode: wanted.mode,
    action: wanted.action,
    input: wanted.input,
    timeoutMs: wanted.timeoutMs,
  });
};

/** A round of a loop: a frame with the round's locals, and a branch for each connection of the body. */
const iterate = (
  stepping: Stepping,
  node: ProgramNode,
  token: Token,
  locals: JsonObject,
  memo: Json | undefined,
): void => {
  const { draft, now } = stepping;
  let frame = [...draft.frames.values()].find((candidate) => candidate.token === token.id && candidate.parent !== null);
  if (!frame) {
    const id = draft.run.nextFrame;
    frame = { id, parent: token.frame, token: token.id, node: node.id, round: 0, live: 0, locals };
    if (depthOf(stepping, token.frame) >= MAX_FRAME_DEPTH) {
      failNode(stepping, node, token, {
        code: "BUDGET_EXCEEDED",
        message: `Loops are nested deeper than ${MAX_FRAME_DEPTH}`,
      });
      return;
    }
    draft.changeRun({ nextFrame: id + 1 });
    draft.tokens.set(token.id, { ...token, phase: "looping", since: now, ...(memo !== undefined ? { memo } : {}) });
    draft.frames.set(id, frame);
  } else {
    draft.frames.set(frame.id, { ...frame, locals });
    if (memo !== undefined) draft.tokens.set(token.id, { ...token, memo });
  }
  const bodies = node.targets.get(BODY_PORT) ?? [];
  for (const target of bodies) spawn(stepping, target, frame.id, [token.visit]);
  if (bodies.length === 0) stepping.emptied.push(frame.id);
};

const depthOf = ({ draft }: Stepping, frameId: number): number => {
  let depth = 0;
  for (let frame = draft.frames.get(frameId); frame && frame.parent !== null; frame = draft.frames.get(frame.parent))
    depth++;
  return depth;
};

/** A loop that goes on to another port takes its frame away. */
const closeLoop = (stepping: Stepping, token: Token): void => {
  if (token.phase !== "looping") return;
  for (const frame of [...stepping.draft.frames.values()]) {
    if (frame.token === token.id && frame.parent !== null) clearFrame(stepping, frame.id);
  }
};

/** Ends the innermost loop around the branch, whatever its other branches do. */
const breakLoop = (stepping: Stepping, node: ProgramNode, token: Token): void => {
  const { draft } = stepping;
  const frame = draft.frames.get(token.frame);
  if (!frame || frame.parent === null) {
    failNode(stepping, node, token, { code: "NO_LOOP", message: "There is no loop here to break out of" });
    return;
  }
  settleVisit(stepping, token, { status: "completed", output: null });
  stepping.draft.dropToken(token);
  const loopToken = draft.tokens.get(frame.token)!;
  const loopNode = stepping.program.nodes.get(frame.node)!;
  obey(stepping, loopNode, loopToken, ask(stepping, loopNode, loopToken, { kind: "broken" }));
};

const setVariables = ({ draft }: Stepping, set: JsonObject | undefined): void => {
  if (!set) return;
  for (const [name, value] of Object.entries(set)) if (!isForbiddenKey(name)) draft.variables.set(name, value);
};

/** Log lines of a visit, bounded in number and length. */
export const noteLogs = (stepping: Stepping, token: Token, logs: readonly string[] | undefined): void => {
  const { draft } = stepping;
  if (!logs || logs.length === 0) return;
  const visit = draft.visits.get(token.visit);
  if (!visit) return;
  const room = MAX_LOG_LINES - visit.logs.length;
  if (room <= 0) return;
  const kept = logs.slice(0, room).map((line) => line.slice(0, MAX_LOG_CHARS));
  note(
    stepping,
    kept.reduce((sum, line) => sum + line.length, 0),
  );
  draft.changeVisit(visit.n, { logs: [...visit.logs, ...kept] });
};
