// Which words the fields of a node's conditions may begin with. It depends on the loops around, so a schema cannot know it.
import { checkCondition } from "../engine/expression/condition.ts";
import type { JsonObject } from "../lib/json.ts";
import { CONDITION_ROOTS } from "./config.ts";

/** `check` of a node with conditions in `field`. */
export const checkRoots =
  (field: string) =>
  (config: JsonObject): { path: string; message: string }[] => {
    if (config[field] === undefined) return [];
    const checked = checkCondition(config[field], { roots: CONDITION_ROOTS, templates: true });
    if (checked.ok) return [];
    return checked.error.map(({ path, message }) => ({ path: path === "" ? field : `${field}.${path}`, message }));
  };
