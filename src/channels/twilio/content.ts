// Buttons and lists through Twilio's Content API: the content is made first, then sent by its id. A content that is the same is made once an
// isolate. Making one sends nothing, so a failure is no doubt: the caller sends a numbered list instead. Source: Twilio's "Content API", 2026-11.
import { toBase64 } from "../../lib/base64.ts";
import { startDeadline } from "../../lib/deadline.ts";
import { sha256Hex } from "../../lib/hmac.ts";
import { isJsonObject, type JsonObject } from "../../lib/json.ts";
import { readCapped } from "../../lib/read-capped.ts";
import type { Interactive, Net } from "../channel.ts";
import { MAX_ANSWER_BYTES, TWILIO_CONTENT, type TwilioSettings } from "./settings.ts";

const TIMEOUT_MS = 10_000;
const REMEMBERED = 500;
/** Ids of contents by account and hash. */
const known = new Map<string, string>();

const bodyWith = (text: string, { header, footer }: Interactive): string =>
  [header, text, footer].filter(Boolean).join("\n\n");

/** Twilio's list has no sections; rows keep their order. */
const typeOf = (text: string, interactive: Interactive): JsonObject => {
  const body = bodyWith(text, interactive);
  if (interactive.kind === "buttons") {
    const actions = interactive.buttons.map(({ id, title }) => ({ type: "QUICK_REPLY", title, id }));
    return { "twilio/quick-reply": { body, actions } };
  }
  const items = interactive.rows.map(({ id, title, description }) => ({
    id,
    item: title,
    description: description ?? "",
  }));
  return { "twilio/list-picker": { body, button: interactive.button, items } };
};

const create = async (
  settings: TwilioSettings,
  name: string,
  types: JsonObject,
  net: Net,
): Promise<string | undefined> => {
  const deadline = startDeadline(TIMEOUT_MS, net.signal);
  const { fetch } = net;
  const answer = await deadline.race(
    fetch(`${(settings.contentBaseUrl || TWILIO_CONTENT).replace(/\/+$/, "")}/v1/Content`, {
      method: "POST",
      headers: {
        Authorization: `Basic ${toBase64(`${settings.accountSid}:${settings.authToken}`)}`,
        "Content-Type": "application/json",
      },
      body: JSON.stringify({ friendly_name: name, language: "en", types }),
      redirect: "manual",
      signal: deadline.signal,
    }),
  );
  const bytes = await deadline.race(readCapped(answer, MAX_ANSWER_BYTES));
  const body: unknown = bytes && JSON.parse(new TextDecoder().decode(bytes));
  return answer.ok && isJsonObject(body) && typeof body.sid === "string" ? body.sid : undefined;
};

/** The content's id; undefined when it could not be made. Never throws. */
export const contentOf = async (
  settings: TwilioSettings,
  text: string,
  interactive: Interactive,
  net: Net,
): Promise<string | undefined> => {
  const types = typeOf(text, interactive);
  const hash = await sha256Hex(JSON.stringify(types));
  const key = `${settings.accountSid}/${hash}`;
  const before = known.get(key);
  if (before) return before;
  const sid = await create(settings, `signalbox_${hash.slice(0, 32)}`, types, net).catch(() => undefined);
  if (sid) {
    if (known.size >= REMEMBERED) known.clear();
    known.set(key, sid);
  }
  return sid;
};
