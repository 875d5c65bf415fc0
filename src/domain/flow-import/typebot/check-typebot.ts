// What keeps a Typebot export from being read at all, by the path in it.
import { isJsonObject, type JsonObject, own } from "../../../lib/json.ts";
import type { FieldProblem } from "../../errors.ts";
import { MAX_PARTS, MAX_WAYS } from "../limits.ts";
import { objectsAt, textAt } from "../reading.ts";
import { layersOf } from "./typebot.ts";

const START = "start";

export const checkTypebot = (source: JsonObject): FieldProblem | undefined => {
  const [outer, inner] = layersOf(source);
  let [count, ways] = [0, 0];
  let starts = objectsAt(source, "events").some(({ item }) => textAt(item, "type") === START);
  for (const [index, group] of (own(source, outer) as unknown[]).entries()) {
    const blocks = own(group, inner);
    if (!isJsonObject(group) || !Array.isArray(blocks))
      return { field: `${outer}.${index}`, message: `must be a group with ${inner}` };
    for (const [row, block] of blocks.entries()) {
      if (!isJsonObject(block) || textAt(block, "type") === "")
        return { field: `${outer}.${index}.${inner}.${row}`, message: "must be a block with a type" };
      ways += objectsAt(block, "items").length;
      starts ||= textAt(block, "type") === START;
    }
    count += blocks.length;
  }
  if (count > MAX_PARTS) return { field: outer, message: `has ${count} blocks, more than ${MAX_PARTS}` };
  if (ways > MAX_WAYS) return { field: outer, message: `has ${ways} items, more than ${MAX_WAYS}` };
  return starts ? undefined : { field: "events", message: "has no start, so nothing starts the flow" };
};
