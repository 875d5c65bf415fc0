// One step under way: what it reads, what it has changed and asked for so far, and the moves of tokens that all parts of a step share.
import type { Json } from "../lib/json.ts";
import type { Effect, FinalStatus } from "./contract.ts";
import { isFinal } from "./contract.ts";
import type { Draft } from "./draft.ts";
import type { Program } from "./program.ts";
import type { Token } from "./state.ts";

export type Stepping = {
  program: Program;
  draft: Draft;
  /** Epoch ms of the input. */
  now: number;
  effects: Effect[];
  /** Tokens that can be entered now, in order. */
  ready: number[];
  /** Frames whose last branch may have ended. */
  emptied: number[];
  /** What this step let join, by the token that waits: lists of its own, which no state has seen. */
  joined: Map<number, number[]>;
  /** What templates and comparisons of this macro-step have done (expression/work.ts). */
  work: number;
  watch?: Watch;
};

/** Looks on, and changes nothing. */
export type Watch = {
  /** A node is about to be entered. */
  entering?: (draft: Draft, arriving: Token) => void;
  /** The run is about to end: first of the branch that has failed, if one has. */
  ending?: (draft: Draft, failing?: Token) => void;
};

/** `node:visit`; with the execution id in front it is the step key that the outside sees, the same on every attempt. */
export const effectKey = (node: string, visit: number): string => `${node}:${visit}`;

/** The visit that a key names, or NaN. Node ids may hold colons; the visit is behind the last one. */
export const visitOfKey = (key: string): number => Number(key.slice(key.lastIndexOf(":") + 1));

const readyToken = (node: string, frame: number, from: number[], now: number): Omit<Token, "id"> => ({
  node,
  frame,
  from,
  visit: 0,
  phase: "ready",
  attempt: 0,
  unknowns: 0,
  since: now,
});

/** A new branch at `node`. */
export const spawn = (stepping: Stepping, node: string, frame: number, from: number[]): void => {
  stepping.ready.push(stepping.draft.addToken(readyToken(node, frame, from, stepping.now)).id);
};

/** Sends a branch on by each of `ports`; without connections it ends. The token itself is used up. */
export const leave = (stepping: Stepping, token: Token, ports: readonly string[]): void => {
  const node = stepping.program.nodes.get(token.node);
  for (const port of ports) {
    for (const target of node?.targets.get(port) ?? []) spawn(stepping, target, token.frame, [token.visit]);
  }
  end(stepping, token);
};

/** The branch ends here. */
export const end = (stepping: Stepping, token: Token): void => {
  stepping.draft.dropToken(token);
  stepping.emptied.push(token.frame);
};

/** Takes back what a token waits for outside. */
const release = (stepping: Stepping, token: Token): void => {
  const key = effectKey(token.node, token.visit);
  if (token.phase === "performing") stepping.effects.push({ type: "abort", key });
  if (token.wait) stepping.effects.push({ type: "unlisten", key });
};

const cancelToken = (stepping: Stepping, token: Token): void => {
  release(stepping, token);
  if (token.visit > 0) settleVisit(stepping, token, { status: "cancelled", output: null });
  stepping.draft.dropToken(token);
};

/** Whether frame `id` is `ancestor` or lies inside it. */
const isWithin = (draft: Draft, id: number, ancestor: number): boolean => {
  for (
    let frame = draft.frames.get(id);
    frame;
    frame = frame.parent === null ? undefined : draft.frames.get(frame.parent)
  ) {
    if (frame.id === ancestor) return true;
  }
  return false;
};

/** Cancels every branch inside a frame and removes the frames. */
export const clearFrame = (stepping: Stepping, frameId: number): void => {
  const { draft } = stepping;
  for (const token of [...draft.tokens.values()]) {
    if (isWithin(draft, token.frame, frameId)) cancelToken(stepping, token);
  }
  const inside = [...draft.frames.values()].filter((frame) => isWithin(draft, frame.id, frameId));
  for (const frame of inside) draft.frames.delete(frame.id);
};

/** Closes the record of a token's visit and books the time of its last phase. */
export const settleVisit = (
  stepping: Stepping,
  token: Token,
  result: {
    status: "completed" | "failed" | "cancelled";
    output: Json;
    port?: string;
    error?: { code: string; message: string };
  },
): void => {
  bookPhase(stepping, token);
  stepping.draft.changeVisit(token.visit, {
    status: result.status,
    completedAt: stepping.now,
    output: result.output,
    port: result.port ?? null,
    error: result.error ?? null,
  });
};

/** Adds the time since the token entered its phase to what its visit has performed or waited. */
export const bookPhase = (stepping: Stepping, token: Token): void => {
  const visit = stepping.draft.visits.get(token.visit);
  if (!visit) return;
  const spent = Math.max(0, stepping.now - token.since);
  if (token.phase === "performing") stepping.draft.changeVisit(visit.n, { effectMs: visit.effectMs + spent });
  if (token.phase === "waiting" || token.phase === "retrying") {
    stepping.draft.changeVisit(visit.n, { waitMs: visit.waitMs + spent });
  }
};

/** The run ends: every branch is cancelled, nothing more is asked of the outside but to say so. Terminal states are final. */
export const finish = (
  stepping: Stepping,
  status: FinalStatus,
  error: { code: string; message: string; nodeId: string | null } | null,
): void => {
  const { draft } = stepping;
  if (isFinal(draft.run.status)) return;
  stepping.watch?.ending?.(draft);
  for (const token of [...draft.tokens.values()]) cancelToken(stepping, token);
  for (const frame of [...draft.frames.values()]) draft.frames.delete(frame.id);
  stepping.ready.length = 0;
  stepping.emptied.length = 0;
  draft.changeRun({ status, endedAt: stepping.now, deadline: null, error });
  stepping.effects.push({ type: "finished", status });
};
