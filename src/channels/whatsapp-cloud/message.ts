// A message as the Cloud API's `messages` endpoint takes it (Meta's "Messages" reference, 2026-11).
import type { JsonObject } from "../../lib/json.ts";
import type { OutboundMessage } from "../channel.ts";
import { sectionsOf } from "../interactive.ts";

/** WhatsApp takes a medium by its kind, and a URL tells it by its ending only. */
const KINDS: readonly (readonly [kind: string, endings: RegExp])[] = [
  ["image", /\.(jpe?g|png|webp)$/i],
  ["video", /\.(mp4|3gpp?)$/i],
  ["audio", /\.(mp3|m4a|aac|amr|ogg|opus)$/i],
];

const mediumOf = (url: string, caption: string | undefined): JsonObject => {
  const path = URL.canParse(url) ? new URL(url).pathname : url;
  const type = KINDS.find(([, endings]) => endings.test(path))?.[0] ?? "document";
  const filename = decodeURIComponent(path.slice(path.lastIndexOf("/") + 1));
  return {
    type,
    [type]: {
      link: url,
      ...(caption && type !== "audio" && { caption }),
      ...(type === "document" && filename && { filename }),
    },
  };
};

/** Variables named 1, 2, 3 are by position, others by name, as the template was made. */
const parametersOf = (variables: Readonly<Record<string, string>>): JsonObject[] => {
  const names = Object.keys(variables);
  const byPosition = names.every((name) => /^\d+$/.test(name));
  const ordered = byPosition ? names.sort((a, b) => Number(a) - Number(b)) : names;
  return ordered.map((name) => ({
    type: "text",
    ...(byPosition ? {} : { parameter_name: name }),
    text: variables[name]!,
  }));
};

const templateOf = ({ contentSid, language, variables }: NonNullable<OutboundMessage["template"]>): JsonObject => {
  const parameters = parametersOf(variables);
  return {
    type: "template",
    template: {
      name: contentSid,
      language: { code: language ?? "en_US" },
      ...(parameters.length > 0 && { components: [{ type: "body", parameters }] }),
    },
  };
};

const interactiveOf = (text: string, interactive: NonNullable<OutboundMessage["interactive"]>): JsonObject => {
  const common = {
    ...(interactive.header && { header: { type: "text", text: interactive.header } }),
    body: { text },
    ...(interactive.footer && { footer: { text: interactive.footer } }),
  };
  if (interactive.kind === "buttons") {
    const buttons = interactive.buttons.map(({ id, title }) => ({ type: "reply", reply: { id, title } }));
    return { type: "interactive", interactive: { type: "button", ...common, action: { buttons } } };
  }
  const sections = sectionsOf(interactive.rows).map(({ title, rows }) => ({
    ...(title && { title }),
    rows: rows.map(({ id, title, description }) => ({ id, title, ...(description && { description }) })),
  }));
  return {
    type: "interactive",
    interactive: { type: "list", ...common, action: { button: interactive.button, sections } },
  };
};

const bodyOf = ({ text = "", mediaUrls = [], template, interactive }: OutboundMessage): JsonObject => {
  if (template) return templateOf(template);
  if (interactive) return interactiveOf(text, interactive);
  const [medium] = mediaUrls;
  return medium === undefined ? { type: "text", text: { body: text } } : mediumOf(medium, text);
};

/** What comes back with each status of the message: ours, so that it is known before our own write of Meta's id. PERSISTED CONTRACT. */
const callbackData = ({ id, statusCallback }: OutboundMessage): string =>
  statusCallback ? new URL(statusCallback).searchParams.toString() : `message=${id}`;

/**
 * A number goes by `to`, without its plus; a business-scoped user id (`US.13491208655302741918`) by `recipient`. Source: Meta's "Business-scoped user
 * IDs", 2026-05.
 */
const recipientOf = (to: string): JsonObject =>
  /^\+?\d+$/.test(to) ? { to: to.replace(/^\+/, "") } : { recipient: to };

export const cloudMessage = (message: OutboundMessage): JsonObject => ({
  messaging_product: "whatsapp",
  recipient_type: "individual",
  ...recipientOf(message.to),
  ...bodyOf(message),
  biz_opaque_callback_data: callbackData(message),
});
