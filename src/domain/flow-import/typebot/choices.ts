// The answers of Typebot's choice inputs: buttons, pictures and cards.
import type { Reply } from "../document.ts";
import { isAddress, mediaReply } from "../media.ts";
import { type Choice, MOST_CHOICES } from "../put-choice.ts";
import { isTrueAt, objectAt, objectsAt, textAt } from "../reading.ts";
import type { Part } from "../report.ts";
import type { TypebotMaking } from "./making.ts";
import type { Block } from "./typebot.ts";

const MOST_PICTURES = 10;

/** The answers with their ways, and the pictures that are shown before. No answers when they are made while the bot runs. */
export const readChoices = (
  { words, variables, ways }: TypebotMaking,
  block: Block,
  next: string,
  part: Part,
): { choices: Choice[]; pictures: Reply[] } => {
  const { options } = block;
  const dynamic = objectAt(options, "dynamicItems");
  if (textAt(options, "dynamicVariableId") !== "" || isTrueAt(dynamic, "isEnabled")) {
    part.note("unsupported", "answers that come from a variable are not known: the question takes any text");
    return { choices: [], pictures: [] };
  }
  const own = variables.key(textAt(options, "variableId"));
  const choices: Choice[] = [];
  const pictures: Reply[] = [];
  const written = (text: string, field: string): string =>
    words.write(variables.read(text, part, field), part, field).text.trim();

  for (const { item, index } of objectsAt(block.fields, "items").slice(0, MOST_CHOICES)) {
    const at = `items.${index}`;
    const title = written(textAt(item, "content") || textAt(item, "title"), at) || `${index + 1}`;
    const description = written(textAt(item, "description"), `${at}.description`);
    const value = textAt(item, "value") || textAt(objectAt(item, "options"), "internalValue");
    const shown =
      isTrueAt(objectAt(item, "displayCondition"), "isEnabled") ||
      isTrueAt(objectAt(objectAt(item, "options"), "displayCondition"), "isEnabled");
    if (shown) part.note("approximated", `"${title}" is shown to everybody, not on a condition only`, at);
    if (value !== "" && value !== title) {
      part.note("approximated", `"${title}" is saved as it is shown, not as "${value}"`, at);
      if (own !== "") words.savesAs(own, value, title);
    }
    const picture = textAt(item, "pictureSrc") || textAt(item, "imageUrl");
    if (isAddress(picture) && pictures.length < MOST_PICTURES)
      pictures.push({ ...mediaReply(picture, "Image"), flowReplyType: "Image", caption: title });
    const to = ways.ofEdge(textAt(item, "outgoingEdgeId")) || next;
    const paths = objectsAt(item, "paths");
    if (!paths.length) choices.push({ title, description, to });
    for (const { item: path, index: n } of paths) {
      const text = written(textAt(path, "text"), `${at}.paths.${n}`);
      const way = ways.ofEdge(textAt(path, "outgoingEdgeId")) || next;
      choices.push({ title: paths.length > 1 && text ? `${title}: ${text}` : title, description, to: way });
    }
  }
  if (pictures.length) part.note("approximated", "the pictures are sent before the question, each with its title");
  if (objectsAt(block.fields, "items").length > MOST_CHOICES)
    part.note("unsupported", `more than ${MOST_CHOICES} answers: the others are left out`);
  return { choices: choices.slice(0, MOST_CHOICES), pictures };
};
