// Where a flow goes on from a node: by the `nodeResultId` of what happened, without one by the flow edge from the node; `isDefault` marks the way
// when nothing matches. The one place that knows it, for what is compiled and for what is checked.
import type { Flow, FlowAnswer, FlowNode } from "./flow.ts";

export type Ways = {
  /** The node's own edge: the way of everything that names none. */
  edge: string | undefined;
  /** Of an answer. */
  of: (answer: FlowAnswer) => string | undefined;
  /** Of a result by its word (`true`, `complete`), as the default says when there is no such result. */
  ofResult: (results: readonly FlowAnswer[], word: string) => string | undefined;
  /** When nothing matches; `named` when the node says which way that is. */
  otherwise: { to: string | undefined; named: boolean };
  /** More edges than one that could be the node's own. */
  ambiguous: string[];
};

/** An id that is written, or undefined: editors write "" for none. */
export const written = (id: string | null | undefined): string | undefined => (id?.trim() ? id : undefined);

export const sameWord = (left: string | null | undefined, right: string): boolean =>
  (left ?? "").trim().toLowerCase() === right.toLowerCase();

/** The answers to choose from; a plain question has none, whatever an editor left there. */
export const choicesIn = (node: FlowNode): FlowAnswer[] =>
  node.type === "question" ? [] : (node.expectedAnswers ?? []);

/** All that a node says about where things lead. */
const answersOf = (node: FlowNode): FlowAnswer[] => [
  ...choicesIn(node),
  ...(node.conditionResult ?? []),
  ...(node.delayResult ?? []),
  ...(node.nodeResult ?? []),
];

/** The ways out of each node, by its id; of nodes with the same id those of the first. */
export const waysOf = ({ flowNodes, flowEdges }: Flow): ReadonlyMap<string, Ways> => {
  const drawn = new Map<string, string[]>();
  for (const { sourceNodeId, targetNodeId } of flowEdges) {
    const targets = drawn.get(sourceNodeId) ?? [];
    if (!targets.includes(targetNodeId)) drawn.set(sourceNodeId, [...targets, targetNodeId]);
  }
  const ways = new Map<string, Ways>();
  for (const node of flowNodes) if (!ways.has(node.id)) ways.set(node.id, waysFrom(node, drawn.get(node.id) ?? []));
  return ways;
};

const waysFrom = (node: FlowNode, targets: readonly string[]): Ways => {
  const answers = answersOf(node);
  const fallback = written(node.interactiveButtonsDefaultNodeResultId);
  const named = new Set([fallback, ...answers.map(({ nodeResultId }) => written(nodeResultId))]);
  // An editor draws the ways of answers as edges too; the node's own edge is the one that no answer names.
  const own = targets.filter((target) => !named.has(target));
  const edge = own[0] ?? targets[0];
  const of = ({ nodeResultId }: FlowAnswer) => written(nodeResultId) ?? edge;
  const marked = answers.find(({ isDefault }) => isDefault === true);
  const isNamed = fallback !== undefined || marked !== undefined;
  return {
    edge,
    of,
    ofResult: (results, word) => {
      const result = results.find(({ expectedInput }) => sameWord(expectedInput, word));
      const chosen = result ?? results.find(({ isDefault }) => isDefault === true);
      return chosen ? of(chosen) : edge;
    },
    otherwise: { to: fallback ?? (marked ? of(marked) : own[0]), named: isNamed },
    ambiguous: own.length > 1 ? own : [],
  };
};
