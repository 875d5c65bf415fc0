// What is wrong with a flow as a whole: where it starts, ways that lead nowhere, circles that never wait, and what comes too late for WhatsApp. Pure.
import { type Adjacency, componentsOf, isCircle, reachableFrom } from "../../engine/graph.ts";
import { delayMs } from "./check-node.ts";
import { NODE_TYPES, TRIGGER_TYPES } from "./compile-flow.ts";
import { timeLimitOf } from "./compile-question.ts";
import { LISTENING_STEP, STEP_TYPES, stepWays } from "./compile-step.ts";
import type { Flow, FlowNode } from "./flow.ts";
import { WHATSAPP } from "./limits.ts";
import { choicesIn, type Ways, waysOf, written } from "./ways.ts";

/** `path` is from the flow's root; `edgeId` where it is about an edge. */
export type TellGraph = (
  code: string,
  path: string,
  message: string,
  about: { nodeId?: string; edgeId?: string; severity?: "warning" },
) => void;

/** A way out of a node. `reply`: it is taken when the person has just written; `ms`: it may be taken so long after the node was entered. */
type Way = { to: string; reply: boolean; ms: number };

const STEPS: ReadonlySet<string> = new Set(STEP_TYPES);
const QUESTIONS: ReadonlySet<string> = new Set(["question", "button_question", "list_question"]);

const waysOut = (node: FlowNode, ways: Ways): Way[] => {
  const found: Way[] = [];
  const add = (to: string | undefined, reply: boolean, ms = 0) => {
    if (to !== undefined) found.push({ to, reply, ms });
  };
  if (STEPS.has(node.type)) {
    for (const { to } of stepWays(node, ways)) add(to, node.type === LISTENING_STEP);
    return found;
  }
  const answers = choicesIn(node);
  switch (node.type) {
    case "condition":
      for (const word of ["true", "false"]) add(ways.ofResult(node.conditionResult ?? [], word), false);
      return found;
    case "delay": {
      const results = node.delayResult ?? [];
      const complete = ways.ofResult(results, "complete");
      add(complete, false, delayMs(node) ?? 0);
      if (node.delayInterrupt) add(ways.ofResult(results, "interrupted"), true);
      else if (node.waitForReply) add(complete, true);
      return found;
    }
    case "message":
    case "trigger_keyword":
      add(ways.edge, false);
      return found;
  }
  for (const answer of answers) add(ways.of(answer), true);
  if (timeLimitOf(node)) add(ways.ofResult(node.delayResult ?? [], "complete"), false, delayMs(node) ?? 0);
  add(answers.length > 0 ? ways.otherwise.to : ways.edge, true);
  return found;
};

type Graph = { nodes: ReadonlyMap<string, FlowNode>; out: ReadonlyMap<string, Way[]>; next: Adjacency };

const canLeadTo = (node: FlowNode | undefined): boolean => node !== undefined && !TRIGGER_TYPES.has(node.type);

const graphOf = (flow: Flow): Graph => {
  const ways = waysOf(flow);
  const nodes = new Map(flow.flowNodes.toReversed().map((node) => [node.id, node]));
  const out = new Map(
    [...nodes].map(
      ([id, node]) => [id, waysOut(node, ways.get(id)!).filter(({ to }) => canLeadTo(nodes.get(to)))] as const,
    ),
  );
  return { nodes, out, next: new Map([...out].map(([id, list]) => [id, list.map(({ to }) => to)])) };
};

const checkIds = ({ flowNodes, flowEdges }: Flow, tell: TellGraph): void => {
  const nodes = new Set<string>();
  flowNodes.forEach(({ id, type }, index) => {
    const path = `flowNodes.${index}`;
    if (nodes.has(id)) tell("duplicate_id", `${path}.id`, `The id '${id}' is used twice.`, { nodeId: id });
    nodes.add(id);
    if (!NODE_TYPES.has(type))
      tell("unknown_node_type", `${path}.type`, `Unknown node type '${type}'.`, { nodeId: id });
  });
  const triggers = new Set(flowNodes.filter(({ type }) => TRIGGER_TYPES.has(type)).map(({ id }) => id));
  const checkTarget = (id: string, path: string, about: { nodeId?: string; edgeId?: string }) => {
    if (!nodes.has(id)) tell("missing_node", path, `There is no node '${id}'.`, about);
    else if (triggers.has(id)) tell("into_trigger", path, `'${id}' is a trigger: nothing leads to it.`, about);
  };
  const edges = new Set<string>();
  flowEdges.forEach(({ id, sourceNodeId, targetNodeId }, index) => {
    const path = `flowEdges.${index}`;
    const about = { edgeId: id, ...(nodes.has(sourceNodeId) && { nodeId: sourceNodeId }) };
    if (edges.has(id)) tell("duplicate_id", `${path}.id`, `The id '${id}' is used twice.`, about);
    edges.add(id);
    if (!nodes.has(sourceNodeId))
      tell("missing_node", `${path}.sourceNodeId`, `There is no node '${sourceNodeId}'.`, about);
    checkTarget(targetNodeId, `${path}.targetNodeId`, about);
  });
  flowNodes.forEach((node, index) => {
    for (const field of ["expectedAnswers", "conditionResult", "delayResult", "nodeResult"] as const) {
      node[field]?.forEach(({ nodeResultId }, place) => {
        const path = `flowNodes.${index}.${field}.${place}.nodeResultId`;
        if (written(nodeResultId)) checkTarget(nodeResultId!, path, { nodeId: node.id });
      });
    }
    const fallback = written(node.interactiveButtonsDefaultNodeResultId);
    if (fallback)
      checkTarget(fallback, `flowNodes.${index}.interactiveButtonsDefaultNodeResultId`, { nodeId: node.id });
  });
};

const checkStart = ({ flowNodes }: Flow, tell: TellGraph): void => {
  const starts = flowNodes.flatMap((node, index) => (node.isStartNode === true ? [{ node, index }] : []));
  if (starts.length === 0) tell("no_start", "flowNodes", "No node is the start node.", {});
  for (const { node, index } of starts.slice(1))
    tell("several_starts", `flowNodes.${index}.isStartNode`, "Another node is the start node too.", {
      nodeId: node.id,
    });
  for (const { node, index } of starts)
    if (NODE_TYPES.has(node.type) && !TRIGGER_TYPES.has(node.type))
      tell("start_is_no_trigger", `flowNodes.${index}.isStartNode`, "A flow starts at a trigger.", { nodeId: node.id });
};

const checkWaysOut = (flow: Flow, tell: TellGraph): void => {
  const all = waysOf(flow);
  flow.flowNodes.forEach((node, index) => {
    const ways = all.get(node.id)!;
    const path = `flowNodes.${index}`;
    const about = { nodeId: node.id };
    if (ways.ambiguous.length > 0) {
      const named = ways.ambiguous.map((id) => `'${id}'`).join(", ");
      tell("ambiguous_way", path, `Edges lead from here to ${named}: nobody knows which one is meant.`, about);
    }
    if (TRIGGER_TYPES.has(node.type)) {
      if (waysOut(node, ways).length === 0) tell("dead_end", path, "Nothing follows the trigger.", about);
      return;
    }
    if (!QUESTIONS.has(node.type)) return;
    const answers = choicesIn(node);
    if (waysOut(node, ways).length === 0) {
      tell("dead_end", path, "The question has no way on: whoever answers it hears nothing more.", about);
      return;
    }
    answers.forEach((answer, place) => {
      if (ways.of(answer) !== undefined) return;
      const message = `The answer '${answer.expectedInput ?? ""}' has no way on.`;
      tell("dead_end", `${path}.expectedAnswers.${place}`, message, { ...about, severity: "warning" });
    });
  });
};

const checkReach = ({ flowNodes }: Flow, { next }: Graph, tell: TellGraph): void => {
  const starts = flowNodes.filter(({ isStartNode }) => isStartNode === true).map(({ id }) => id);
  if (starts.length === 0) return;
  const reached = reachableFrom(starts, next);
  flowNodes.forEach(({ id }, index) => {
    if (!reached.has(id))
      tell("unreachable", `flowNodes.${index}`, "Nothing leads here.", { nodeId: id, severity: "warning" });
  });
};

const waits = (node: FlowNode | undefined): boolean =>
  node !== undefined &&
  (QUESTIONS.has(node.type) || node.type === LISTENING_STEP || (node.type === "delay" && (delayMs(node) ?? 0) > 0));

const checkCircles = ({ nodes, next }: Graph, place: (id: string) => string, tell: TellGraph): void => {
  for (const circle of componentsOf(nodes.keys(), withoutWaits(nodes, next))) {
    if (!isCircle(circle, withoutWaits(nodes, next))) continue;
    const [first, ...others] = [...circle].sort();
    const named = [first, ...others.slice(0, 4)].join("', '");
    const message = `The loop through '${named}' never waits: it would write without end.`;
    tell("loop_without_wait", place(first!), message, { nodeId: first! });
  }
};

const withoutWaits = (nodes: ReadonlyMap<string, FlowNode>, next: Adjacency): Adjacency =>
  new Map([...next].map(([id, targets]) => [id, waits(nodes.get(id)) ? [] : targets]));

/** For each node the longest that the person's last message may lie back when it is entered, in ms; Infinity in a circle of delays alone. */
const silenceAt = ({ nodes, out }: Graph): Map<string, number> => {
  const silence = new Map<string, number>();
  const quiet = new Map([...out].map(([id, ways]) => [id, ways.filter(({ reply }) => !reply)] as const));
  const next = new Map([...quiet].map(([id, ways]) => [id, ways.map(({ to }) => to)]));
  for (const component of componentsOf(nodes.keys(), next).reverse()) {
    const inside = new Set(component);
    const grows = component.some((id) => quiet.get(id)!.some(({ to, ms }) => ms > 0 && inside.has(to)));
    const most = grows ? Number.POSITIVE_INFINITY : Math.max(...component.map((id) => silence.get(id) ?? 0));
    for (const id of component) {
      silence.set(id, most);
      for (const { to, ms } of quiet.get(id)!)
        if (!inside.has(to)) silence.set(to, Math.max(silence.get(to) ?? 0, most + ms));
    }
  }
  return silence;
};

const checkWindow = (graph: Graph, place: (id: string) => string, tell: TellGraph): void => {
  for (const [id, ms] of silenceAt(graph)) {
    const node = graph.nodes.get(id)!;
    const speaks = node.type === "message" || QUESTIONS.has(node.type);
    if (!speaks || ms < WHATSAPP.windowMs) continue;
    const message =
      "It may come more than 24 hours after the person's last message, when WhatsApp takes templates only.";
    tell("outside_window", place(id), message, { nodeId: id });
  }
};

export const checkGraph = (flow: Flow, tell: TellGraph): void => {
  const graph = graphOf(flow);
  const places = new Map(flow.flowNodes.map(({ id }, index) => [id, `flowNodes.${index}`] as const).reverse());
  const place = (id: string) => places.get(id) ?? "flowNodes";
  checkIds(flow, tell);
  checkStart(flow, tell);
  checkWaysOut(flow, tell);
  checkReach(flow, graph, tell);
  checkCircles(graph, place, tell);
  checkWindow(graph, place, tell);
};
