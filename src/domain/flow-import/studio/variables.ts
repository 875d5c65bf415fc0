// Which of the flow's variables a path of Studio's context is. The names that every contact has are the flow's, not ours (CONTRACT, Flow).
import type { Place } from "../document.ts";
import type { Words } from "../words.ts";
import { type Widget, widgetPlace } from "./widget.ts";

/** Replies of a widget are what its question saves, whatever of them is read. */
const REPLY_FIELDS = new Set(["Body", "body", "MediaUrl0", "media"]);

/** What of a request's answer is read, and where a step keeps it. */
const RESULTS: Record<string, string> = {
  parsed: "body",
  body: "body",
  status_code: "status",
  content_type: "headers",
};

const PHONE = new Set([
  ...["contact.channel.address", "trigger.message.From", "trigger.call.From", "trigger.conversation.From"],
  "trigger.conversation.Author",
]);
const NAME = new Set(["contact.friendly_name", "trigger.message.ProfileName"]);

/** What a run knows by itself: what a person would call it, and where templates find it. */
const FOUND: Record<string, [label: string, path: string]> = {
  "trigger.message.Body": ["message", "event.data.content"],
  "trigger.conversation.Body": ["message", "event.data.content"],
  "trigger.message.MediaUrl0": ["media", "event.data.media[0].url"],
  "trigger.message": ["message", "event.data"],
  "trigger.message.ConversationSid": ["conversation", "event.conversation_id"],
  "trigger.message.ChannelSid": ["conversation", "event.conversation_id"],
  "trigger.conversation.ConversationSid": ["conversation", "event.conversation_id"],
  "flow.data": ["data", "contact.attributes"],
  "flow.sid": ["flow", "workflow.id"],
  "flow.flow_sid": ["flow", "workflow.id"],
  "flow.execution_sid": ["conversation", "execution.id"],
};

/** Gives the reply of the widget `name` its variable. */
export const nameReply = (words: Words, widget: string): { key: string; name: string } => {
  const key = `reply ${widget}`;
  return { key, name: words.name(key, widget) };
};

const segment = (name: string): string =>
  /^\d+$/.test(name) ? `[${name}]` : /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `["${name.replaceAll('"', "")}"]`;

/** The key of what `{{ path }}` reads, named so that a person recognises it. `requestOf` is the step's id that a widget's request became. */
export const studioKey =
  (words: Words, widgets: ReadonlyMap<Place, Widget>, requestOf: (widget: Widget) => string | undefined) =>
  (path: string[]): string => {
    const [root = "", second = "", third = "", ...rest] = path;
    const dotted = path.join(".");
    const named = (key: string, label: string): string => {
      words.name(key, label);
      return key;
    };
    const found = (key: string, label: string, at: string): string => {
      words.found(key, at);
      return named(key, label);
    };
    /** What only another widget of Studio could give. */
    const lost = (key: string, label: string): string => {
      if (!words.isAssigned(key)) words.assign(key, "unknowable");
      return named(key, label);
    };
    if (PHONE.has(dotted) || (root === "widgets" && dotted.endsWith(".inbound.From"))) return "contact.phone";
    if (NAME.has(dotted)) return "contact.name";
    if (Object.hasOwn(FOUND, dotted)) return found(dotted, FOUND[dotted]![0], FOUND[dotted]![1]);
    if (root === "flow" && second === "variables" && third) return named(`variable ${third}`, third);
    const sent = root === "flow" && second === "data" ? third : third === "parameters" ? rest[0] : undefined;
    if (sent) return ["name", "phone"].includes(sent) ? `contact.${sent}` : named(`data ${sent}`, sent);
    if (root === "widgets" && third === "inbound" && REPLY_FIELDS.has(rest[0] ?? ""))
      return nameReply(words, second).key;
    if (root !== "widgets") return lost(`context ${dotted}`, path.join("_"));

    const widget = widgets.get(widgetPlace(second));
    if (widget?.type === "set-variables" && third) {
      const name = third === "variables" && rest[0] ? rest[0] : third;
      return named(`variable ${name}`, name);
    }
    // What no widget of the flow gives is empty in Studio as well.
    if (!widget)
      return found(`nothing ${dotted}`, path.slice(1).join("_"), `variables["${words.name("nothing", "nothing")}"]`);
    const label = [second, ...(third === "parsed" ? rest : [third, ...rest])].join("_");
    const request = widget && Object.hasOwn(RESULTS, third) ? requestOf(widget) : undefined;
    if (request === undefined) return lost(`result ${dotted}`, label);
    const inside = third === "content_type" ? ["content-type"] : rest;
    return found(
      `result ${dotted}`,
      label,
      `nodes["${request}"].output.${RESULTS[third]}${inside.map(segment).join("")}`,
    );
  };
