// Studio's send-and-wait-for-reply: a question, or a message and a wait when what counts is only whether an answer comes in time.
import { noValidation, textReply } from "../document.ts";
import { putMessage } from "../put-message.ts";
import { numberAt } from "../reading.ts";
import type { Part } from "../report.ts";
import { waitOf } from "../wait.ts";
import type { StudioMaking } from "./making.ts";
import { repliesOf, tellFailure } from "./messages.ts";
import { nameReply } from "./variables.ts";
import { type Widget, wayOf, widgetPlace } from "./widget.ts";

const OTHERWISE = "Please answer:";

export const putReplyQuestion = (studio: StudioMaking, widget: Widget, part: Part): void => {
  const { draft, words } = studio;
  const { position } = widget;
  const [place, next, late] = [widgetPlace(widget.name), wayOf(widget, "incomingMessage"), wayOf(widget, "timeout")];
  const { key, name } = nameReply(words, widget.name);
  tellFailure(widget, "deliveryFailure", next, part);
  const said = repliesOf(studio, widget, part);
  if (!said.length) part.note("approximated", `a question needs a text: "${OTHERWISE}"`, "properties.body");

  const wait = waitOf(numberAt(widget.properties, "timeout") ?? 0);
  if (late !== "" && late !== next && wait && !studio.readsReply.has(key)) {
    const waiting = draft.newPlace();
    putMessage(draft, place, said.length ? said : [textReply(OTHERWISE)], position, part, waiting);
    const delayResult = [
      { id: "result-complete", expectedInput: "complete", isDefault: true, nodeResultId: late },
      { id: "result-interrupted", expectedInput: "interrupted", isDefault: false, nodeResultId: next },
    ];
    draft.put(
      waiting,
      { type: "delay", flowNodeType: "Delay", ...wait, waitForReply: true, delayInterrupt: true, delayResult },
      { x: position.x + 40, y: position.y + 40 },
      part,
    );
    return;
  }
  if (late !== "" && late !== next)
    part.note(
      "approximated",
      "a question that saves its answer has no way of its own for no answer: after a day the conversation ends",
      "transitions",
    );

  const media = said.filter(({ flowReplyType }) => flowReplyType !== "Text");
  const text = said.find(({ flowReplyType }) => flowReplyType === "Text")?.data ?? media[0]?.caption;
  const asked = media.length ? draft.newPlace() : place;
  if (media.length) {
    const shown = media.map((reply) => ({ ...reply, caption: "" }));
    putMessage(draft, place, shown, position, part, asked);
  }
  draft.put(
    asked,
    {
      type: "question",
      flowNodeType: "Question",
      flowReplies: [textReply(text || OTHERWISE)],
      userInputVariable: `@${name}`,
      answerValidation: noValidation(),
      isMediaAccepted: true,
    },
    position,
    part,
    next,
  );
};
