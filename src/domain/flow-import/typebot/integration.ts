// Typebot's integrations that a flow can hold: an HTTP request, and an e-mail.
import { isJsonObject, type JsonObject, own } from "../../../lib/json.ts";
import { type Answer, type Place, portTo } from "../document.ts";
import { putValues, type Value } from "../put-values.ts";
import { isTrueAt, objectAt, objectsAt, textAt } from "../reading.ts";
import type { Part } from "../report.ts";
import type { Piece } from "../words.ts";
import type { TypebotMaking } from "./making.ts";
import type { Block } from "./typebot.ts";

type Put = (making: TypebotMaking, block: Block, next: Place, part: Part) => void;

const METHODS = new Set(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]);
const MOST_RECIPIENTS = 5;
/** `data.list[0].name`, and the lists that Typebot's editor writes: `data.list.flatMap(item => item.name)`. */
const FOUND =
  /^(data|statusCode)((?:\.[A-Za-z_]\w*|\[\d{1,6}\])*)(?:\.flatMap\(\s*\(?item\)?\s*=>\s*item\.([A-Za-z_]\w*)\s*\))?$/;

/** Whatever a request or a mail comes to, Typebot goes on. */
const goesOn = (next: Place): Answer[] => [portTo("output", next), portTo("error", next)];

const passBy = ({ draft }: TypebotMaking, block: Block, next: Place, part: Part, why: string): void => {
  draft.pass(block.place, next);
  part.note("unsupported", why + (next ? "; the conversation goes on behind it" : ""));
};

const putRequest: Put = (making, block, next, part) => {
  const { draft, words, variables } = making;
  const request = objectAt(block.options, "webhook");
  const address = textAt(request, "url").trim();
  const isAddress = URL.canParse(address.replace(/\{\{[^{}]*\}\}/g, "x")) && /^https?:/i.test(address);
  if (!isAddress && !address.startsWith("{{")) {
    passBy(making, block, next, part, "the request is not in the export");
    return;
  }
  const template = (text: string, field: string, filters: string[] = []): string =>
    words.template(variables.read(text, part, field), part, field, filters);
  const listed = (name: string) =>
    objectsAt(request, name).flatMap(({ item, index }) => {
      const [key, value] = [textAt(item, "key"), textAt(item, "value")];
      return key === "" ? [] : [{ key, value, field: `options.webhook.${name}.${index}` }];
    });
  const query = listed("queryParams").map(({ key, value, field }) => {
    const pieces = variables
      .read(value, part, field)
      .map((piece): Piece => ("text" in piece ? { text: encodeURIComponent(piece.text) } : piece));
    return `${encodeURIComponent(key)}=${words.template(pieces, part, field, ["url_encode"])}`;
  });
  const url =
    template(address, "options.webhook.url") +
    (query.length ? (address.includes("?") ? "&" : "?") + query.join("&") : "");
  const written = textAt(request, "method").toUpperCase();
  const method = METHODS.has(written) ? written : "POST";
  const config: JsonObject = { url, method };
  const headers: JsonObject = {};
  for (const { key, value, field } of listed("headers")) headers[key.toLowerCase()] = template(value, field);
  const body = textAt(request, "body");
  if (method !== "GET" && method !== "HEAD" && body.trim() !== "") {
    config.body = template(body, "options.webhook.body");
    headers["content-type"] ??= "application/json";
  } else if (method !== "GET" && method !== "HEAD" && !isTrueAt(block.options, "isCustomBody"))
    part.note("approximated", "the answers so far do not go with the request: write its body");
  if (Object.keys(headers).length) config.headers = headers;

  const id = draft.idOf(block.place, "action_webhook");
  const values = objectsAt(block.options, "responseVariableMapping").flatMap(({ item, index }): Value[] => {
    const key = variables.key(textAt(item, "variableId"));
    const field = `options.responseVariableMapping.${index}`;
    const [, root, path = "", each] = FOUND.exec(textAt(item, "bodyPath").trim()) ?? [];
    if (key === "") return [];
    if (root === undefined) {
      part.note("unsupported", "this place in the answer cannot be read: the variable stays empty", field);
      return [];
    }
    const read = `nodes["${id}"].output.${root === "data" ? "body" : "status"}${path}`;
    const filters = each ? ` | map: "${each}"` : "";
    return [{ name: words.name(key, key), value: `{{ ${read}${filters} | default: "", allow_false: true }}` }];
  });
  const after = values.length ? draft.newPlace() : next;
  draft.put(
    block.place,
    { type: "action_webhook", flowNodeType: "Action", config, nodeResult: goesOn(after) },
    block.position,
    part,
  );
  if (values.length)
    putValues(draft, after, values, { x: block.position.x + 40, y: block.position.y + 40 }, part, next);
};

const putEmail: Put = (making, block, next, part) => {
  const { draft, words, variables } = making;
  const { options } = block;
  const listed = own(options, "recipients");
  const recipients = (Array.isArray(listed) ? listed : []).filter(
    (one): one is string => typeof one === "string" && one.trim() !== "",
  );
  if (!recipients.length || !isTrueAt(options, "isCustomBody")) {
    passBy(making, block, next, part, "an e-mail of all answers to the owner of the bot is not sent");
    return;
  }
  if (recipients.length > MOST_RECIPIENTS) part.note("approximated", `goes to the first ${MOST_RECIPIENTS} addresses`);
  part.note("approximated", "the e-mail goes from the address that is set up here");
  const template = (field: string, text = textAt(options, field)): string =>
    words.template(variables.read(text, part, `options.${field}`), part, `options.${field}`);
  let here = block.place;
  const sent = recipients.slice(0, MOST_RECIPIENTS);
  for (const [index, to] of sent.entries()) {
    const after = index === sent.length - 1 ? next : draft.newPlace();
    const isHtml = isTrueAt(options, "isBodyCode");
    const config: JsonObject = {
      to: template("recipients", to.trim()),
      subject: template("subject") || "(no subject)",
      body: template("body"),
      ...(isHtml && { is_html: true }),
    };
    draft.put(
      here,
      { type: "action_email", flowNodeType: "Action", config, nodeResult: goesOn(after) },
      block.position,
      part,
    );
    here = after;
  }
};

const INTEGRATIONS: Record<string, Put> = { Webhook: putRequest, "HTTP request": putRequest, Email: putEmail };

const isIntegration = (type: string): boolean => Object.hasOwn(INTEGRATIONS, type);

/** Ids of the variables that the block's answer fills. */
export const filledBy = (block: Block): string[] =>
  isIntegration(block.type) && isJsonObject(own(block.options, "webhook"))
    ? objectsAt(block.options, "responseVariableMapping")
        .filter(({ item }) => FOUND.test(textAt(item, "bodyPath").trim()))
        .map(({ item }) => textAt(item, "variableId"))
    : [];

/** Puts the block when it is an integration that a flow can hold; whether it was. */
export const putIntegration: (...args: Parameters<Put>) => boolean = (making, block, next, part) => {
  if (!isIntegration(block.type)) return false;
  INTEGRATIONS[block.type]!(making, block, next, part);
  return true;
};
