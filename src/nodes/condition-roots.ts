// Which words the fields of a node's conditions may begin with. It depends on the loops around, so a schema cannot know it.
import type { CheckScope } from "../engine/contract.ts";
import { checkCondition } from "../engine/expression/condition.ts";
import type { JsonObject } from "../lib/json.ts";
import { CONDITION_ROOTS } from "./config.ts";

/**
 * `check` of a node with conditions in `field`: the common words, and the names that the definition's loops give. `templates`: "values" where
 * fields are read later, of what is not there yet when templates are rendered.
 */
export const checkRoots =
  (field: string, templates: true | "values" = true) =>
  (_config: JsonObject, { written, locals }: CheckScope): { path: string; message: string; code: string }[] => {
    if (written[field] === undefined) return [];
    const checked = checkCondition(written[field], { roots: [...CONDITION_ROOTS, ...locals], templates });
    if (checked.ok) return [];
    return checked.error.map(({ path, message, code }) => ({
      path: path === "" ? field : `${field}.${path}`,
      message,
      code,
    }));
  };
