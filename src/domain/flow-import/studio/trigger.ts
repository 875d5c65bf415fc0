// Studio's trigger: the start node. A flow starts with a keyword; Studio with any message, a call, or a request.
import { startingWords, usableKeywords } from "../keywords.ts";
import type { StartWords } from "../making.ts";
import type { Part } from "../report.ts";
import type { StudioMaking } from "./making.ts";
import { type Widget, wayOf, widgetPlace } from "./widget.ts";

/** In the order in which one of them becomes the start of the flow. */
const EVENTS = ["incomingMessage", "incomingConversationMessage", "incomingRequest", "incomingParent", "incomingCall"];
const STARTED_BY: Record<string, string> = {
  incomingRequest: "a request to the API",
  incomingParent: "another flow",
  incomingCall: "a call",
};

/** Whoever only looks tells nobody. */
const SILENT: Part = { path: "", became: () => {}, note: () => {} };

const WORD_TESTS = new Set(["equal_to", "matches_any_of", "contains", "starts_with"]);

/** A split right behind the trigger that tells the first message apart: its words are what people write to start. */
export const firstSplit = ({ widgets, read }: StudioMaking, trigger: Widget): Widget | undefined => {
  const next = widgets.get(wayOf(trigger, ...EVENTS));
  if (next?.type !== "split-based-on") return undefined;
  const tests = next.transitions.flatMap(({ conditions }) => conditions);
  const readsFirst = tests.every(({ argument }) => {
    const [piece, ...more] = read(argument, SILENT);
    return piece !== undefined && "key" in piece && piece.key === "trigger.message.Body" && !more.length;
  });
  return readsFirst && tests.length && tests.every(({ type }) => WORD_TESTS.has(type)) ? next : undefined;
};

const wordsOfSplit = (split: Widget): string[] =>
  usableKeywords(
    split.transitions.flatMap(({ conditions, next }) =>
      next === ""
        ? []
        : conditions.flatMap(({ type, value }) => (type === "matches_any_of" ? value.split(",") : [value])),
    ),
  );

export const putTrigger = (studio: StudioMaking, trigger: Widget, part: Part, keywords: StartWords): void => {
  const { draft, widgets } = studio;
  const next = wayOf(trigger, ...EVENTS);
  const split = firstSplit(studio, trigger);
  const triggerKeywords = startingWords(keywords, split ? wordsOfSplit(split) : []);
  draft.put(
    widgetPlace(trigger.name),
    { type: "trigger_keyword", flowNodeType: "Trigger", triggerKeywords },
    trigger.position,
    part,
    next,
  );
  const by = trigger.transitions.find((transition) => transition.next === next && next !== "")?.event ?? "";
  const usual = Object.hasOwn(STARTED_BY, by) ? STARTED_BY[by]! : "any message";
  part.note("approximated", `started by ${usual} in Studio, here by a message with: ${triggerKeywords.join(", ")}`);
  for (const { event, next: other, path } of trigger.transitions)
    if (other !== "" && other !== next && widgets.has(other))
      part.note("unsupported", `a flow has one start: what ${event || "this event"} starts is left out`, path);
};
