// What a bot says before it asks or goes on: bubbles in a row are one message node, the last text before a question is the question's.
import type { Reply } from "../document.ts";
import { putMessage } from "../put-message.ts";
import type { Part } from "../report.ts";
import type { TypebotMaking } from "./making.ts";
import type { Block } from "./typebot.ts";

/** A bubble; without a reply when there is nothing in it to send. */
export type Said = { block: Block; part: Part; reply: Reply | undefined };

/** Puts the bubbles as one message that goes on to `next`. */
export const putSaid = ({ draft }: TypebotMaking, said: readonly Said[], next: string): void => {
  const sent = said.filter(({ reply }) => reply !== undefined);
  const [first] = said;
  if (!first) return;
  const [leading] = sent;
  if (leading) {
    const flowReplies = sent.map(({ reply }) => reply!);
    const { block, part } = leading;
    const ids = putMessage(draft, block.place, flowReplies, block.position, part, next);
    for (const other of sent) for (const id of ids) other.part.became("message", id);
  }
  for (const { block } of said)
    if (block !== leading?.block) draft.pass(block.place, leading ? leading.block.place : next);
};

/**
 * Takes the question's text from the bubbles before it and puts the others as a message.
 * The place where the question is to stand: the text's own, when nothing else is said before.
 */
export const takePrompt = (
  making: TypebotMaking,
  said: readonly Said[],
  question: Block,
  otherwise: string,
  part: Part,
): { place: string; text: string; ask: (id: string) => void } => {
  const at = said.findLastIndex(({ reply }) => reply?.flowReplyType === "Text");
  const prompt = said[at];
  if (!prompt) {
    putSaid(making, said, question.place);
    part.note("approximated", `a question needs a text: "${otherwise}"`);
    return { place: question.place, text: otherwise, ask: () => {} };
  }
  const others = said.filter((item) => item !== prompt);
  const ask = (id: string) => prompt.part.became("question", id);
  if (said.slice(at + 1).some(({ reply }) => reply))
    prompt.part.note("approximated", "the text is the question's, so what was shown after it comes before it");
  if (others.some(({ reply }) => reply)) {
    putSaid(making, others, question.place);
    const first = others.find(({ reply }) => reply)!.block.place;
    making.draft.pass(prompt.block.place, first);
    return { place: question.place, text: prompt.reply!.data, ask };
  }
  for (const { block } of others) making.draft.pass(block.place, prompt.block.place);
  making.draft.pass(question.place, prompt.block.place);
  return { place: prompt.block.place, text: prompt.reply!.data, ask };
};
