// Which of the flow's variables a path of Studio's context is. The names that every contact has are the flow's, not ours (CONTRACT, Flow).
import type { Words } from "../words.ts";

/** Replies of a widget are what its question saves, whatever of them is read. */
const REPLY_FIELDS = new Set(["Body", "body", "MediaUrl0", "media"]);

/** Gives the reply of the widget `name` its variable. */
export const nameReply = (words: Words, widget: string): { key: string; name: string } => {
  const key = `reply ${widget}`;
  return { key, name: words.name(key, widget) };
};

/** The key of what `{{ path }}` reads, named so that a person recognises it. */
export const studioKey =
  (words: Words) =>
  (path: string[]): string => {
    const [root = "", second = "", third = "", ...rest] = path;
    const dotted = path.join(".");
    const named = (key: string, label: string): string => {
      words.name(key, label);
      return key;
    };
    /** What only another widget of Studio could give. */
    const lost = (key: string, label: string): string => {
      if (!words.isAssigned(key)) words.assign(key, "unknowable");
      return named(key, label);
    };
    if (["contact.channel.address", "trigger.message.From", "trigger.call.From"].includes(dotted))
      return "contact.phone";
    if (dotted === "contact.friendly_name" || dotted === "trigger.message.ProfileName") return "contact.name";
    if (root === "trigger" && second === "message" && third === "Body") return named("first message", "message");
    if (root === "flow" && second === "variables" && third) return named(`variable ${third}`, third);
    if (root === "flow" && second === "data" && third) return named(`data ${third}`, third);
    if (root === "trigger" && third === "parameters" && rest[0]) return named(`data ${rest[0]}`, rest[0]);
    if (root === "widgets" && third === "inbound" && REPLY_FIELDS.has(rest[0] ?? ""))
      return nameReply(words, second).key;
    if (root === "widgets")
      return lost(`result ${dotted}`, [second, ...(third === "parsed" ? rest : [third, ...rest])].join("_"));
    return lost(`context ${dotted}`, path.join("_"));
  };
