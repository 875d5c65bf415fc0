// Texts without the values of secrets, as those may come back from where they were sent: plain, in a URL or a form, in JSON, HTML or hex, and in
// base64 within whatever else was encoded with them, such as the user of a Basic authorisation. Pure.
import { toBase64 } from "../../lib/base64.ts";

export const REDACTED = "[redacted]";

/** Of what is looked for in base64, in characters: less would be found by chance. */
const SHORTEST_CORE = 6;
/** Of the beginning of a value, in characters. */
const SHORTEST_CUT = 4;
/** No log line, message or body is cut off that is shorter, in characters: what ends there has ended by itself. */
const SHORTEST_CUT_TEXT = 200;
const IN_RUN = /[A-Za-z0-9+/_%-]/;

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;" };

const lowerCaseEscapes = (text: string): string => text.replace(/%[0-9A-F]{2}/g, (one) => one.toLowerCase());
const unicodeEscapes = (text: string): string =>
  text.replace(/[^\x20-\x7e]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** Half a pair of surrogates has no place in a URL. */
const inUrl = (value: string): string => encodeURIComponent(value.toWellFormed());

const inJson = (value: string): string => JSON.stringify(value).slice(1, -1);
const hexOf = (value: string): string => Buffer.from(value).toString("hex");

/** In JSON, in JSON that is a text of JSON, as a body that is echoed in an answer that is logged, and once more. */
const jsonsOf = (value: string): string[] => [1, 2, 3].map((times) => Array(times).fill(0).reduce(inJson, value));

/** As a body or an address holds it, of which somebody may make hex or base64 as a whole. */
const writtenOf = (value: string): string[] => [...new Set([value, ...jsonsOf(value), inUrl(value)])];

const spellingsOf = (value: string): string[] => {
  const url = inUrl(value);
  const html = value.replace(/[&<>"']/g, (one) => ENTITIES[one]!);
  const urls = [url, url.replaceAll("%20", "+"), encodeURI(value.toWellFormed())];
  return [
    ...[value, html, html.replaceAll("&#34;", "&quot;")],
    ...writtenOf(value).flatMap((one) => [hexOf(one), hexOf(one).toUpperCase()]),
    ...urls.flatMap((one) => [one, lowerCaseEscapes(one)]),
    ...jsonsOf(value).flatMap((json) => [json, unicodeEscapes(json), json.replaceAll("/", "\\/")]),
  ];
};

/** What base64 of any text that holds the value is sure to hold: it stands at one of three places in a group of three bytes. */
const coresOf = (value: string): string[] => {
  const bytes = new TextEncoder().encode(value);
  return [0, 1, 2].flatMap((offset) => {
    const whole = toBase64(Uint8Array.from([...new Uint8Array(offset), ...bytes]));
    const core = whole.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
    if (core.length < SHORTEST_CORE) return [];
    return [core, core.replaceAll("+", "-").replaceAll("/", "_"), inUrl(core)];
  });
};

/** All of the base64 around a core goes: the characters beside it tell a part of the value. */
const withoutRun = (text: string, core: string): string => {
  let clean = "";
  let from = 0;
  for (let at = text.indexOf(core); at !== -1; at = text.indexOf(core, from)) {
    let start = at;
    while (start > from && IN_RUN.test(text[start - 1]!)) start--;
    let end = at + core.length;
    while (end < text.length && IN_RUN.test(text[end]!)) end++;
    while (text[end] === "=") end++;
    clean += text.slice(from, start) + REDACTED;
    from = end;
  }
  return clean + text.slice(from);
};

/** A log line that was cut off in the middle of one shows its beginning. */
const withoutCut = (text: string, all: readonly string[], shortest: number): string => {
  for (const one of all)
    for (let length = Math.min(one.length - 1, text.length); length >= shortest; length--)
      if (one[length - 1] === text.at(-1) && text.endsWith(one.slice(0, length)))
        return text.slice(0, -length) + REDACTED;
  return text;
};

export type HideText = {
  /** The text without them. */
  text(text: string): string;
  /** It is one of the values, in one of its spellings. */
  isValue(text: string): boolean;
};

export const textHider = (values: readonly string[]): HideText => {
  const spellings = new Set(values.flatMap(spellingsOf));
  // The longer first: one may be within another.
  const ordered = [...spellings].sort((a, b) => b.length - a.length);
  const cores = [...new Set(values.flatMap(writtenOf).flatMap(coresOf))].sort((a, b) => b.length - a.length);
  const withoutWhole = (text: string): string =>
    cores.reduce(
      withoutRun,
      ordered.reduce((clean, one) => clean.replaceAll(one, REDACTED), text),
    );
  return {
    text: (text) => {
      const whole = withoutWhole(text);
      if (text.length < SHORTEST_CUT_TEXT) return whole;
      return withoutCut(withoutCut(whole, ordered, SHORTEST_CUT), cores, SHORTEST_CORE);
    },
    isValue: (text) => spellings.has(text),
  };
};
