// Looking up a message whose send ended in doubt. Twilio keeps no key of ours, so it is known by person, sender, time and content. The list
// is asked without a date filter, because a queued message has no DateSent yet; times are compared here.

import { isJsonObject, type Json, type JsonObject } from "../../lib/json.ts";
import type { Net, OutboundMessage, ReconcileHint, ReconcileOutcome } from "../channel.ts";
import { readResource } from "./answer.ts";
import { apiUrl, callTwilio, messagesUrl, twilioAddress } from "./request.ts";
import type { TwilioSettings } from "./settings.ts";

const PAGE_SIZE = 100;
const MAX_PAGES = 5;
/** Twilio's times have whole seconds, and its clock is not ours. */
const CLOCK_SLACK_MS = 5_000;

const createdAt = (resource: JsonObject): number => Date.parse(String(resource.date_created ?? ""));

/** Whether the body at Twilio is our text: a trial account puts a sentence before it, and Twilio trims. */
const isOurText = (message: OutboundMessage, resource: JsonObject): boolean => {
  // Twilio renders a template itself, and content that was made for buttons; what it made of it is not known here.
  if (message.template || message.interactive) return true;
  const media = Number(resource.num_media ?? 0);
  return (
    String(resource.body ?? "")
      .trimEnd()
      .endsWith((message.text ?? "").trim()) && media === (message.mediaUrls?.length ?? 0)
  );
};

const isCandidate = (message: OutboundMessage, hint: ReconcileHint, resource: Json): resource is JsonObject =>
  isJsonObject(resource) &&
  String(resource.direction ?? "outbound-api").startsWith("outbound") &&
  !hint.claimed.has(String(resource.sid)) &&
  !(createdAt(resource) < hint.since - CLOCK_SLACK_MS) &&
  isOurText(message, resource);

const unknown = (reason: string): ReconcileOutcome => ({ outcome: "unknown", reason });

/** Every message to the person since the attempt, or the reason why they cannot be listed. */
const listSince = async (settings: TwilioSettings, message: OutboundMessage, since: number, net: Net) => {
  const query = new URLSearchParams({ To: twilioAddress(settings, message.to), PageSize: String(PAGE_SIZE) });
  const from = message.from ?? (settings.messagingServiceSid ? undefined : settings.from);
  if (from) query.set("From", twilioAddress(settings, from));
  const found: Json[] = [];
  let url = `${messagesUrl(settings)}?${query}`;
  for (let page = 0; page < MAX_PAGES; page++) {
    const { status, text } = await callTwilio(settings, url, net);
    if (status !== 200) return `the list answered HTTP ${status}`;
    const list: unknown = JSON.parse(text ?? "");
    if (!isJsonObject(list) || !Array.isArray(list.messages)) return "the list is not a list";
    found.push(...list.messages);
    const next = typeof list.next_page_uri === "string" ? list.next_page_uri : "";
    // Newest first: a page that ends before the attempt is the last one that matters.
    const last = list.messages.at(-1);
    if (next === "" || (isJsonObject(last) && createdAt(last) < since - CLOCK_SLACK_MS)) return found;
    url = apiUrl(settings, next);
  }
  return `more than ${MAX_PAGES * PAGE_SIZE} messages to this person since`;
};

/** Never throws. Two candidates that cannot be told apart are `unknown`: claiming the wrong one would hide a second send. */
export const reconcile = async (
  settings: TwilioSettings,
  message: OutboundMessage,
  hint: ReconcileHint,
  net: Net,
): Promise<ReconcileOutcome> => {
  try {
    const list = await listSince(settings, message, hint.since, net);
    if (typeof list === "string") return unknown(list);
    const candidates = list.filter((resource) => isCandidate(message, hint, resource));
    if (candidates.length === 0) return { outcome: "absent" };
    if (candidates.length > 1) return unknown(`${candidates.length} messages at the provider fit`);
    const resource = readResource(candidates[0]);
    return resource ? { outcome: "found", ...resource } : unknown("the message at the provider has no id");
  } catch (error) {
    return unknown(error instanceof Error ? error.message : String(error));
  }
};
