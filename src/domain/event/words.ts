// Whether a person's words may start what listens for words (commands, keywords, templates): not when they withdraw consent, when the provider has
// answered them by itself, or when they answered a question. Who listens to all messages hears of each (MESSAGING "Consent").
import type { RunEvent } from "../../engine/contract.ts";
import { pathOf } from "../../lib/json.ts";

type Said = Pick<RunEvent, "type" | "data" | "source">;

/**
 * What a provider has told us of, and our own objects have judged. Anybody may send an event of the same type through an API: there `consent`,
 * `reply` and the like are fields as any other, and mean nothing.
 */
export const isTold = ({ source }: Pick<Said, "source">): boolean => PROVIDERS.has(source);

/** PERSISTED CONTRACT: sources of events. */
const PROVIDERS: ReadonlySet<string> = new Set(["twilio", "whatsapp"]);

const isMessage = ({ type }: Said): boolean => type === "MESSAGE_RECEIVED";
const isToldMessage = (event: Said): boolean => isMessage(event) && isTold(event);

/** A word by which somebody withdraws consent: it is obeyed, and it is no keyword and no answer. */
export const isOptOut = (event: Said): boolean => isToldMessage(event) && event.data.consent === "opt_out";

/** The provider saw an opt word and has answered it: it is nobody's keyword, and no answer to a question. */
export const isAnsweredByProvider = (event: Said): boolean =>
  isToldMessage(event) && event.data.provider_answered === true;

/** Whoever owned this reply was told it by the contact's object, and by nobody else (objects/replies.ts). */
export const isJudged = (event: Said): boolean => isToldMessage(event) && event.data.reply !== undefined;

/** Why the words start nothing; undefined when they may. PERSISTED CONTRACT: part of events.outcome. */
export const stopOfWords = (event: Said): "opt_out" | "provider" | "reply" | undefined => {
  if (isOptOut(event)) return "opt_out";
  if (isAnsweredByProvider(event)) return "provider";
  if (!isToldMessage(event)) return undefined;
  const outcome = pathOf(event.data, "reply.outcome");
  return outcome === "answered" || outcome === "refused" ? "reply" : undefined;
};

/** PERSISTED CONTRACT: as what waiters' rows name the wait of a question, which nobody but the contact's object tells as a rule. */
export const REPLY = "MESSAGE_RECEIVED/reply";

/**
 * What waits for this event wait for: a question too, when no object has judged whose reply it is (an API made it, or an address that nobody knew).
 */
export const heardAs = (event: Said): string[] =>
  isMessage(event) && !isJudged(event) && !isAnsweredByProvider(event) ? [event.type, REPLY] : [event.type];
