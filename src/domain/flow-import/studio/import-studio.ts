// A Twilio Studio flow definition as a flow: its widgets in two passes, since what a text may say depends on what all widgets set.
// Source: Studio's flow definition (description, states, initial_state, flags) and its widget library.
import type { JsonObject } from "../../../lib/json.ts";
import type { Making, StartWords } from "../making.ts";
import { textAt } from "../reading.ts";
import type { Part } from "../report.ts";
import { readLiquid } from "./liquid.ts";
import type { StudioMaking } from "./making.ts";
import { putMessageWidget } from "./messages.ts";
import { putReplyQuestion } from "./reply-question.ts";
import { putRequest, requestId } from "./request.ts";
import { assignVariables, putVariables } from "./set-variables.ts";
import { putSplit } from "./split.ts";
import { putTrigger } from "./trigger.ts";
import { nameReply, studioKey } from "./variables.ts";
import { readWidgets, type Widget, wayOn, widgetPlace } from "./widget.ts";

const VOICE = new Set([
  ...[
    "make-outgoing-call",
    "make-outgoing-call-v2",
    "say-play",
    "gather-input-on-call",
    "record-voicemail",
    "record-call",
  ],
  ...["connect-call-to", "connect-virtual-agent", "connect-virtual-agent-v2", "enqueue-call", "fork-stream"],
  ...["capture-payments", "add-twiml-redirect", "add-twiml"],
]);

const WHY_NOT: Record<string, string> = {
  "run-subflow":
    "a flow cannot start another one and wait for it: import that flow and join them, or give it its own keyword",
  "send-to-flex": "a flow does not hand over to Flex",
};

const whyNot = (type: string): string => {
  if (VOICE.has(type)) return "a flow is a conversation in messages: it makes and takes no calls";
  return Object.hasOwn(WHY_NOT, type) ? WHY_NOT[type]! : `a flow has nothing like the widget "${type}"`;
};

const leaveOut = ({ draft }: StudioMaking, widget: Widget, part: Part): void => {
  const on = wayOn(widget);
  draft.pass(widgetPlace(widget.name), on);
  part.note("unsupported", whyNot(widget.type) + (on ? "; the conversation goes on behind it" : ""));
};

/** Makes the nodes; gives back the place where the flow starts. The definition must have passed check-studio.ts. */
export const importStudio = (definition: JsonObject, path: string, keywords: StartWords, making: Making): string => {
  const { draft, words, report } = making;
  const all = readWidgets(definition, path);
  const widgets = new Map(all.map((widget) => [widgetPlace(widget.name), widget]));
  const initial = widgets.get(widgetPlace(textAt(definition, "initial_state")));
  const start = initial?.type === "trigger" ? initial : all.find(({ type }) => type === "trigger");
  const key = studioKey(words, widgets, (widget) => requestId(making, widget));
  const studio: StudioMaking = {
    ...making,
    key,
    widgets,
    start,
    read: (text, part, field) => {
      const { pieces, notes } = readLiquid(text, {
        keyOf: key,
        pathOf: (name) => {
          words.judge(name, part, field);
          return words.path(name);
        },
      });
      for (const { outcome, reason } of notes) part.note(outcome, reason, field);
      return pieces;
    },
  };
  for (const widget of all) {
    if (widget.type === "send-and-wait-for-reply") words.assign(nameReply(words, widget.name).key, "answer");
    if (widget.type === "set-variables") assignVariables(studio, widget);
    draft.ways(
      widgetPlace(widget.name),
      widget.transitions.map(({ next }) => next),
    );
  }

  for (const widget of all) {
    const part = report.part(widget.path, widget.name, widget.type);
    if (widget === start) putTrigger(studio, widget, part, keywords);
    else if (widget.type === "send-message") putMessageWidget(studio, widget, part);
    else if (widget.type === "send-and-wait-for-reply") putReplyQuestion(studio, widget, part);
    else if (widget.type === "split-based-on") putSplit(studio, widget, part);
    else if (widget.type === "set-variables") putVariables(studio, widget, part);
    else if (widget.type === "make-http-request" || widget.type === "run-function") putRequest(studio, widget, part);
    else leaveOut(studio, widget, part);
    for (const { next, path: field } of widget.transitions)
      if (next !== "" && !widgets.has(next))
        part.note("approximated", `leads to "${next.slice(1)}", which is not in the flow`, field);
  }
  return start ? widgetPlace(start.name) : "";
};
