// X-Twilio-Signature, as Twilio's "Security" guide defines it and its own `twilio` package checks it: base64 of HMAC-SHA1 over the URL and the
// sorted form. The URL is signed as text. Twilio and the proxies between disagree about ports and quotes in it, so several spellings of the
// one configured URL are tried; the Host header never is.

import { parse, stringify } from "node:querystring";
import { toBase64 } from "../../lib/base64.ts";
import { sameText } from "../../lib/constant-time.ts";
import { hmac, sha256Hex } from "../../lib/hmac.ts";
import type { RawRequest } from "../channel.ts";
import { type Form, readForm } from "./form.ts";

/** Scheme, user, host and port at the start of a URL that is taken apart without being parsed. */
const AUTHORITY = /^([a-z][a-z0-9+.-]*:\/\/)((?:[^/?#]*@)?)(\[[^\]]*\]|[^/?#:]*)((?::[^/?#]*)?)/i;

const withoutPort = (url: string): string => url.replace(AUTHORITY, "$1$2$3");
const withPort = (url: string): string =>
  url.replace(AUTHORITY, (whole, scheme: string, _user, _host, port: string) =>
    port ? whole : `${whole}${scheme.toLowerCase() === "https://" ? ":443" : ":80"}`,
  );

/** The query as Node's old `querystring` writes it: `'` stays bare where WHATWG escapes it. */
const withLegacyQuery = (url: string): string => {
  const at = url.indexOf("?");
  return at === -1 || at === url.length - 1 ? url : `${url.slice(0, at)}?${stringify(parse(url.slice(at + 1)))}`;
};

/** The URL that Twilio was given: our public URL with the path and query of the request, without a fragment. */
const signedUrl = (publicUrl: string, requestUrl: string): string =>
  publicUrl.replace(/\/+$/, "") + requestUrl.replace(AUTHORITY, "").replace(/#.*$/s, "");

const spellings = (url: string): Set<string> => {
  const whatwg = URL.canParse(url) ? new URL(url).href : url;
  const plain = [withoutPort(url), withPort(url), withoutPort(whatwg), withPort(whatwg)];
  return new Set([...plain, ...plain.slice(2).map(withLegacyQuery)]);
};

/** Every key with its values, keys sorted by code unit, a key's values without repeats and sorted too. */
const signedForm = (pairs: Form): string => {
  const known = signedForms.get(pairs);
  if (known !== undefined) return known;
  const text = textOfForm(pairs);
  signedForms.set(pairs, text);
  return text;
};

/** As readForm: once a callback. */
const signedForms = new WeakMap<Form, string>();

const textOfForm = (pairs: Form): string => {
  const values = new Map<string, Set<string>>();
  for (const [key, value] of pairs) values.set(key, (values.get(key) ?? new Set()).add(value));
  return [...values.keys()]
    .sort()
    .map((key) =>
      [...values.get(key)!]
        .sort()
        .map((value) => key + value)
        .join(""),
    )
    .join("");
};

/** What the body adds to the signed text; undefined when the body cannot be vouched for. */
const signedBody = async (url: string, request: RawRequest): Promise<string | undefined> => {
  const bodyHash = new URLSearchParams(/\?(.*)$/s.exec(url)?.[1] ?? "").get("bodySHA256");
  if (bodyHash !== null) return sameText(await sha256Hex(request.body), bodyHash) ? "" : undefined;
  const form = readForm(request);
  return form && signedForm(form);
};

/** The signature that Twilio puts on a request. */
export const signatureOf = async (authToken: string, url: string, pairs: Form): Promise<string> =>
  toBase64(await hmac("SHA-1", authToken, url + signedForm(pairs)));

/** Whether Twilio, which knows `authToken`, sent this request to `publicUrl`. False without a token or a signature. */
export const verifySignature = async (authToken: string, publicUrl: string, request: RawRequest): Promise<boolean> => {
  const given = request.headers.get("x-twilio-signature") ?? "";
  if (authToken === "" || publicUrl === "" || given === "") return false;
  const url = signedUrl(publicUrl, request.url);
  const body = await signedBody(url, request);
  if (body === undefined) return false;
  let valid = false;
  for (const spelling of spellings(url))
    if (sameText(given, toBase64(await hmac("SHA-1", authToken, spelling + body)))) valid = true;
  return valid;
};
