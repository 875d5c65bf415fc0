// Fields of configs whose values are an organisation's own by what they mean: where requests go and with what, whom messages go to, and ids. Pure.
import { isJsonObject, type JsonObject } from "../../lib/json.ts";
import { isPlainHeader } from "../../lib/plain-header.ts";
import { withoutPlaces } from "./fill.ts";
import { isSecretName } from "./suspicious.ts";
import type { VariableType } from "./variables.ts";

/** A template that is one path, without a text in it. */
const REFERENCE = /\{\{-?\s*[A-Za-z_][\w.[\]-]*\s*-?\}\}/g;

/** The text only says where its parts are found; `prefix` may stand before them. */
export const isOnlyReferences = (text: string, prefix?: RegExp): boolean => {
  const rest = withoutPlaces(text).replace(REFERENCE, "");
  return (prefix ? rest.replace(prefix, "") : rest).trim() === "";
};

export type Rule = {
  what: string;
  /** Absent: of the value itself. */
  type?: VariableType;
  /** May stand before references. */
  prefix?: RegExp;
  /** It may open something: nobody is shown it. */
  isSecret?: boolean;
};

const PLAIN_VALUE = /^[\w ./;=,*+()"-]{0,120}$/;
const SCHEME = /^\s*(?:bearer|basic|token|apikey)\s/i;
/** What may stand in a URL between its parts, once a place says where it leads. */
const PATH = /^(?:\/{1,2}[a-z][a-z0-9_-]{0,24})*\/{0,2}$/;
const CHANNELS = new Set(["inapp", "sms", "whatsapp", "email", "twilio", "whatsapp_cloud"]);

const MESSAGES = new Set(["action_chat_message", "action_send_media"]);
/** Of conditions: a field that leads to one person or thing. */
const ONE_OF_THEM =
  /(?:^|[._])(?:id|phone|phone_e164|email|external_id|username|from|to|sender|recipient|address)(?:\s*\}\})?$/;

type Field = { key: string; parent: JsonObject; at: readonly string[]; type: string | undefined };

/** By a header's name or its beginning; what is in it is looked at besides. */
const mayOpen = (key: string, value: unknown): boolean =>
  isSecretName(key) || /auth|cookie|session|sign/i.test(key) || typeof value !== "string" || SCHEME.test(value);

/** The rule for a field of a node's config (or of an object inside it); undefined where only its text is looked at. */
export const ruleOf = ({ key, parent, at, type = "" }: Field): Rule | undefined => {
  const value = parent[key];
  const isTop = at.at(-2) === "config" || at.length === 2;
  if (at.includes("headers") && at.at(-2) === "headers") {
    const isPlain = isPlainHeader(key) && typeof value === "string" && PLAIN_VALUE.test(value);
    return isPlain
      ? undefined
      : { what: `The header ${key}`, type: "string", prefix: SCHEME, isSecret: mayOpen(key, value) };
  }
  if (isTop && key === "url") return { what: "The URL", type: "url", prefix: PATH };
  if (isTop && key === "to") return { what: "The recipient", type: type === "action_email" ? "email" : "string" };
  if (isTop && key === "channel" && typeof value === "string" && CHANNELS.has(value)) return undefined;
  if (isTop && key === "channel") return { what: "The channel", type: "string" };
  if (isTop && key === "template_id" && (MESSAGES.has(type) || type.endsWith("template") || type === "action_email"))
    return { what: "The message template", type: "string" };
  if (isTop && key === "workflow_id") return { what: "The workflow", type: "string" };
  if (key === "value" && isCondition(parent) && ONE_OF_THEM.test(String(parent.field)) && !NO_VALUE.has(String(value)))
    return { what: "What a condition compares with" };
  return undefined;
};

/** Words that are nobody's. */
const NO_VALUE = new Set(["", "true", "false", "null", "now"]);

const isCondition = (value: JsonObject): boolean =>
  isJsonObject(value) && typeof value.field === "string" && "operator" in value;
