// A flow while it is being made of another's parts: nodes at places, ways between places, and places that lead on without a node of their own.
import {
  type Answer,
  type ImportedDocument,
  type ImportedEdge,
  type ImportedNode,
  type NodeBody,
  type Place,
  type Position,
  textReply,
} from "./document.ts";
import type { Part } from "./report.ts";

type Drafted = { id: string; body: NodeBody; place: Place; next: Place; at: Position; part: Part };

const ID_LENGTH = 60;
/** Between a node and one that is put behind it. */
const BESIDE = 340;
const FURTHEST = 10_000_000;

const slug = (text: string): string => text.replace(/[^A-Za-z0-9_-]+/g, "-").slice(0, ID_LENGTH);

const coordinate = (value: number): string => Math.max(-FURTHEST, Math.min(FURTHEST, value)).toFixed(2);

/** Where the answers' ways of a node are written. */
const answersOf = (body: NodeBody): Answer[] => {
  if (body.type === "condition") return body.conditionResult;
  if (body.type === "delay") return body.delayResult;
  if ("nodeResult" in body) return body.nodeResult;
  const late = "delayResult" in body ? (body.delayResult ?? []) : [];
  return [...("expectedAnswers" in body ? body.expectedAnswers : []), ...late];
};

export const startDraft = () => {
  const nodes: Drafted[] = [];
  const at = new Map<Place, string>();
  const passes = new Map<Place, Place>();
  const sourceWays = new Map<Place, Place[]>();
  const ids = new Set<string>();
  const promised = new Map<string, string>();
  /** Promises that a node has. */
  const kept = new Set<string>();
  let places = 0;

  const unused = (type: string, place: Place): string => {
    const base = `${type.replaceAll("_", "-")}-${slug(
      place
        .replace(/^\+\d+:/, ":")
        .replace(/^\+/, ":extra-")
        .slice(1),
    )}`;
    let id = base;
    for (let n = 2; ids.has(id); n++) id = `${base}-${n}`;
    ids.add(id);
    return id;
  };

  /** The node that a place leads to, past the places without one; undefined at the end, or when the way only goes round. */
  const resolve = (place: Place): string | undefined => {
    const seen = new Set<Place>();
    let current = place;
    while (current !== "" && !at.has(current)) {
      if (seen.has(current)) return undefined;
      seen.add(current);
      current = passes.get(current) ?? "";
    }
    return at.get(current);
  };

  /** Ids of the nodes that a conversation from `start` can come to. */
  const reachable = (start: Place): Set<string> => {
    const byId = new Map(nodes.map((node) => [node.id, node]));
    const reached = new Set<string>();
    const open = [resolve(start)];
    while (open.length) {
      const node = byId.get(open.pop() ?? "");
      if (!node || reached.has(node.id)) continue;
      reached.add(node.id);
      open.push(resolve(node.next), ...answersOf(node.body).map(({ nodeResultId }) => resolve(nodeResultId)));
    }
    return reached;
  };

  const draft = {
    /** A place of our own, for a node between two of the source's; beside `of`, whose name its node's id then has. */
    newPlace: (of = ""): Place => `+${++places}${of}`,

    /** The id that the first node of this type at `place` gets: what is written before it may name it. */
    idOf(place: Place, type: NodeBody["type"]): string {
      const named = `${type} ${place}`;
      const known = promised.get(named) ?? unused(type, place);
      promised.set(named, known);
      return known;
    },

    /** Puts a node at a place and gives back its id. `next` is where it goes on; ways of its answers stand in the body, as places. */
    put(place: Place, body: NodeBody, position: Position, part: Part, next: Place = ""): string {
      const named = `${body.type} ${place}`;
      const id = kept.has(named) ? unused(body.type, place) : draft.idOf(place, body.type);
      kept.add(named);
      if (!at.has(place)) at.set(place, id);
      nodes.push({ id, body, place, next, at: position, part });
      part.became(body.type, id);
      return id;
    },

    /** Whoever comes to `place` goes on to `next`. */
    pass(place: Place, next: Place): void {
      if (!passes.has(place)) passes.set(place, next);
    },

    /** The ways that the source has from `place`, whether or not the flow keeps them. */
    ways(place: Place, to: Place[]): void {
      sourceWays.set(place, [...(sourceWays.get(place) ?? []), ...to.filter((target) => target !== "")]);
    },

    has: (place: Place): boolean => at.has(place) || passes.has(place),

    /** Leads each question that leads nowhere to `text`: whoever answers must hear something. */
    close(start: Place, text: string): void {
      const reached = reachable(start);
      for (const node of [...nodes]) {
        const { body, next, at: position, part } = node;
        if (body.flowNodeType !== "Question" || !reached.has(node.id) || resolve(next)) continue;
        const answers = "expectedAnswers" in body ? body.expectedAnswers : [];
        if (answers.some((answer) => resolve(answer.nodeResultId))) continue;
        const here = draft.newPlace();
        const below = { x: position.x + BESIDE, y: position.y };
        const flowReplies = [textReply(text)];
        draft.put(here, { type: "message", flowNodeType: "Message", flowReplies }, below, part);
        part.note("approximated", `a question must lead on: "${text}" follows it`);
        for (const answer of answers) answer.nodeResultId = here;
        if (!answers.length) node.next = here;
      }
    },

    /** The document from `start` on. Nodes that nothing leads to are left out and told apart by whether the source led to them. */
    finish(start: Place): { document: ImportedDocument; lost: Set<string>; orphans: Set<string> } {
      const reached = reachable(start);
      for (const { body } of nodes)
        for (const answer of answersOf(body)) answer.nodeResultId = resolve(answer.nodeResultId) ?? "";
      const inSource = new Set<Place>();
      const toVisit = [start];
      while (toVisit.length) {
        const place = toVisit.pop()!;
        if (inSource.has(place)) continue;
        inSource.add(place);
        toVisit.push(...(sourceWays.get(place) ?? []));
      }

      const flowNodes: ImportedNode[] = [];
      const flowEdges: ImportedEdge[] = [];
      const [lost, orphans] = [new Set<string>(), new Set<string>()];
      for (const { id, body, place, next, at: position } of nodes) {
        if (!reached.has(id)) {
          (inSource.has(place) ? lost : orphans).add(id);
          continue;
        }
        flowNodes.push({
          id,
          ...body,
          flowNodePosition: { posX: coordinate(position.x), posY: coordinate(position.y) },
          isStartNode: body.type === "trigger_keyword",
        });
        const target = resolve(next);
        if (target) flowEdges.push({ id: `edge-${flowEdges.length + 1}`, sourceNodeId: id, targetNodeId: target });
      }
      return {
        document: { flowNodes, flowEdges, transform: { posX: "0.00", posY: "0.00", zoom: "1.00" } },
        lost,
        orphans,
      };
    },
  };
  return draft;
};

export type Draft = ReturnType<typeof startDraft>;
