// Typebot's inputs as questions: what is typed, chosen, rated or uploaded.
import { noValidation, portTo, textReply, type Validation } from "../document.ts";
import { numberFrom, type Prompt, putChoice } from "../put-choice.ts";
import { isTrueAt, numberAt, objectAt, textAt } from "../reading.ts";
import type { Part } from "../report.ts";
import { readChoices } from "./choices.ts";
import type { TypebotMaking } from "./making.ts";
import { type Said, takePrompt } from "./said.ts";
import type { Block } from "./typebot.ts";

type Asked = { validation: Validation; otherwise: string; hint?: string; media?: boolean };

const SAID_WRONG = "That does not look right. Please try again.";
const ADDRESS = "^(https?://)?[^\\s./]+(\\.[^\\s./]+)+(/\\S*)?$";

const retried = (block: Block, type: Validation["type"], fields: Partial<Validation> = {}): Validation => ({
  ...noValidation(),
  type,
  fallback: textAt(block.options, "retryMessageContent").trim() || SAID_WRONG,
  ...fields,
});

const bound = (block: Block, field: string, part: Part): string => {
  const written = textAt(block.options, field);
  if (written.includes("{{")) part.note("unsupported", "a bound that is a variable is left out", `options.${field}`);
  return numberAt(block.options, field) === undefined ? "" : written.trim();
};

const INPUTS: Record<string, (block: Block, part: Part) => Asked> = {
  "text input": (block) => ({
    validation: noValidation(),
    otherwise: "Please write your answer:",
    media:
      isTrueAt(objectAt(block.options, "audioClip"), "isEnabled") ||
      isTrueAt(objectAt(block.options, "attachments"), "isEnabled"),
  }),
  "number input": (block, part) => ({
    validation: retried(block, "Number", { minValue: bound(block, "min", part), maxValue: bound(block, "max", part) }),
    otherwise: "Please write a number:",
  }),
  "email input": (block) => ({ validation: retried(block, "Email"), otherwise: "Please write your email address:" }),
  "phone number input": (block) => ({
    validation: retried(block, "Phone"),
    otherwise: "Please write your phone number:",
  }),
  "url input": (block) => ({
    validation: retried(block, "Text", { regex: ADDRESS }),
    otherwise: "Please write the address:",
  }),
  "date input": (block, part) => {
    part.note("approximated", "a date is written as text, and is not checked");
    const range = isTrueAt(block.options, "isRange");
    return {
      validation: noValidation(),
      otherwise: range ? "Please write the dates, from and to:" : "Please write the date:",
    };
  },
  "time input": (_block, part) => {
    part.note("approximated", "a time is written as text, and is not checked");
    return { validation: noValidation(), otherwise: "Please write the time:" };
  },
  "rating input": (block, part) => {
    const from = Math.round(numberAt(block.options, "startsAt") ?? 1);
    const to = Math.max(from, Math.round(numberAt(block.options, "length") ?? 10));
    const labels = objectAt(block.options, "labels");
    const [left, right] = [textAt(labels, "left").trim(), textAt(labels, "right").trim()];
    part.note("approximated", "a rating is written as a number");
    return {
      validation: numberFrom(from, to, `Please answer with a number from ${from} to ${to}.`),
      otherwise: "Please rate it:",
      hint: `(${left ? `${left} ` : ""}${from} - ${to}${right ? ` ${right}` : ""})`,
    };
  },
  "file input": (block, part) => {
    if (isTrueAt(block.options, "isMultipleAllowed")) part.note("approximated", "one file is taken, not several");
    return { validation: noValidation(), otherwise: "Please send the file:", media: true };
  },
};

const CHOICES = new Set(["choice input", "picture choice input", "cards"]);

/** Whether it takes some answers only. */
export const isPicky = (type: string): boolean => isInput(type) && type !== "text input";

export const isInput = (type: string): boolean => CHOICES.has(type) || Object.hasOwn(INPUTS, type);

const variableOf = ({ words, variables }: TypebotMaking, block: Block): { key: string; name: string } => {
  const key = variables.key(textAt(block.options, "variableId"));
  return { key, name: key && words.name(key, key) };
};

/** Whether the question stands at the end of another group, and this block only takes the answer. */
const isHeardBefore = ({ ways }: TypebotMaking, block: Block, said: readonly Said[]): boolean =>
  said.length === 0 && ways.spokenBefore.has(block.place);

const putListening = ({ draft, words, variables }: TypebotMaking, block: Block, next: string, part: Part): void => {
  const key = variables.key(textAt(block.options, "variableId"));
  const config = { ...(key !== "" && { variable: words.name(key, key) }), accepts_media: true, max_fails: 1 };
  draft.put(
    block.place,
    {
      type: "action_question",
      flowNodeType: "Action",
      config,
      nodeResult: [portTo("answered", next), portTo("failed", next)],
    },
    block.position,
    part,
  );
};

const putQuestion = (
  making: TypebotMaking,
  block: Block,
  next: string,
  said: readonly Said[],
  part: Part,
  asked: Asked,
): void => {
  const { words, variables, draft } = making;
  if (isHeardBefore(making, block, said) && asked.validation.type === "None" && !asked.hint) {
    putListening(making, block, next, part);
    return;
  }
  const placeholder = textAt(objectAt(block.options, "labels"), "placeholder").trim();
  const { place, text, ask } = takePrompt(
    making,
    said,
    block,
    words.write(variables.read(placeholder), part).text || asked.otherwise,
    part,
  );
  const { name } = variableOf(making, block);
  const id = draft.put(
    place,
    {
      type: "question",
      flowNodeType: "Question",
      flowReplies: [textReply(asked.hint ? `${text}\n${asked.hint}` : text)],
      userInputVariable: name && `@${name}`,
      answerValidation: asked.validation,
      isMediaAccepted: asked.media ?? false,
    },
    block.position,
    part,
    next,
  );
  ask(id);
};

/** Puts the input's question, its text taken from what was said before. */
export const putInput = (
  making: TypebotMaking,
  block: Block,
  next: string,
  said: readonly Said[],
  part: Part,
): void => {
  const asked = Object.hasOwn(INPUTS, block.type) ? INPUTS[block.type]!(block, part) : undefined;
  if (asked) {
    putQuestion(making, block, next, said, part, asked);
    return;
  }
  const { choices, pictures } = readChoices(making, block, next, part);
  const free = { validation: noValidation(), otherwise: "Please write your answer:" };
  if (!choices.length || isTrueAt(block.options, "isMultipleChoice")) {
    const hint = choices.map(({ title }) => `- ${title}`).join("\n");
    if (choices.length) part.note("approximated", "several answers are written as text, separated by commas");
    putQuestion(making, block, next, said, part, { ...free, ...(hint && { hint }) });
    return;
  }
  const shown: Said[] = pictures.map((reply) => ({ block: { ...block, place: making.draft.newPlace() }, part, reply }));
  const { place, text, ask } = takePrompt(making, [...said, ...shown], block, "Please choose:", part);
  const prompt: Prompt = { text };
  ask(putChoice(making, place, prompt, choices, variableOf(making, block), block.position, part));
};
