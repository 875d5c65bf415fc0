// A Typebot export as it is read: groups of blocks, edges and variables, versions 1 to 6 in one shape. What becomes of a block: the other files here.
import { isJsonObject, type JsonObject, own } from "../../../lib/json.ts";
import type { Place, Position } from "../document.ts";
import { numberAt, objectAt, objectsAt, textAt } from "../reading.ts";

export type Block = {
  id: string;
  type: string;
  /** Dotted path in the source. */
  path: string;
  /** The title of its group. */
  name: string;
  fields: JsonObject;
  options: JsonObject;
  place: Place;
  position: Position;
};
export type Group = { id: string; title: string; path: string; place: Place; blocks: Block[] };

/** Nodes of one group stand below each other. */
const ROW_HEIGHT = 160;

/** What groups and blocks are called: before version 3 they were blocks and steps. */
export const layersOf = (source: JsonObject): [outer: "groups" | "blocks", inner: "blocks" | "steps"] =>
  Array.isArray(own(source, "groups")) ? ["groups", "blocks"] : ["blocks", "steps"];

/** Whether the document has groups with blocks at all. */
export const isTypebot = (source: JsonObject): boolean => {
  const [outer, inner] = layersOf(source);
  return objectsAt(source, outer).some(({ item }) => Array.isArray(own(item, inner)));
};

export const groupsOf = (source: JsonObject): Group[] => {
  const [outer, inner] = layersOf(source);
  const taken = new Set<string>();
  return objectsAt(source, outer).map(({ item, index }) => {
    const at = objectAt(item, "graphCoordinates");
    const [x, y] = [numberAt(at, "x") ?? index * 340, numberAt(at, "y") ?? 0];
    const [id, title, path] = [textAt(item, "id"), textAt(item, "title"), `${outer}.${index}`];
    const blocks = objectsAt(item, inner).map(({ item: fields, index: row }): Block => {
      const [blockId, blockPath] = [textAt(fields, "id"), `${path}.${inner}.${row}`];
      const place = `:${blockId === "" || taken.has(`:${blockId}`) ? blockPath : blockId}`;
      taken.add(place);
      return {
        id: blockId,
        type: textAt(fields, "type"),
        path: blockPath,
        name: title,
        fields,
        options: objectAt(fields, "options"),
        place,
        position: { x, y: y + row * ROW_HEIGHT },
      };
    });
    return { id, title, path, place: `#${id}`, blocks };
  });
};

export type Ways = {
  /** The place that an edge leads to; empty when there is none. */
  ofEdge(edgeId: string): Place;
  /** The place of a group, or of a block in it. */
  to(groupId: string, blockId: string): Place;
  /** Blocks that are led to by themselves, not by the block before. */
  targets: ReadonlySet<Place>;
  /** Blocks that only texts lead to: what was asked stands right before them. */
  spokenBefore: ReadonlySet<Place>;
};

export const readWays = (source: JsonObject, groups: readonly Group[]): Ways => {
  const groupPlaces = new Map(groups.map((group) => [group.id, group.place]));
  const blockPlaces = new Map(groups.flatMap((group) => group.blocks.map(({ id, place }) => [id, place] as const)));
  const targets = new Set<Place>();
  const to = (groupId: string, blockId: string): Place => {
    const place = (blockId && blockPlaces.get(blockId)) || groupPlaces.get(groupId) || "";
    targets.add(place);
    return place;
  };
  const edges = new Map<string, Place>();
  for (const { item } of objectsAt(source, "edges")) {
    const target = objectAt(item, "to");
    const [group, block] =
      isJsonObject(target) && textAt(target, "groupId") === "" && Array.isArray(own(source, "blocks"))
        ? ["blockId", "stepId"]
        : ["groupId", "blockId"];
    edges.set(textAt(item, "id"), to(textAt(target, group), textAt(target, block)));
  }
  for (const { blocks } of groups)
    for (const { type, options } of blocks)
      if (type === "Jump") to(textAt(options, "groupId"), textAt(options, "blockId"));
  return {
    ofEdge: (edgeId) => edges.get(edgeId) ?? "",
    to,
    targets,
    spokenBefore: spokenBefore(source, groups, edges),
  };
};

const spokenBefore = (
  source: JsonObject,
  groups: readonly Group[],
  edges: ReadonlyMap<string, Place>,
): ReadonlySet<Place> => {
  const [spoken, silent] = [new Set<Place>(), new Set<Place>()];
  const first = new Map(groups.map(({ place, blocks }) => [place, blocks[0]?.place ?? ""]));
  const lead = (to: Place, from: string): void => {
    (from === "text" ? spoken : silent).add(first.get(to) ?? to);
  };
  for (const { item } of objectsAt(source, "events")) lead(edges.get(textAt(item, "outgoingEdgeId")) ?? "", "start");
  for (const { type, fields, options } of groups.flatMap(({ blocks }) => blocks)) {
    lead(edges.get(textAt(fields, "outgoingEdgeId")) ?? "", type);
    for (const { item } of objectsAt(fields, "items")) {
      lead(edges.get(textAt(item, "outgoingEdgeId")) ?? "", type);
      for (const { item: path } of objectsAt(item, "paths"))
        lead(edges.get(textAt(path, "outgoingEdgeId")) ?? "", type);
    }
    for (const place of [`:${textAt(options, "blockId")}`, `#${textAt(options, "groupId")}`]) lead(place, type);
  }
  return new Set([...spoken].filter((place) => place !== "" && !silent.has(place)));
};
