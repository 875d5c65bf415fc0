// A question with given answers, in the form that WhatsApp has for their number: buttons, a list, or a numbered text.

import { optWordOf } from "../contact/opt-words.ts";
import { literalOf } from "../flow/interpolate.ts";
import { MAX_ANSWERS, WHATSAPP } from "../flow/limits.ts";
import {
  type Answer,
  noValidation,
  type Place,
  type Position,
  type Reply,
  textReply,
  type Validation,
} from "./document.ts";
import type { Draft } from "./draft.ts";
import { putCondition } from "./put-condition.ts";
import { putMessage } from "./put-message.ts";
import { putValues } from "./put-values.ts";
import type { Part } from "./report.ts";
import type { Words } from "./words.ts";

/** More answers than a person reads are no menu. */
export const MOST_CHOICES = MAX_ANSWERS;

export type Choice = { title: string; description?: string; to: Place };
export type Prompt = { text: string; header?: { type: "Image" | "Video"; media: string } };

const cut = (text: string, length: number): string => {
  const symbols = [...text];
  if (text.length <= length) return text;
  let kept = "";
  for (const symbol of symbols) {
    if (kept.length + symbol.length > length - 1) break;
    kept += symbol;
  }
  return `${kept.trimEnd()}…`;
};

/** The titles cut to `length`, still different from each other. */
const cutTitles = (choices: readonly Choice[], length: number): string[] => {
  const taken = new Set<string>();
  return choices.map(({ title }, index) => {
    let short = cut(title, length);
    if (taken.has(short.toLowerCase())) short = `${index + 1}. ${cut(title, length - `${index + 1}. `.length)}`;
    taken.add(short.toLowerCase());
    return short;
  });
};

export const numberFrom = (min: number, max: number, fallback: string): Validation => ({
  ...noValidation(),
  type: "Number",
  minValue: String(min),
  maxValue: String(max),
  fallback,
});

/**
 * Puts the question at `place` and gives back its node's id. `variable` is the key of what the answer is saved as, empty when the source saves none.
 * Titles too long for WhatsApp are cut; comparisons with the long title are told what is saved instead.
 */
export const putChoice = (
  { draft, words }: { draft: Draft; words: Words },
  place: Place,
  prompt: Prompt,
  choices: readonly Choice[],
  variable: { key: string; name: string },
  position: Position,
  part: Part,
): string => {
  const longest = Math.max(...choices.map(({ title }) => title.length));
  const asButtons = choices.length <= WHATSAPP.buttons && longest <= WHATSAPP.buttonTitle;
  const titles = cutTitles(choices, asButtons ? WHATSAPP.buttonTitle : WHATSAPP.rowTitle);
  const answers: Answer[] = choices.map(({ to, title, description }, index) => ({
    id: `answer-${index + 1}`,
    expectedInput: titles[index]!,
    isDefault: false,
    nodeResultId: to,
    ...(!asButtons && {
      description: cut(description || (titles[index] === title ? "" : title), WHATSAPP.rowDescription),
    }),
  }));

  for (const { title } of choices)
    if (optWordOf(title)?.meaning === "opt_out")
      part.note("approximated", `who answers "${title}" opts out of all messages: give the answer another title`);

  let [here, text] = [place, prompt.text];
  const media = asButtons ? prompt.header : undefined;
  const before: Reply[] = [];
  if (prompt.header && !media)
    before.push({ flowReplyType: prompt.header.type, data: prompt.header.media, caption: "", mimeType: "" });
  if (text.length > WHATSAPP.body && !isNumbered(choices)) {
    part.note(
      "approximated",
      `a text of more than ${WHATSAPP.body} characters goes before the question, as a message of its own`,
    );
    before.push(textReply(text));
    text = "Please choose:";
  }
  if (before.length) {
    here = draft.newPlace();
    putMessage(draft, place, before, position, part, here);
  }
  const variableName = variable.name && `@${variable.name}`;

  if (isNumbered(choices)) {
    part.note(
      "approximated",
      choices.length > WHATSAPP.rows
        ? `WhatsApp's lists have ${WHATSAPP.rows} rows: these ${choices.length} answers are numbered`
        : `WhatsApp's lists have no room for answers of more than ${WHATSAPP.rowDescription} characters: they are numbered`,
    );
    const lines = choices.map(({ title }, index) => `${index + 1}. ${title}`);
    const number = words.name(`number ${place}`, "number");
    const branching = new Set(choices.map(({ to }) => to)).size > 1;
    const chosen = branching ? draft.newPlace() : choices[0]!.to;
    const after = variable.name ? draft.newPlace() : chosen;
    const id = draft.put(
      here,
      {
        type: "question",
        flowNodeType: "Question",
        flowReplies: [textReply([text, ...lines].filter((line) => line !== "").join("\n"))],
        userInputVariable: variable.name || branching ? `@${number}` : "",
        answerValidation: numberFrom(1, choices.length, `Please answer with a number from 1 to ${choices.length}.`),
        isMediaAccepted: false,
      },
      position,
      part,
      after,
    );
    const below = { x: position.x + 40, y: position.y + 40 };
    const value = titleOf(number, choices);
    if (variable.name) putValues(draft, after, [{ name: variable.name, value }], below, part, chosen);
    if (branching) putNumberWays(draft, chosen, `@${number}`, choices, position, part);
    return id;
  }

  for (const [index, { title }] of choices.entries()) {
    if (titles[index] === title) continue;
    part.note(
      "approximated",
      `titles may have at most ${WHATSAPP.rowTitle} characters: "${titles[index]}" stands for a longer one`,
    );
    words.savesAs(variable.key, title, titles[index]!);
  }
  if (asButtons)
    return draft.put(
      here,
      {
        type: "button_question",
        flowNodeType: "Question",
        interactiveButtonsHeader: media
          ? { type: media.type, text: "", media: media.media }
          : { type: "Text", text: "", media: null },
        interactiveButtonsBody: text,
        interactiveButtonsFooter: "",
        interactiveButtonsUserInputVariable: variableName,
        interactiveButtonsDefaultNodeResultId: "",
        expectedAnswers: answers,
      },
      position,
      part,
    );
  return draft.put(
    here,
    {
      type: "list_question",
      flowNodeType: "Question",
      flowReplies: [textReply(text)],
      userInputVariable: variableName,
      answerValidation: noValidation(),
      isMediaAccepted: false,
      expectedAnswers: answers,
    },
    position,
    part,
  );
};

/** Whether the answers are too many for a list, or too long to be read in one. */
const isNumbered = (choices: readonly Choice[]): boolean =>
  choices.length > WHATSAPP.rows || choices.some(({ title }) => title.length > WHATSAPP.rowDescription);

/** The template of the answer that a number stands for. */
const titleOf = (number: string, choices: readonly Choice[]): string =>
  [
    `{% case variables["${number}"] %}`,
    ...choices.map(({ title }, index) => `{% when ${index + 1} %}${literalOf(title)}`),
    "{% endcase %}",
  ].join("");

/** One condition for each way but the last, comparing the number that was answered. */
const putNumberWays = (
  draft: Draft,
  place: Place,
  variable: string,
  choices: readonly Choice[],
  position: Position,
  part: Part,
): void => {
  const ways = new Map<Place, string[]>();
  for (const [index, { to }] of choices.entries()) ways.set(to, [...(ways.get(to) ?? []), String(index + 1)]);
  const list = [...ways];
  let here = place;
  for (const [index, [to, numbers]] of list.entries()) {
    if (index === list.length - 1) {
      draft.pass(here, to);
      return;
    }
    const after = draft.newPlace();
    const test = { any: numbers.map((value) => ({ flowConditionType: "Equal" as const, variable, value })) };
    const at = { x: position.x + (index + 1) * 40, y: position.y + (index + 1) * 40 };
    putCondition(draft, here, test, { yes: to, no: after }, at, part);
    here = after;
  }
};
