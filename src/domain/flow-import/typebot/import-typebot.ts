// A Typebot export as a flow: its groups block by block, in two passes, since what a text may say depends on what all blocks set.
// Source: Typebot's export (version, events, groups, edges, variables, settings).
import type { JsonObject } from "../../../lib/json.ts";
import { noValidation } from "../document.ts";
import { startingWords, usableKeywords } from "../keywords.ts";
import type { Making, StartWords } from "../making.ts";
import { numberAt, objectAt, objectsAt, textAt } from "../reading.ts";
import type { Part } from "../report.ts";
import { sourceOf } from "./assignment.ts";
import { readBubble } from "./bubble.ts";
import { isInput, isPicky, putInput } from "./input.ts";
import { filledBy, putIntegration } from "./integration.ts";
import { isLogic, neverHolds, putLogic } from "./logic.ts";
import type { TypebotMaking } from "./making.ts";
import { putSaid, type Said } from "./said.ts";
import { type Block, type Group, groupsOf, readWays } from "./typebot.ts";
import { readVariables, savedIn } from "./variables.ts";

const START = "start";
/** Its place: none of a block, a group, or between them. */
const ENTRY = "*start";

/** Where the block's edge leads, else the block below it; empty at the end of a group without an edge. */
const wayAfter = ({ ways }: TypebotMaking, group: Group, row: number): string =>
  ways.ofEdge(textAt(group.blocks[row]!.fields, "outgoingEdgeId")) || (group.blocks[row + 1]?.place ?? "");

const assign = ({ words, variables }: TypebotMaking, block: Block): void => {
  if (block.type === "Set variable") {
    const key = variables.key(textAt(block.options, "variableId"));
    if (key !== "") words.assign(key, sourceOf(block.options, variables));
    return;
  }
  if (isLogic(block.type)) return;
  const filled = filledBy(block);
  for (const id of savedIn(block.options)) {
    const key = variables.key(id);
    if (key !== "") words.assign(key, isInput(block.type) ? "answer" : filled.includes(id) ? "set" : "unknowable");
  }
};

const WHY_NOT: Record<string, string> = {
  "payment input": "a flow takes no payments",
  webhook: "a flow waits for no webhooks",
};

const leaveOut = ({ draft }: TypebotMaking, block: Block, next: string, part: Part): void => {
  draft.pass(block.place, next);
  const why = Object.hasOwn(WHY_NOT, block.type) ? WHY_NOT[block.type]! : `a flow has nothing like "${block.type}"`;
  part.note("unsupported", why + (next ? "; the conversation goes on behind it" : ""));
};

const putGroup = (making: TypebotMaking, group: Group): void => {
  const { draft, report, ways } = making;
  let said: Said[] = [];
  const flush = (next: string): void => {
    putSaid(making, said, next);
    said = [];
  };
  const first = group.blocks.find(({ type }) => type !== START);
  if (first) draft.pass(group.place, first.place);
  draft.ways(group.place, first ? [first.place] : []);
  for (const [row, block] of group.blocks.entries()) {
    const next = wayAfter(making, group, row);
    const items = objectsAt(block.fields, "items");
    draft.ways(block.place, [
      next,
      ...items.map(({ item }) => (neverHolds(item) ? "" : ways.ofEdge(textAt(item, "outgoingEdgeId")))),
    ]);
    if (block.type === START) continue;
    if (ways.targets.has(block.place)) flush(block.place);
    const part = report.part(block.path, block.name, block.type);
    const bubble = readBubble(making, block, part);
    if (bubble) {
      said.push({ block, part, reply: bubble === "nothing" ? undefined : bubble });
      if (next !== group.blocks[row + 1]?.place) flush(next);
      continue;
    }
    if (isInput(block.type)) {
      putInput(making, block, next, said, part);
      said = [];
      continue;
    }
    flush(block.place);
    if (!putLogic(making, block, next, part) && !putIntegration(making, block, next, part))
      leaveOut(making, block, next, part);
  }
};

/** Words that start the bot on WhatsApp, when its settings name some. */
const startWords = (source: JsonObject): string[] => {
  const condition = objectAt(objectAt(objectAt(source, "settings"), "whatsApp"), "startCondition");
  return usableKeywords(objectsAt(condition, "comparisons").map(({ item }) => textAt(item, "value")));
};

/** Makes the nodes; gives back the place where the flow starts. The source must have passed check-typebot.ts. */
export const importTypebot = (source: JsonObject, keywords: StartWords, making: Making): string => {
  const groups = groupsOf(source);
  const { draft, words, report } = making;
  const typebot: TypebotMaking = {
    ...making,
    ways: readWays(source, groups),
    variables: readVariables(source, words),
    later: [],
    tests: { count: 0 },
  };
  const blocks = groups.flatMap((group) => group.blocks);
  const events = objectsAt(source, "events");
  const event = events.find(({ item }) => textAt(item, "type") === START);
  const startBlock = blocks.find(({ type }) => type === START);

  for (const block of blocks) assign(typebot, block);
  for (const group of groups) putGroup(typebot, group);
  for (const act of typebot.later) act();

  const path = event ? `events.${event.index}` : startBlock!.path;
  const next = event
    ? typebot.ways.ofEdge(textAt(event.item, "outgoingEdgeId"))
    : typebot.ways.ofEdge(textAt(startBlock!.fields, "outgoingEdgeId"));
  const at = event ? objectAt(event.item, "graphCoordinates") : {};
  const part = report.part(path, "Start", START);
  const written = startWords(source);
  const triggerKeywords = startingWords(keywords, written);
  draft.put(
    ENTRY,
    { type: "trigger_keyword", flowNodeType: "Trigger", triggerKeywords },
    event ? { x: numberAt(at, "x") ?? 0, y: numberAt(at, "y") ?? 0 } : startBlock!.position,
    part,
    next,
  );
  draft.ways(ENTRY, [next]);
  if (!written.length)
    part.note(
      "approximated",
      `started by whoever opens the bot, here by a message with: ${triggerKeywords.join(", ")}`,
    );
  if (blocks.some(({ type }) => isPicky(type)))
    part.note(
      "approximated",
      `what takes some answers only asks ${noValidation().failsCount} times at most; Typebot asks until the answer fits`,
    );
  for (const { item, index } of events)
    if (index !== event?.index)
      report
        .part(`events.${index}`, textAt(item, "type"), "event")
        .note("unsupported", "a flow has one start: what this event starts is left out");
  return ENTRY;
};
