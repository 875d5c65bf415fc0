// The node type of a trigger type: where a run begins, with what the event brought.
import type { NodeType } from "../engine/contract.ts";
import { isJsonObject, type Json, type JsonObject } from "../lib/json.ts";
import type { TriggerType } from "../triggers/trigger.ts";
import { hasTemplate } from "./config.ts";

/** Places of texts with templates. When a trigger listens no run exists that could render them. */
const templatesIn = (value: Json, path: string): string[] => {
  if (typeof value !== "object" || value === null) return hasTemplate(value) ? [path] : [];
  return Object.entries(value).flatMap(([key, item]) => templatesIn(item, path === "" ? key : `${path}.${key}`));
};

/** Output: the event's data, or what the trigger type makes of it. */
export const triggerNode = ({ type, title, description, schema, check, output }: TriggerType): NodeType => ({
  type,
  kind: "trigger",
  title,
  description,
  schema,
  raw: Object.keys(schema.shape),
  ports: () => ({ inputs: [], outputs: ["output"] }),
  check: (config, { written }) => [
    ...templatesIn(written, "").map((path) => ({ path, message: "A trigger cannot hold a template." })),
    ...(check?.(config) ?? []),
  ],
  enter: ({ config, lookup }) => {
    const data = lookup(["event", "data"]);
    const brought: JsonObject = isJsonObject(data) ? data : {};
    return { kind: "next", port: "output", output: output ? output(config, brought) : brought };
  },
});
