// What is wrong with one node of a flow by itself: what is missing, what nobody understands, and what WhatsApp would not take. Pure.

import { durationMs } from "../../engine/expression/duration.ts";
import { operators } from "../../engine/expression/operators.ts";
import { checkPattern } from "../../engine/expression/regex.ts";
import { optWordOf } from "../contact/opt-words.ts";
import { keywordsOf, operatorOf } from "./compile-flow.ts";
import { isList, isText, numberOf, variableIn } from "./compile-question.ts";
import type { FlowAnswer, FlowNode, FlowReply } from "./flow.ts";
import { variableOf } from "./interpolate.ts";
import { TWILIO_TEXT, UNITS, WHATSAPP as W } from "./limits.ts";
import { choicesIn, sameWord, written } from "./ways.ts";

/** Says what is wrong at a path inside the node. `offer` is the node as it would be right. */
export type Tell = (
  code: string,
  path: string,
  message: string,
  more?: { severity?: "warning"; offer?: FlowNode },
) => void;

const lengthOf = (text: string): number => [...text].length;

const atMost = (tell: Tell, path: string, text: string | null | undefined, most: number): void => {
  if (text && lengthOf(text) > most)
    tell("too_long", path, `It has ${lengthOf(text)} characters; WhatsApp takes ${most}.`);
};

const needed = (tell: Tell, path: string, text: string | null | undefined, what: string): void => {
  if (!text?.trim()) tell("empty", path, `${what} is needed.`);
};

const MEDIA = ["Image", "Video", "Audio", "Document"];

const isUrl = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

const warnOfLength = (tell: Tell, path: string, length: number, most: number): void => {
  if (length <= TWILIO_TEXT || length > most) return;
  const message = `It has ${length} characters: Twilio takes ${TWILIO_TEXT}, by SMS and on WhatsApp.`;
  tell("long_text", path, message, { severity: "warning" });
};

const checkReply = (reply: FlowReply, path: string, most: number, tell: Tell): void => {
  if (isText(reply)) {
    needed(tell, `${path}.data`, reply.data, "A text");
    atMost(tell, `${path}.data`, reply.data, most);
    warnOfLength(tell, `${path}.data`, lengthOf(reply.data), most);
    return;
  }
  if (!MEDIA.some((kind) => sameWord(reply.flowReplyType, kind)))
    tell("unknown_reply_type", `${path}.flowReplyType`, `Use one of Text, ${MEDIA.join(", ")}.`);
  else if (!isUrl(reply.data)) tell("bad_url", `${path}.data`, "An absolute http or https URL is needed.");
  atMost(tell, `${path}.caption`, reply.caption, W.caption);
};

const checkReplies = (node: FlowNode, mostOfLast: number, tell: Tell): void => {
  const replies = node.flowReplies ?? [];
  if (replies.length === 0) tell("empty", "flowReplies", "A message is needed.");
  replies.forEach((reply, index) => {
    checkReply(reply, `flowReplies.${index}`, index === replies.length - 1 ? mostOfLast : W.text, tell);
  });
};

const checkVariable = (node: FlowNode, tell: Tell): void => {
  const variable = variableIn(node);
  const path = node.type === "button_question" ? "interactiveButtonsUserInputVariable" : "userInputVariable";
  if (variable !== undefined && variableOf(variable) === undefined)
    tell("bad_variable", path, "Use @ and letters, digits and underscores, with a letter first.");
};

const ANSWER_TYPES = ["None", "Number", "Text", "Email", "Phone"];

const checkValidation = (node: FlowNode, tell: Tell): void => {
  const { type, minValue, maxValue, regex, fallback, failsCount } = node.answerValidation ?? {};
  const at = (field: string) => `answerValidation.${field}`;
  if (type && !ANSWER_TYPES.some((known) => sameWord(type, known)))
    tell("unknown_answer_type", at("type"), `Use one of ${ANSWER_TYPES.join(", ")}.`);
  const isMeasured = sameWord(type, "Number") || sameWord(type, "Text");
  for (const [field, value] of Object.entries({ minValue, maxValue, failsCount })) {
    const isUsed = field === "failsCount" || isMeasured;
    if (isUsed && String(value ?? "").trim() !== "" && numberOf(value) === undefined)
      tell("bad_number", at(field), "A number is needed.");
  }
  const [min, max] = [numberOf(minValue), numberOf(maxValue)];
  if (isMeasured && min !== undefined && max !== undefined && min > max)
    tell("bad_number", at("maxValue"), "It is less than minValue: no answer could be right.");
  const fails = numberOf(failsCount);
  if (fails !== undefined && (!Number.isInteger(fails) || fails < 0 || fails > 20))
    tell("bad_number", at("failsCount"), "A whole number from 0 to 20 is needed.");
  const pattern = regex ? checkPattern(regex) : undefined;
  if (pattern && !pattern.ok) tell("bad_pattern", at("regex"), pattern.error);
  atMost(tell, at("fallback"), fallback, W.text);
};

/** The same question as a list, for more answers than buttons. */
const asList = (node: FlowNode): FlowNode => {
  const {
    interactiveButtonsBody,
    interactiveButtonsUserInputVariable,
    interactiveButtonsDefaultNodeResultId,
    ...kept
  } = node;
  return {
    ...kept,
    type: "list_question",
    flowReplies: [{ flowReplyType: "Text", data: interactiveButtonsBody ?? "", caption: "", mimeType: "" }],
    userInputVariable: interactiveButtonsUserInputVariable ?? "",
    answerValidation: { type: "None", minValue: "", maxValue: "", regex: "", fallback: "", failsCount: "3" },
    isMediaAccepted: false,
    ...(interactiveButtonsDefaultNodeResultId && { interactiveButtonsDefaultNodeResultId }),
  };
};

const checkAnswers = (answers: readonly FlowAnswer[], list: boolean, tell: Tell): void => {
  const seen = { id: new Set<string>(), title: new Set<string>() };
  const [title, id] = list ? [W.rowTitle, W.rowId] : [W.buttonTitle, W.buttonId];
  answers.forEach((answer, index) => {
    const at = (field: string) => `expectedAnswers.${index}.${field}`;
    needed(tell, at("id"), answer.id, "An id");
    needed(tell, at("expectedInput"), answer.expectedInput, "A title");
    atMost(tell, at("expectedInput"), answer.expectedInput, title);
    atMost(tell, at("id"), answer.id, id);
    const word = (answer.expectedInput ?? "").trim().toLowerCase();
    if (word && seen.title.has(word))
      tell("duplicate_title", at("expectedInput"), "Another answer has the same title.");
    if (answer.id && seen.id.has(answer.id)) tell("duplicate_id", at("id"), `The id '${answer.id}' is used twice.`);
    seen.title.add(word);
    if (answer.id) seen.id.add(answer.id);
    if (!list) return;
    atMost(tell, at("description"), answer.description, W.rowDescription);
    atMost(tell, at("section"), answer.section, W.sectionTitle);
  });
};

const checkList = (node: FlowNode, answers: readonly FlowAnswer[], tell: Tell): void => {
  if (answers.length > W.rows)
    tell(
      "too_many_rows",
      "expectedAnswers",
      `It has ${answers.length} rows; a list on WhatsApp may have at most ${W.rows}.`,
    );
  const sections = new Set(answers.map(({ section }) => section ?? ""));
  if (sections.size > 1 && sections.has(""))
    tell("missing_section", "expectedAnswers", "When rows are in sections, each needs one.");
  const button = node.listButton;
  if (button === undefined || button === null) return;
  if (button.trim() === "") tell("empty", "listButton", "A text is needed.");
  else atMost(tell, "listButton", button, W.listButton);
};

const checkQuestion = (node: FlowNode, tell: Tell): void => {
  const answers = choicesIn(node);
  const isButtons = node.type === "button_question";
  if (isButtons) {
    needed(tell, "interactiveButtonsBody", node.interactiveButtonsBody, "A text");
    atMost(tell, "interactiveButtonsBody", node.interactiveButtonsBody, W.body);
    if (answers.length === 0) tell("empty", "expectedAnswers", "An answer is needed.");
    if (answers.length > W.buttons) {
      const offer = answers.length <= W.rows ? " Make it a list_question, which has up to 10 rows." : "";
      const message = `It has ${answers.length} buttons; WhatsApp shows at most ${W.buttons}.${offer}`;
      tell("too_many_buttons", "expectedAnswers", message, offer ? { offer: asList(node) } : {});
    }
  } else checkReplies(node, answers.length > 0 ? W.body : W.text, tell);
  checkAnswers(answers, isList(node), tell);
  if (isList(node)) checkList(node, answers, tell);
  const header = node.interactiveButtonsHeader;
  if (sameWord(header?.type, "Text") || !header?.media)
    atMost(tell, "interactiveButtonsHeader.text", header?.text, W.header);
  else if (!isUrl(header.media))
    tell("bad_url", "interactiveButtonsHeader.media", "An absolute http or https URL is needed.");
  atMost(tell, "interactiveButtonsFooter", node.interactiveButtonsFooter, W.footer);
  checkVariable(node, tell);
  checkValidation(node, tell);
};

const checkCondition = (node: FlowNode, tell: Tell): void => {
  const conditions = node.flowNodeConditions ?? [];
  if (conditions.length === 0) tell("empty", "flowNodeConditions", "A condition is needed.");
  if (node.conditionOperator && !["None", "And", "Or"].some((known) => sameWord(node.conditionOperator, known)))
    tell("unknown_operator", "conditionOperator", "Use one of None, And, Or.");
  conditions.forEach(({ flowConditionType, variable, value }, index) => {
    const at = (field: string) => `flowNodeConditions.${index}.${field}`;
    if (variableOf(variable ?? "") === undefined) tell("bad_variable", at("variable"), "An @name is needed.");
    const operator = operatorOf(flowConditionType);
    if (operator === undefined) {
      const known = "Equal, NotEqual, GreaterThan, LessThan, Contains, NotContains";
      tell("unknown_operator", at("flowConditionType"), `Use one of ${known}.`);
      return;
    }
    const fault = operators[operator].checkValue(value ?? "");
    if (fault !== undefined) tell("bad_value", at("value"), fault);
  });
  checkResults(node.conditionResult, ["true", "false"], "conditionResult", tell);
};

const checkResults = (
  results: readonly FlowAnswer[] | null | undefined,
  words: readonly string[],
  field: string,
  tell: Tell,
): void => {
  (results ?? []).forEach(({ expectedInput }, index) => {
    if (!words.some((word) => sameWord(expectedInput, word)))
      tell("unknown_result", `${field}.${index}.expectedInput`, `Use one of ${words.join(", ")}.`);
  });
};

/** Milliseconds that a delay takes; undefined when it is no length of time. */
export const delayMs = (node: FlowNode): number | undefined => {
  const unit = UNITS.find((known) => sameWord(node.delayUnit, known));
  const ms = unit && durationMs({ duration: numberOf(node.delayDuration), unit });
  return ms?.ok ? ms.value : undefined;
};

const checkDelay = (node: FlowNode, tell: Tell): void => {
  if (!UNITS.some((known) => sameWord(node.delayUnit, known)))
    tell("bad_unit", "delayUnit", `Use one of ${UNITS.join(", ")}.`);
  else if (!delayMs(node)) tell("bad_number", "delayDuration", "A number above 0 is needed, of at most ten years.");
  checkResults(node.delayResult, ["complete", "interrupted"], "delayResult", tell);
};

const checkKeywords = (node: FlowNode, tell: Tell): void => {
  const keywords = keywordsOf(node);
  if (keywords.length === 0) tell("empty", "triggerKeywords", "A keyword is needed.");
  for (const [index, keyword] of (node.triggerKeywords ?? []).entries()) {
    const word = optWordOf(keyword);
    if (!word) continue;
    const never = word.meaning === "opt_out";
    const message = never
      ? `${word.word} opts people out: it never starts a flow.`
      : `${word.word} has a meaning of its own for consent.`;
    tell("consent_word", `triggerKeywords.${index}`, message, never ? {} : { severity: "warning" });
  }
};

export const checkNode = (node: FlowNode, tell: Tell): void => {
  switch (node.type) {
    case "trigger_keyword":
      checkKeywords(node, tell);
      return;
    case "trigger_template":
      if (written(node.triggerTemplateId) === undefined)
        tell("empty", "triggerTemplateId", "The id of a template is needed.");
      checkAnswers(node.expectedAnswers ?? [], false, tell);
      return;
    case "message":
      checkReplies(node, W.text, tell);
      return;
    case "question":
    case "button_question":
    case "list_question":
      checkQuestion(node, tell);
      return;
    case "condition":
      checkCondition(node, tell);
      return;
    case "delay":
      checkDelay(node, tell);
  }
};
