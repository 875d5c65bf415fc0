// What a run got to, for another run to go on from: its journal folded again up to where it ended, or to where a node was last entered. Pure. The
// new run is one of its own: steps that had ended are taken over, and what was under way is asked for anew, under the new run's keys.
import type { Input } from "./contract.ts";
import type { Draft } from "./draft.ts";
import type { Program } from "./program.ts";
import { applyDelta, newState, type RunState, type Seed, type Token, type VisitRecord } from "./state.ts";
import { step } from "./step.ts";
import type { Watch } from "./stepping.ts";

/**
 * From where it ended: the step that failed is to be entered again, other branches are where they were. Undefined for a run that has not ended,
 * and for one that never began.
 */
export const seedAtEnd = (program: Program, journal: readonly Input[]): Seed | undefined => {
  let seed: Seed | undefined;
  fold(program, journal, (at) => ({
    ending: (draft, failing) => {
      if (seed || draft.run.status === "queued") return;
      const again = failing && { ...fresh(failing), from: draft.visits.get(failing.visit)?.from ?? failing.from };
      seed = seedOf(draft, at, again, failing?.visit);
    },
  }));
  return seed;
};

/** From where `node` was entered last, other branches where they were then. Undefined when this run never entered it. */
export const seedAt = (program: Program, journal: readonly Input[], node: string): Seed | undefined => {
  const last = fold(program, journal).nodes.get(node)?.last;
  let seed: Seed | undefined;
  fold(program, journal, (at) => ({
    entering: (draft, arriving) => {
      if (draft.run.nextVisit === last && arriving.node === node) seed = seedOf(draft, at, fresh(arriving));
    },
  }));
  return seed;
};

const fold = (program: Program, journal: readonly Input[], watchAt?: (at: number) => Watch): RunState => {
  const state = newState();
  for (const input of journal) applyDelta(state, step(program, state, input, watchAt?.(input.at)).delta);
  return state;
};

/** A branch about to enter its node. */
const fresh = ({ id, node, frame, from, since }: Token): Token => ({
  id,
  node,
  frame,
  from,
  since,
  visit: 0,
  phase: "ready",
  attempt: 0,
  unknowns: 0,
});

/** `entering` takes the place of the branch that it is; `undone` is the visit that is to be made again. */
const seedOf = (draft: Draft, at: number, entering?: Token, undone?: number): Seed => {
  const { contact, chars = null, nextToken, nextVisit, nextFrame } = draft.run;
  const visits = [...draft.visits.values()].filter(({ n }) => n !== undone);
  return {
    at,
    variables: [...draft.variables.keys()].map((name) => [name, draft.variables.get(name)!]),
    tokens: [...draft.tokens.values()].map((token) => (token.id === entering?.id ? entering : token)),
    visits: visits.map(takenOver),
    nodes: nodesOf(visits),
    frames: [...draft.frames.values()],
    contact,
    chars,
    nextToken,
    nextVisit,
    nextFrame,
  };
};

const takenOver = (visit: VisitRecord): VisitRecord =>
  visit.completedAt === null ? visit : { ...visit, takenOver: true };

const nodesOf = (visits: readonly VisitRecord[]): Seed["nodes"] => {
  const nodes = new Map<string, { count: number; last: number }>();
  for (const { node, n } of visits) nodes.set(node, { count: (nodes.get(node)?.count ?? 0) + 1, last: n });
  return [...nodes];
};
