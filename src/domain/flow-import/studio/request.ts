// Studio's make-http-request and run-function: a step that sends the request. A function is called at its address, as Studio does.
import type { JsonObject } from "../../../lib/json.ts";
import { type Place, portTo } from "../document.ts";
import { objectsAt, textAt } from "../reading.ts";
import type { Part } from "../report.ts";
import type { Piece } from "../words.ts";
import type { StudioMaking } from "./making.ts";
import { type Widget, wayOf, widgetPlace } from "./widget.ts";

const TYPES = new Set(["make-http-request", "run-function"]);
const METHODS = new Set(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]);
const FORM = "application/x-www-form-urlencoded;charset=utf-8";

const startsAsAddress = (address: string): boolean => /^https?:\/\/[^\s<>]+$/i.test(address) && URL.canParse(address);

/** Whether the widget becomes a request: its address is in the export. */
const isRequest = ({ type, properties }: Widget): boolean => {
  const address = textAt(properties, "url").trim();
  return TYPES.has(type) && (startsAsAddress(address.replace(/\{\{.*?\}\}/g, "x")) || /^\{\{.*?\}\}/.test(address));
};

const NO_ADDRESS: Record<string, string> = {
  "run-function": "the address of the function is not in the export: put it in as an HTTP request",
  "make-http-request": "there is no web address to send the request to",
};

/** `key=value&…` of the parameters, each value put where a form or an address wants it. */
const formOf = ({ words, read }: StudioMaking, widget: Widget, part: Part): string =>
  objectsAt(widget.properties, "parameters")
    .map(({ item, index }) => {
      const field = `properties.parameters.${index}`;
      const pieces = read(textAt(item, "value"), part, field).map(
        (piece): Piece => ("text" in piece ? { text: encodeURIComponent(piece.text) } : piece),
      );
      return `${encodeURIComponent(textAt(item, "key"))}=${words.template(pieces, part, field, ["url_encode"])}`;
    })
    .join("&");

export const putRequest = (studio: StudioMaking, widget: Widget, part: Part): void => {
  const { draft, words, read } = studio;
  const { properties, type } = widget;
  const place = widgetPlace(widget.name);
  const next = wayOf(widget, "success");
  const failed = wayOf(widget, "failed", "fail");
  if (!isRequest(widget)) {
    draft.pass(place, next);
    part.note(
      "unsupported",
      `${NO_ADDRESS[type]}${next ? "; the conversation goes on behind it" : ""}`,
      "properties.url",
    );
    return;
  }
  const written = textAt(properties, "method").toUpperCase();
  const method = type === "run-function" || !METHODS.has(written) ? "POST" : written;
  const bare = method === "GET" || method === "HEAD";
  const form = formOf(studio, widget, part);
  const address = words.template(
    read(textAt(properties, "url").trim(), part, "properties.url"),
    part,
    "properties.url",
  );
  const url = bare && form ? `${address}${address.includes("?") ? "&" : "?"}${form}` : address;
  const body = textAt(properties, "body");
  const config: JsonObject = { url, method };
  if (!bare && (body !== "" || form !== "")) {
    const isForm = form !== "" && body === "";
    config.headers = {
      "content-type": isForm ? FORM : textAt(properties, "content_type") || "application/json;charset=utf-8",
    };
    config.body = isForm ? form : words.template(read(body, part, "properties.body"), part, "properties.body");
  }
  if (type === "run-function")
    part.note("approximated", "the function is called without Twilio's signature: a protected one refuses it");
  if (properties.add_twilio_auth === true)
    part.note("approximated", "Twilio's own credentials do not go with the request", "properties.add_twilio_auth");
  const nodeResult = [portTo("output", next), ...(failed ? [portTo("error", failed)] : [])];
  draft.put(place, { type: "action_webhook", flowNodeType: "Action", config, nodeResult }, widget.position, part);
};

/** The id of the step that the widget's request becomes; undefined when it becomes none. */
export const requestId = ({ draft }: Pick<StudioMaking, "draft">, widget: Widget): string | undefined =>
  isRequest(widget) ? draft.idOf(widgetPlace(widget.name) as Place, "action_webhook") : undefined;
