// The node type of a trigger type: where a run begins, with what the event brought.
import type { NodeType } from "../engine/contract.ts";
import { isJsonObject, type JsonObject } from "../lib/json.ts";
import type { TriggerType } from "../triggers/trigger.ts";

/** Output: the event's data, or what the trigger type makes of it. */
export const triggerNode = ({ type, title, description, schema, check, output, startedBy }: TriggerType): NodeType => ({
  type,
  kind: "trigger",
  title,
  description,
  schema,
  ports: () => ({ inputs: [], outputs: ["output"] }),
  byHand: startedBy === "hand",
  ...(check && { check }),
  enter: ({ config, lookup }) => {
    const data = lookup(["event", "data"]);
    const brought: JsonObject = isJsonObject(data) ? data : {};
    return { kind: "next", port: "output", output: output ? output(config, brought) : brought };
  },
});
