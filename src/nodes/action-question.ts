import { z } from "zod";
import type { Outcome, RunEvent, Visit } from "../engine/contract.ts";
import { durationMs } from "../engine/expression/duration.ts";
import { checkPattern } from "../engine/expression/regex.ts";
import { isJsonObject, type Json, type JsonObject, own } from "../lib/json.ts";
import { ok } from "../lib/result.ts";
import { mediaUrl } from "./action-send-media.ts";
import { type Choices, choicePorts, choicesField } from "./choice-fields.ts";
import { filledText, flag, name, oneOf, templated, text, wholeNumber } from "./config.ts";
import { amountField, checkDuration, unitField, writtenMs } from "./duration-fields.ts";
import { matchChoice } from "./match-choice.ts";
import { defineNode, fail, MESSAGE_ATTEMPT_MS, MESSAGE_RETRY } from "./node.ts";
import { type ReplyMessage, replyOf, replyWait } from "./reply-wait.ts";
import { unknownPolicyField, unknownPolicyOf } from "./unknown-policy.ts";
import { ANSWER_TYPES, type AnswerRule, validateAnswer } from "./validate-answer.ts";

const DEFAULT_MAX_FAILS = 3;
const DEFAULT_TIMEOUT = { timeout: 24, unit: "hours" } as const;
/** WhatsApp has no more buttons; more choices are a list. */
const MAX_BUTTONS = 3;

/** What a visit still has to know when the reply comes. PERSISTED CONTRACT: runs that wait keep it. */
type Memo = {
  rule: { [Key in keyof AnswerRule]: AnswerRule[Key] } & JsonObject;
  choices: { id: string; title: string; port: string }[];
  variable: string | null;
  /** Bad answers before this visit, and with which one it leaves by `failed`. */
  fails: number;
  max_fails: number;
  timeout_ms: number;
  /** The question left by a channel that its author named: the reply comes in whichever conversation. */
  anywhere: boolean;
  /** The provider's id of the question, once it has left: a reply may say that it answers it. */
  asked?: string;
};

/** Under which a bad answer says how many there were, so that the next question goes on counting. */
const FAILS = "failed_answers";

const bound = templated(z.number("A number is needed.").optional());

const interactiveOf = (
  choices: Choices,
  {
    header,
    footer,
    list_button,
  }: { header?: string | undefined; footer?: string | undefined; list_button?: string | undefined },
): JsonObject => {
  const around = { ...(header && { header }), ...(footer && { footer }) };
  if (choices.length <= MAX_BUTTONS && list_button === undefined)
    return { ...around, kind: "buttons", buttons: choices.map(({ id, title }) => ({ id, title })) };
  const rows = choices.map(({ port: _, description, section, ...row }) => ({
    ...row,
    ...(description && { description }),
    ...(section && { section }),
  }));
  return { ...around, kind: "list", button: list_button ?? "Choose", rows };
};

const failsBefore = (input: Json): number | undefined => {
  const fails = isJsonObject(input) ? own(input, FAILS) : undefined;
  return typeof fails === "number" && Number.isSafeInteger(fails) && fails > 0 ? fails : undefined;
};

const listen = (visit: Visit, memo: Memo, asked: boolean): Outcome => {
  const event = replyWait(visit, memo);
  return event
    ? {
        kind: "wait",
        event: { ...event, ...(visit.run.ownsReplies && { reply: { asked } }) },
        until: visit.now + memo.timeout_ms,
        memo: memo,
      }
    : fail("NO_CONTACT", "This run has no contact who could answer");
};

/** In a dry run nobody answers: the first choice is taken, or an empty text. */
const isMocked = ({ run }: Visit, { data }: RunEvent): boolean => run.dryRun && data.mocked === true;

const judge = (visit: Visit, memo: Memo, event: RunEvent): Outcome => {
  const { choices, variable, rule } = memo;
  const reply: ReplyMessage = replyOf(event);
  const answered = (port: string, answer: Json, choice: string | null): Outcome => ({
    kind: "next",
    port,
    output: { answer, choice, text: reply.text, media: [...reply.media], fails: memo.fails },
    ...(variable !== null && { set: { [variable]: answer } }),
    ...(isMocked(visit, event) && { logs: ["Mocked: an answer was said to have come"] }),
  });
  if (choices.length > 0) {
    const hit = isMocked(visit, event) ? choices[0] : matchChoice(choices, reply, visit.run.readsAnyDigits);
    if (hit) return answered(hit.port, hit.title, hit.id);
  }
  const judged =
    choices.length > 0
      ? ({ ok: false, error: "it is none of the choices" } as const)
      : isMocked(visit, event)
        ? ok("")
        : validateAnswer(reply, rule, visit.run.readsAnyDigits);
  if (judged.ok) return answered("answered", judged.value, null);
  const fails = memo.fails + 1;
  const isLast = fails >= memo.max_fails;
  return {
    kind: "next",
    port: isLast ? "failed" : "invalid",
    // Only a question that is asked again counts on: what comes after a failed one begins anew.
    output: { [isLast ? "fails" : FAILS]: fails, text: reply.text, reason: judged.error },
    logs: [`Bad answer ${fails} of ${memo.max_fails}: ${judged.error}`],
  };
};

/**
 * Output of an answer: `{answer, choice, text, media, fails}`; of `invalid`: `{failed_answers, text, reason}`; of `failed`: `{fails, text,
 * reason}`; of `timeout`: `{fails}`.
 */
export const actionQuestion = defineNode({
  type: "action_question",
  kind: "action",
  writes: "chat",
  title: "Question",
  description:
    "Sends a question to the run's contact and waits for their reply: 24 hours unless said. Buttons, or a list, when there are choices: a choice " +
    "leaves by its `port`, else by `answered`, as every answer of the right type does; `variable` takes it. A bad answer leaves by `invalid`, number " +
    "`max_fails` (3 unless said) by `failed`. Connect `invalid` to the same question, or to another one, and it goes on counting and sends its " +
    "`fallback` in place of the question. Without a message it only waits.",
  fields: {
    message: templated(filledText(4_096).optional().meta({ title: "Question" })),
    media_url: templated(mediaUrl.optional()),
    header: templated(text(1_000).optional().meta({ title: "Header" })),
    footer: templated(text(1_000).optional().meta({ title: "Footer" })),
    choices: choicesField.optional(),
    list_button: templated(
      filledText(1_000).optional().meta({ title: "Opens the list", description: "With it, the choices are a list" }),
    ),
    answer_type: oneOf(ANSWER_TYPES).optional(),
    min: bound.meta({ title: "Least", description: "A number's value, a text's characters" }),
    max: bound.meta({ title: "Most" }),
    pattern: filledText(1_000).optional().meta({ title: "Pattern (RE2)" }),
    accepts_media: flag.optional().meta({ title: "A medium is an answer" }),
    variable: name.optional().meta({ title: "Variable" }),
    fallback: templated(filledText(4_096).optional().meta({ title: "After a bad answer" })),
    max_fails: wholeNumber(1, 20).optional().meta({ title: "Bad answers until it leaves by failed" }),
    timeout: amountField.optional(),
    unit: unitField.optional(),
    channel: templated(filledText(64).optional().meta({ title: "Channel" })),
    on_unknown: unknownPolicyField,
  },
  ports: (config) => ({
    inputs: ["input"],
    outputs: [...new Set([...choicePorts(config), "answered", "invalid", "failed", "timeout"])],
  }),
  check: ({ message, media_url, choices, pattern, timeout, unit }) => {
    const pattern_ = typeof pattern === "string" ? checkPattern(pattern) : undefined;
    return [
      ...(pattern_ && !pattern_.ok ? [{ path: "pattern", message: pattern_.error }] : []),
      ...(choices && !message ? [{ path: "message", message: "Choices go with a message." }] : []),
      ...(choices && media_url ? [{ path: "media_url", message: "Choices and a medium are two messages." }] : []),
      ...(timeout === undefined ? [] : checkDuration(timeout, unit, "timeout")),
    ];
  },
  waits: () => true,
  onUnknown: "reconcile",
  defaultRetry: MESSAGE_RETRY,
  longestMs: ({ timeout = DEFAULT_TIMEOUT.timeout, unit = DEFAULT_TIMEOUT.unit, message }) =>
    (message === undefined ? 0 : MESSAGE_ATTEMPT_MS) + writtenMs(timeout, unit),
  enter: (visit) => {
    const { config, input } = visit;
    const waits = config.timeout === undefined ? DEFAULT_TIMEOUT : { timeout: config.timeout, unit: config.unit };
    const ms = durationMs({ duration: waits.timeout, unit: waits.unit });
    if (!ms.ok) return fail("INVALID_CONFIG", `${ms.error.path === "unit" ? "unit" : "timeout"}: ${ms.error.message}`);
    const choices = (config.choices ?? []) as Choices;
    const { min, max, pattern, accepts_media } = config;
    const fails = failsBefore(input);
    const max_fails = config.max_fails ?? DEFAULT_MAX_FAILS;
    const memo: Memo = {
      rule: {
        type: config.answer_type ?? "none",
        ...(min !== undefined && { min }),
        ...(max !== undefined && { max }),
        ...(pattern !== undefined && { pattern }),
        ...(accepts_media !== undefined && { acceptsMedia: accepts_media }),
      },
      choices: choices.map(({ id, title, port }) => ({ id, title, port: port ?? "answered" })),
      variable: config.variable ?? null,
      fails: Math.min(fails ?? 0, max_fails - 1),
      max_fails,
      timeout_ms: ms.value,
      anywhere: config.channel !== undefined,
    };
    if (replyWait(visit, memo) === undefined) return fail("NO_CONTACT", "This run has no contact who could answer");
    const again = fails !== undefined && config.fallback !== undefined;
    const message = again ? config.fallback : config.message;
    const medium = again ? undefined : config.media_url;
    if (message === undefined && medium === undefined) return listen(visit as Visit, memo, false);
    const order = {
      text: message ?? "",
      ...(medium !== undefined && { media_urls: [medium] }),
      ...(choices.length > 0 && !again && { interactive: interactiveOf(choices, config) }),
      ...(config.channel !== undefined && { channel: config.channel }),
      ...unknownPolicyOf(config),
      ...(visit.run.ownsReplies && { reply_within_ms: ms.value }),
    };
    return { kind: "perform", action: "message.send", input: order, memo: memo };
  },
  resume: (visit, signal) => {
    const memo = visit.memo as Memo;
    if (signal.kind === "result") {
      const asked = isJsonObject(signal.output) ? own(signal.output, "provider_id") : undefined;
      return listen(visit, typeof asked === "string" && visit.run.ownsReplies ? { ...memo, asked } : memo, true);
    }
    if (signal.kind === "event") return judge(visit, memo, signal.event);
    return { kind: "next", port: "timeout", output: { fails: memo.fails } };
  },
});
