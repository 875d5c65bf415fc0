// The state of a run of one version carried over to another, whose graph differs: nodes are the same by id and type. What cannot be carried over is
// said, and left behind.
import type { Program } from "../../../engine/program.ts";
import type { Frame, RunState, Token } from "../../../engine/state.ts";
import { canonicalJson, type Json } from "../../../lib/json.ts";

export type Unmapped = { nodeId: string; reason: string };

/** Changes `state`. `notes`: what was carried over, and is not as it would be in a run of the other version. */
export const mapState = (state: RunState, from: Program, to: Program): { unmapped: Unmapped[]; notes: string[] } => {
  const unmapped: Unmapped[] = [];
  const notes: string[] = [];
  const reasonOf = (nodeId: string, isInside: boolean): string | undefined => {
    const node = to.nodes.get(nodeId);
    if (!node) return "The other version has no such node";
    const before = from.nodes.get(nodeId);
    if (isInside && before?.type.type !== node.type.type)
      return `It is ${before?.type.type ?? "no node"} in the one and ${node.type.type} in the other, and the run was inside it`;
    return undefined;
  };
  const leave = (nodeId: string, reason: string): void => {
    if (!unmapped.some((one) => one.nodeId === nodeId && one.reason === reason)) unmapped.push({ nodeId, reason });
  };
  for (const frame of [...state.frames.values()]) {
    const reason = frame.parent === null ? undefined : reasonOf(frame.node, true);
    if (reason === undefined) continue;
    leave(frame.node, reason);
    clear(state, frame);
  }
  for (const token of [...state.tokens.values()]) {
    if (!state.tokens.has(token.id)) continue;
    const isInside = token.visit > 0 && token.phase !== "ready";
    const reason = reasonOf(token.node, isInside);
    if (reason === undefined) {
      if (isInside && configOf(from, token) !== configOf(to, token))
        notes.push(`${token.node} has another configuration; the visit that was under way goes on as it began`);
      continue;
    }
    leave(token.node, reason);
    drop(state, token);
  }
  for (const [name, value] of Object.entries(to.variables))
    if (!state.variables.has(name)) state.variables.set(name, value);
  if (unmapped.length > 0 && state.tokens.size === 0) notes.push("No branch of the run is left: it ends at once");
  return { unmapped, notes };
};

const configOf = (program: Program, { node }: Token): string =>
  canonicalJson((program.nodes.get(node)?.config ?? null) as Json);

const drop = (state: RunState, token: Token): void => {
  state.tokens.delete(token.id);
  const visit = state.visits.get(token.visit);
  if (visit && (visit.status === "running" || visit.status === "waiting"))
    state.visits.set(visit.n, { ...visit, status: "cancelled", completedAt: visit.startedAt });
  const frame = state.frames.get(token.frame);
  if (frame) state.frames.set(frame.id, { ...frame, live: frame.live - 1 });
};

/** The loop, its rounds and all that is in them. */
const clear = (state: RunState, frame: Frame): void => {
  for (const inner of [...state.frames.values()]) if (inner.parent === frame.id) clear(state, inner);
  for (const token of [...state.tokens.values()]) if (token.frame === frame.id) drop(state, token);
  state.frames.delete(frame.id);
  const loop = state.tokens.get(frame.token);
  if (loop) drop(state, loop);
};
