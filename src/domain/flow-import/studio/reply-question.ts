// Studio's send-and-wait-for-reply: a question that takes any answer, and how long it waits for one.
import { noValidation, textReply } from "../document.ts";
import { putMessage } from "../put-message.ts";
import { putBefore } from "../put-values.ts";
import { numberAt } from "../reading.ts";
import type { Part } from "../report.ts";
import { waitOf } from "../wait.ts";
import type { StudioMaking } from "./making.ts";
import { repliesOf, tellFailure } from "./messages.ts";
import { nameReply } from "./variables.ts";
import { type Widget, wayOf, widgetPlace } from "./widget.ts";

const OTHERWISE = "Please answer:";
/** Studio's own, in seconds. */
const USUAL_WAIT = 3_600;

export const putReplyQuestion = (studio: StudioMaking, widget: Widget, part: Part): void => {
  const { draft, words } = studio;
  const { position } = widget;
  const [next, late] = [wayOf(widget, "incomingMessage"), wayOf(widget, "timeout")];
  tellFailure(widget, "deliveryFailure", next, part);
  const { said, before } = repliesOf(studio, widget, part);
  if (!said.length) part.note("approximated", `a question needs a text: "${OTHERWISE}"`, "properties.body");
  const place = putBefore(draft, widgetPlace(widget.name), before, position, part);

  const media = said.filter(({ flowReplyType }) => flowReplyType !== "Text");
  const text = said.find(({ flowReplyType }) => flowReplyType === "Text")?.data ?? media[0]?.caption;
  const asked = media.length ? draft.newPlace(widgetPlace(widget.name)) : place;
  if (media.length) {
    const shown = media.map((reply) => ({ ...reply, caption: "" }));
    putMessage(draft, place, shown, position, part, asked);
  }
  const wait = late === "" ? undefined : waitOf(numberAt(widget.properties, "timeout") ?? USUAL_WAIT);
  draft.put(
    asked,
    {
      type: "question",
      flowNodeType: "Question",
      flowReplies: [textReply(text || OTHERWISE)],
      userInputVariable: `@${nameReply(words, widget.name).name}`,
      answerValidation: noValidation(),
      isMediaAccepted: true,
      ...(wait && {
        ...wait,
        delayResult: [{ id: "result-complete", expectedInput: "complete", isDefault: true, nodeResultId: late }],
      }),
    },
    position,
    part,
    next,
  );
};
