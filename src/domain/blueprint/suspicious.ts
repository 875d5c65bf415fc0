// What in a text may be somebody's: credentials, ids, addresses of people. Others will read what is made a template, so this rather sees too much;
// what it sees becomes a variable and nothing is lost. Patterns are bounded: texts come from anybody, and may be long. It cannot see a password
// that looks like a word: names of fields help there (isSecretName). Pure.
import { parsePhoneNumberFromString } from "libphonenumber-js/min";

export type Suspicion = { kind: "credential" | "id" | "email" | "phone" | "url"; from: number; to: number };

const CREDENTIALS: readonly RegExp[] = [
  // Keys that say whose they are.
  /\b(?:sk|pk|rk|whsec|xox[a-z]|xapp|ghp|gho|ghs|ghu|ghr|github_pat|glpat|npm|hf|shp(?:at|ca|pa|ss)|dop_v1|lin_api|ya29)[_.-](?=[\w./+=-]{0,80}\d)[A-Za-z0-9_./+=-]{8,}/g,
  /sb_secret_[0-9a-f]{32}/g,
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g,
  /\bAIza[\w-]{30,}/g,
  /\bEAA[A-Za-z0-9]{30,}/g,
  /\bSG\.[\w-]{10,100}\.[\w-]{10,}/g,
  /\beyJ[\w-]{8,300}\.[\w-]{8,}(?:\.[\w-]*)?/g,
  /\b(?:AC|SK|MG|HX|PN|VA|IS|CH|ZS|SM|MM|AP|CN|US)[0-9a-f]{32}\b/gi,
  /-----BEGIN [A-Z ]+-----[\s\S]*?(?:-----END [A-Z ]+-----|$)/g,
  // A scheme or a name, and what stands behind it.
  /\b(?:bearer|basic|apikey|token|digest)\s+(?=[\w.~+/=-]{0,200}[\d=])[\w.~+/=-]{8,}/gi,
  /\b(?:pass(?:word|wd|phrase|wort)?|pwd|secret|token|api[_ -]?key|access[_ -]?key|private[_ -]?key|client[_ -]?secret|auth|signature|sig|pin)["']?\s*(?:[:=]|=>)\s*["']?[^\s"'{}[\]|,;&]{4,}/gi,
];

const URL_TEXT = /\bhttps?:\/\/[^\s"'<>{}|\\^`]+/gi;
/** Whose path is the key. */
const KEYED_HOSTS =
  /(?:^|\.)(?:hooks\.slack\.com|discord(?:app)?\.com|webhook\.office\.com|hooks\.zapier\.com|maker\.ifttt\.com|make\.com|api\.telegram\.org|pipedream\.net|webhook\.site|chat\.googleapis\.com)$/i;
const SECRET_QUERY = /key|token|secret|sig|auth|pass|pwd|code|credential/i;
const EMAIL = /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]+@(?:[\p{L}\p{N}-]+\.)+[\p{L}]{2,}/gu;
/** Nobody's: RFC 2606. */
const EXAMPLE = /@(?:[\w-]+\.)*example(?:\.(?:com|org|net))?$/i;
const PHONE = /(?<![\w.+-])(?:\+|00)\d[\d\s()./-]{5,22}\d(?!\w)/g;
const LOCAL_PHONE =
  /(?<![\w.:/-])(?:\(?0\d{1,5}\)?[\s/-]?\d{3,}(?:[\s-]?\d{2,}){0,4}|\(?[2-9]\d{2}\)?[\s.-]\d{3}[\s.-]\d{4})(?![\w.:])/g;
const CHAT_LINK = /\b(?:wa\.me\/|tel:|whatsapp:|sms:|mailto:)\+?[^\s"'<>{}?]+/gi;
const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi;
const RUN = /[A-Za-z0-9+=_-]{20,}/g;

const classOf = (character: string): number => (/\d/.test(character) ? 0 : /[a-z]/.test(character) ? 1 : 2);

/** Characters as chance would have them, not as words do: digits among letters, and kinds that keep changing. */
const looksRandom = (text: string): boolean => {
  const plain = text.replace(/[^A-Za-z0-9]/g, "");
  if ((plain.match(/\d/g) ?? []).length < 2 || !/[A-Za-z]/.test(plain)) return false;
  let changes = 0;
  for (let at = 1; at < plain.length; at++) if (classOf(plain[at]!) !== classOf(plain[at - 1]!)) changes++;
  return changes / plain.length >= 0.2;
};

/** Credentials in it, a host whose paths are keys, or a part that looks like one. */
const isKeyedUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return true;
  const { username, password, hostname, pathname, searchParams, hash } = new URL(text);
  return (
    username !== "" ||
    password !== "" ||
    KEYED_HOSTS.test(hostname) ||
    [...searchParams].some(([name, value]) => value !== "" && (SECRET_QUERY.test(name) || looksRandom(value))) ||
    [...pathname.split("/"), hash].some((part) => part.length >= 16 && looksRandom(part))
  );
};

const isPhoneNumber = (text: string): boolean =>
  parsePhoneNumberFromString(text.replace(/^00/, "+").replace(/[^\d+]/g, ""))?.isPossible() === true;

const enoughDigits = (text: string): boolean => {
  const { length } = text.replace(/\D/g, "");
  return length >= 9 && length <= 15;
};

const all = (
  text: string,
  pattern: RegExp,
  kind: Suspicion["kind"],
  holds: (hit: string) => boolean = () => true,
): Suspicion[] =>
  [...text.matchAll(pattern)].flatMap((hit) =>
    holds(hit[0]) ? [{ kind, from: hit.index, to: hit.index + hit[0].length }] : [],
  );

const credentialsIn = (text: string): Suspicion[] => CREDENTIALS.flatMap((pattern) => all(text, pattern, "credential"));

/** No two overlap: those that do are one, of the kind of the first. In their order. */
export const apart = (found: readonly Suspicion[]): Suspicion[] => {
  const kept: Suspicion[] = [];
  for (const one of found.toSorted((a, b) => a.from - b.from)) {
    const last = kept.at(-1);
    if (last && one.from < last.to) last.to = Math.max(last.to, one.to);
    else kept.push({ ...one });
  }
  return kept;
};

/** Credentials only: for what its author writes for others to read. */
export const credentialIn = (text: string): boolean =>
  credentialsIn(text).length > 0 || all(text, URL_TEXT, "url", isKeyedUrl).length > 0;

export const suspicionsIn = (text: string): Suspicion[] =>
  apart([
    ...all(text, URL_TEXT, "url", isKeyedUrl),
    ...credentialsIn(text),
    ...all(text, CHAT_LINK, "id", (hit) => /\d{6}|@/.test(hit)),
    ...all(text, EMAIL, "email", (hit) => !EXAMPLE.test(hit)),
    ...all(text, PHONE, "phone", isPhoneNumber),
    ...all(text, LOCAL_PHONE, "id", enoughDigits),
    ...all(text, UUID, "id"),
    ...all(text, RUN, "id", looksRandom),
  ]);

const SECRET_NAME =
  /(?:^|_)(?:pass(?:word|wd|phrase|wort|code)?|pwd|secret|token|api_?key|access_?key|private_?key|secret_?key|signing_?key|auth_?key|apikey|credentials?|authorization|auth|bearer|cookie|jwt|signature|hmac|otp|pin|salt)s?(?:_|$)/;

/** A field or a variable by whose name its value is nobody else's business. */
export const isSecretName = (name: string): boolean =>
  SECRET_NAME.test(
    name
      .replace(/([a-z\d])([A-Z])/g, "$1_$2")
      .replace(/[^A-Za-z\d]+/g, "_")
      .toLowerCase(),
  );
