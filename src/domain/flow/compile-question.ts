// A question of a flow as nodes of a workflow: what is sent before it, the question itself, the one that is asked again after a bad answer, and the
// note of the answer in the contact.
import type { JsonObject } from "../../lib/json.ts";
import type { Drawing } from "./drawing.ts";
import type { FlowNode, FlowReply } from "./flow.ts";
import { literalOf, templateOf, variableOf } from "./interpolate.ts";
import { UNITS } from "./limits.ts";
import { choicesIn, sameWord, type Ways, written } from "./ways.ts";

/** Bad answers until a question is given up, when the flow does not say (the document's own example). */
const FAILS = 3;
const MOST_FAILS = 20;
/** What opens a list when the flow has no word for it (`listButton`). */
const LIST_BUTTON = "Choose";
/** The answer is in the conversation already: a contact that cannot be changed now ends no conversation. */
const SAVING = { retry: { max_attempts: 5, backoff_seconds: 2 }, on_error: "continue" } as const;

export const isText = ({ flowReplyType }: FlowReply): boolean => sameWord(flowReplyType, "Text");

/** Silence ends a conversation: what the provider has no evidence of is said again. */
const INSISTING = { on_unknown: "resend" } as const;

/** One of a flow's replies as a message. */
export const messageOf = (reply: FlowReply): { type: string; config: JsonObject } => {
  if (isText(reply)) return { type: "action_chat_message", config: { message: templateOf(reply.data), ...INSISTING } };
  const config: JsonObject = { media_url: literalOf(reply.data), ...INSISTING };
  if (reply.caption) config.message = templateOf(reply.caption);
  return { type: "action_send_media", config };
};

/** Number in a text, or undefined where there is none. */
export const numberOf = (text: string | number | null | undefined): number | undefined => {
  const number = typeof text === "string" ? (text.trim() === "" ? Number.NaN : Number(text)) : (text ?? Number.NaN);
  return Number.isFinite(number) ? number : undefined;
};

/**
 * How long a question waits for its answer, when it says so and where it goes on then (`delayResult`, as a delay); else a day, and the conversation
 * ends.
 */
export const timeLimitOf = (node: FlowNode): { timeout: number; unit: string } | undefined => {
  const timeout = numberOf(node.delayDuration);
  const unit = UNITS.find((known) => sameWord(node.delayUnit, known));
  const leads = (node.delayResult ?? []).some(({ nodeResultId }) => written(nodeResultId) !== undefined);
  return leads && unit !== undefined && timeout !== undefined && timeout > 0 ? { timeout, unit } : undefined;
};

export const isList = ({ type }: FlowNode): boolean => type === "list_question";
export const variableIn = (node: FlowNode): string | undefined =>
  written(node.type === "button_question" ? node.interactiveButtonsUserInputVariable : node.userInputVariable);

/** Texts of a question by what they are. Of several replies the last is the question, the others go before it. */
type Wording = { before: FlowReply[]; question: FlowReply | undefined; around: JsonObject };

const wordingOf = (node: FlowNode): Wording => {
  const replies = node.flowReplies ?? [];
  const header = node.interactiveButtonsHeader;
  const around: JsonObject = {};
  const before: FlowReply[] = [];
  if (header && sameWord(header.type, "Text")) {
    if (header.text) around.header = templateOf(header.text);
  } else if (header?.media) {
    // Buttons and lists have no room for a medium on every channel: it goes before them.
    before.push({ flowReplyType: header.type ?? "Image", data: header.media });
  }
  if (node.interactiveButtonsFooter) around.footer = templateOf(node.interactiveButtonsFooter);
  const body = node.interactiveButtonsBody;
  if (body) return { before: [...before, ...replies], question: { flowReplyType: "Text", data: body }, around };
  return { before: [...before, ...replies.slice(0, -1)], question: replies.at(-1), around };
};

/** The choices, each with a port of its own. */
const choicesOf = (node: FlowNode): JsonObject[] => {
  const taken = new Set<string>();
  return choicesIn(node).map((answer, index) => {
    const id = written(answer.id) ?? `${index + 1}`;
    const unique = taken.has(id) ? `${id}~${index + 1}` : id;
    taken.add(unique);
    return {
      id: literalOf(unique),
      title: literalOf(answer.expectedInput?.trim() || `${index + 1}`),
      ...(isList(node) && answer.description && { description: literalOf(answer.description) }),
      ...(isList(node) && answer.section && { section: literalOf(answer.section) }),
      port: portOf(index),
    };
  });
};

const portOf = (index: number): string => `answer-${index + 1}`;

const ruleOf = (node: FlowNode): JsonObject => {
  const { type, minValue, maxValue, regex } = node.answerValidation ?? {};
  const answer_type =
    ["Number", "Text", "Email", "Phone"].find((known) => sameWord(type, known))?.toLowerCase() ?? "none";
  const [min, max] = [numberOf(minValue), numberOf(maxValue)];
  return {
    answer_type,
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(regex && { pattern: regex }),
    ...(node.isMediaAccepted && { accepts_media: true }),
  };
};

/** With which bad answer a question is given up. Who has a way for what matches nothing, and no words for it, goes that way at once. */
const failsOf = (node: FlowNode, ways: Ways): number => {
  const { failsCount, fallback } = node.answerValidation ?? {};
  if (choicesIn(node).length > 0 && ways.otherwise.named && !fallback) return 1;
  const fails = numberOf(failsCount) ?? FAILS;
  return Math.min(Math.max(1, Math.trunc(fails)), MOST_FAILS);
};

export const compileQuestion = (drawing: Drawing, node: FlowNode, ways: Ways): void => {
  const { before, question, around } = wordingOf(node);
  const sent = before.map((reply, index) => {
    const { type, config } = messageOf(reply);
    return drawing.put(node, `${index + 1}`, type, config);
  });
  const choices = choicesOf(node);
  const variable = variableOf(variableIn(node) ?? "");
  const fails = failsOf(node, ways);
  const { message = undefined, media_url = undefined } = question ? messageOf(question).config : {};
  const fallback = node.answerValidation?.fallback;
  const config: JsonObject = {
    ...(message !== undefined && { message }),
    ...(media_url !== undefined && { media_url }),
    ...(choices.length > 0 ? { ...around, choices } : ruleOf(node)),
    ...(choices.length > 0 && isList(node) && { list_button: literalOf(node.listButton ?? LIST_BUTTON) }),
    ...(fallback && { fallback: templateOf(fallback) }),
    ...(variable !== undefined && { variable }),
    ...timeLimitOf(node),
    max_fails: fails,
    ...INSISTING,
  };
  const ask = drawing.put(node, "ask", "action_question", config);
  const again = fails > 1 ? drawing.put(node, "again", "action_question", config) : undefined;
  const save =
    variable === undefined
      ? undefined
      : drawing.put(node, "save", "action_update_contact", {
          attributes: { [variable]: `{{ variables["${variable}"] }}` },
          ...SAVING,
        });
  [...sent, ask].reduce((from, to) => {
    drawing.join(from, "output", to);
    return to;
  });
  for (const asked of [ask, ...(again === undefined ? [] : [again])]) {
    const answered = (port: string, to: string | undefined) => {
      drawing.lead(asked, port, to);
      // Beside the way on, which does not wait for it.
      if (save !== undefined) drawing.join(asked, port, save);
    };
    for (const [index, answer] of choicesIn(node).entries()) answered(portOf(index), ways.of(answer));
    if (choices.length === 0) answered("answered", ways.edge);
    if (again !== undefined) drawing.join(asked, "invalid", again);
    drawing.lead(asked, "failed", ways.otherwise.to);
    if (timeLimitOf(node)) drawing.lead(asked, "timeout", ways.ofResult(node.delayResult ?? [], "complete"));
  }
};
