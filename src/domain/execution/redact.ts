// What is shown of a run without what is secret: values of variables that are marked so, wherever they turn up, and headers that carry credentials.
import { isJsonObject, type Json, type JsonObject } from "../../lib/json.ts";
import type { ExecutionView } from "../ports.ts";
import { type HideText, REDACTED, textHider } from "../variable/hide-values.ts";
import { hideSecretNames, secretIdsIn } from "../variable/secret-name.ts";

/** Header names, and names that mean the same in JSON: whatever stands under them is a credential. */
const CREDENTIAL =
  /^(proxy-)?authorization$|^(set-)?cookie$|^x-(api-key|auth-token|webhook-signature|hub-signature(-256)?|twilio-signature|signature)$|^webhook-signature$|^api[-_]?key$|^(client|webhook|signing)[-_]?secret$|^(access|refresh|auth|bearer)[-_]?token$|^pass(word|wd)$/i;
/** Of a header, whatever it is called. */
const CREDENTIAL_HEADER = /auth|cookie|token|secret|signature|password|[-_]key$|^key$/i;
const USER_IN_URL = /:\/\/[^/\s:@]+:[^/\s@]+@/g;
const CREDENTIAL_IN_URL = /([?&](?:api[-_]?key|key|(?:access[-_]?)?token|secret|password|sig(?:nature)?)=)[^&\s#"]+/gi;
/** Shorter values would be found in everything. */
const SHORTEST_SECRET = 4;

/** Of JSON, whatever type it has been given; the shape stays. */
export type Redact = <T>(value: T) => T;

const textsOf = (value: Json): string[] => {
  if (typeof value === "string") return [value];
  if (typeof value === "number") return [String(value)];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return isJsonObject(value) ? Object.values(value).flatMap(textsOf) : [];
};

const withoutUrlSecrets = (text: string): string =>
  text.includes("://")
    ? text.replace(USER_IN_URL, `://${REDACTED}@`).replace(CREDENTIAL_IN_URL, `$1${REDACTED}`)
    : text;

/** A text without secrets and what stands for them. `names`: of secret variables; `values`: what they are, or were. */
export const hiderOf = (names: readonly string[], values: readonly JsonObject[]): HideText => {
  const texts = values.flatMap((one) => names.flatMap((name) => (Object.hasOwn(one, name) ? textsOf(one[name]!) : [])));
  const hide = textHider([...new Set(texts)].filter(({ length }) => length >= SHORTEST_SECRET));
  return { text: (text) => hide.text(hideSecretNames(text, REDACTED)), isValue: hide.isValue };
};

/** The same of anything, and without credentials of any kind. */
export const redactorOf = (names: readonly string[], values: readonly JsonObject[]): Redact => {
  const secret = new Set(names);
  const hide = hiderOf(names, values);
  const text = (value: string): string => withoutUrlSecrets(hide.text(value));
  const redact = (value: Json, within?: string): Json => {
    if (typeof value === "string") return text(value);
    if (typeof value === "number") return hide.isValue(String(value)) ? REDACTED : value;
    if (Array.isArray(value)) return value.map((one) => redact(one));
    if (!isJsonObject(value)) return value;
    const isCredential = (name: string) =>
      CREDENTIAL.test(name) || (within === "headers" && CREDENTIAL_HEADER.test(name));
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [
        name,
        inner !== null && (isCredential(name) || (secret.has(name) && !isJsonObject(inner)))
          ? REDACTED
          : redact(inner, name.toLowerCase()),
      ]),
    );
  };
  return <T>(value: T) => redact(value as Json) as T;
};

/** A run as people see it, whichever API shows it: without the values of secret variables. */
export const redactView = (view: ExecutionView): ExecutionView => {
  const { secrets = [] } = view;
  // Without secret variables of its own it may have been given one.
  if (secrets.length === 0 && secretIdsIn(view).length === 0) return view;
  return redactorOf(secrets, [view.variables])(view);
};
