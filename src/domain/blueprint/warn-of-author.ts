// What whoever makes a workflow from another organisation's blueprint is told of it: whereto it sends what, where its author has said so and not
// they, and which of their secrets it reads. It is somebody else's program, and a draft until they have looked at it. Pure.
import { isJsonObject, type Json, type JsonObject, own } from "../../lib/json.ts";
import type { DataNode } from "../workflow/enhanced/workflow-data.ts";
import type { BlueprintContent } from "./blueprint.ts";
import { textsIn } from "./fill.ts";
import { isOnlyReferences } from "./owned-fields.ts";

/** `given`: all that its user has said. `secrets`: names of the organisation's own secret variables. */
type Made = { content: BlueprintContent; given: Json; secrets: readonly string[] };

/** Paths into what happened and into whom it is about: neither is the author's to say. */
const OF_THE_EVENT = /\{\{-?\s*(?:event|contact|user)[.[][\w.[\]-]*\s*-?\}\}/g;
const TEMPLATE = /\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g;

const isOfTheEvent = (text: string): boolean => text.replace(OF_THE_EVENT, "").trim() === "";

const hostOf = (url: string): string | undefined => {
  const [origin] = /^https?:\/\/[^/?#]*/i.exec(url) ?? [];
  return origin !== undefined && !origin.includes("{") && URL.canParse(origin) ? new URL(origin).host : undefined;
};

/** In the words of its node; undefined where its user, the event or the contact says whereto. */
const leads = (node: DataNode, config: JsonObject, isGiven: (text: string) => boolean): string | undefined => {
  const name = `'${node.data?.label ?? node.id}'`;
  const [url, to] = [own(config, "url"), own(config, "to")];
  if (node.type === "action_webhook" && typeof url === "string") {
    const host = hostOf(url);
    if (isGiven(host ?? url) || isOfTheEvent(url)) return undefined;
    return `${name} sends requests ${host === undefined ? "whereto only its executions know" : `to ${host}`}, as the template's author has it.`;
  }
  if (!node.type.startsWith("action_") || typeof to !== "string" || isGiven(to) || isOfTheEvent(to)) return undefined;
  const whom = isOnlyReferences(to) ? "to whom only its executions know" : `to ${to}`;
  return `${name} writes ${whom}, as the template's author has it.`;
};

/** Whatever a template or code may call something by. */
const wordsIn = (nodes: readonly DataNode[]): ReadonlySet<string> => {
  const words = new Set<string>();
  for (const { data } of nodes)
    for (const { path, text } of textsIn((data?.config ?? {}) as Json)) {
      const read = path.at(-1) === "code" ? text : (text.match(TEMPLATE) ?? []).join(" ");
      for (const [word] of read.matchAll(/[A-Za-z_]\w*/g)) words.add(word);
    }
  return words;
};

export const warningsOfAuthor = ({ content: { workflowData }, given, secrets }: Made): string[] => {
  const said = [...textsIn(given)].map(({ text }) => text);
  const isGiven = (text: string): boolean => said.some((one) => one === text || hostOf(one) === text);
  const words = wordsIn(workflowData.nodes);
  return [
    ...workflowData.nodes.flatMap((node) => {
      const config = node.data?.config;
      const led = isJsonObject(config) ? leads(node, config, isGiven) : undefined;
      return led === undefined ? [] : [led];
    }),
    ...secrets
      .filter((name) => words.has(name))
      .map((name) => `It reads '${name}', a secret variable of your organization.`),
  ];
};
