// Whether what a person wrote is an answer of the kind that was asked for, and what it is then worth. Pure, and bounded in time for any text.
import { type CountryCode, parsePhoneNumberFromString } from "libphonenumber-js/min";
import { testPattern } from "../engine/expression/regex.ts";
import type { Json } from "../lib/json.ts";
import { plainDigits } from "../lib/plain-digits.ts";
import { err, ok, type Result } from "../lib/result.ts";

export const ANSWER_TYPES = ["none", "number", "text", "email", "phone"] as const;
export type AnswerType = (typeof ANSWER_TYPES)[number];

export type AnswerRule = {
  type: AnswerType;
  /** Of a number its value, of a text its characters; both ends belong to it. Other types have no measure. */
  min?: number | undefined;
  max?: number | undefined;
  /** RE2; found anywhere in the text, as every pattern here: anchor it with ^ and $ to mean the whole. */
  pattern?: string | undefined;
  /** A picture, a recording or a document is an answer as well: its URL. */
  acceptsMedia?: boolean | undefined;
};

/** `from`: the person's own number in E.164, whose country a number without a country code belongs to. */
export type Answer = { text: string; media: readonly string[]; from?: string | undefined };

/** Longer than any answer to a question; what people paste by mistake is not kept. */
const MAX_ANSWER = 4_096;

const DECIMAL = /^[+-]?\d{1,30}(?:\.\d{1,30})?$/;
/** Digits that a double keeps. */
const EXACT_DIGITS = 15;
/** A local part, one @, labels with a dot between them. (RFC 5321's limits are the lengths; quoted local parts nobody has.) */
const LOCAL = /^[^\s@"(),:;<>[\]\\]{1,64}$/;
const LABEL = /^[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?$/u;

const within = (measure: number, { min, max }: AnswerRule): boolean =>
  (min === undefined || measure >= min) && (max === undefined || measure <= max);

const numberIn = (plain: string, rule: AnswerRule): Result<Json, string> => {
  if (!DECIMAL.test(plain)) return err("it is no number");
  const value = Number(plain);
  if (!within(value, rule)) return err("the number is out of range");
  // A number that would lose digits stays what was written.
  return ok(plain.replace(/\D/g, "").length <= EXACT_DIGITS ? value : plain);
};

const textIn = (text: string, rule: AnswerRule): Result<Json, string> =>
  within([...text].length, rule) ? ok(text) : err("its length is out of range");

const isEmail = (text: string): boolean => {
  const at = text.lastIndexOf("@");
  const local = text.slice(0, at);
  const labels = text.slice(at + 1).split(".");
  return (
    at > 0 &&
    text.length <= 254 &&
    LOCAL.test(local) &&
    !/^\.|\.$|\.\./.test(local) &&
    labels.length > 1 &&
    labels.every((label) => LABEL.test(label)) &&
    /^[\p{L}][\p{L}\p{N}-]+$/u.test(labels.at(-1)!)
  );
};

const countryOf = (phone: string | undefined): CountryCode | undefined =>
  phone === undefined ? undefined : parsePhoneNumberFromString(phone)?.country;

const phoneIn = (text: string, from: string | undefined): Result<Json, string> => {
  const country = countryOf(from);
  const options = { extract: false, ...(country && { defaultCountry: country }) };
  const phone = text.length <= 40 ? parsePhoneNumberFromString(text, options) : undefined;
  return phone?.isValid() && phone.ext === undefined ? ok(phone.number) : err("it is no phone number");
};

const worthOf = (
  text: string,
  rule: AnswerRule,
  from: string | undefined,
  anyDigits: boolean,
): Result<Json, string> => {
  switch (rule.type) {
    case "number":
      return numberIn(anyDigits ? plainDigits(text) : text.normalize("NFKC"), rule);
    case "text":
      return textIn(text, rule);
    case "email":
      return isEmail(text) ? ok(text) : err("it is no e-mail address");
    case "phone":
      return phoneIn(text, from);
    case "none":
      return ok(text);
  }
};

/**
 * The answer's worth (a number as number, a phone in E.164, media as its URL, anything else as trimmed text), or why it is none. `anyDigits`: a
 * number in any script's.
 */
export const validateAnswer = (
  { text, media, from }: Answer,
  rule: AnswerRule,
  anyDigits = true,
): Result<Json, string> => {
  const [medium] = media;
  if (rule.acceptsMedia && medium !== undefined) return ok(medium);
  const said = text.trim();
  if (said === "") return err(medium === undefined ? "there is no text" : "it is no text");
  if (said.length > MAX_ANSWER) return err("it is too long");
  const value = worthOf(said, rule, from, anyDigits);
  if (!value.ok || !rule.pattern) return value;
  return testPattern(rule.pattern, rule.type === "number" && anyDigits ? plainDigits(said) : said)
    ? value
    : err("it is not of the form that is asked for");
};
