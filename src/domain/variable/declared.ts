// What a workflow's declared variables are to its versions and to whoever starts it. Pure.
import type { Json, JsonObject } from "../../lib/json.ts";
import { secretNameOf } from "./secret-name.ts";
import type { VariableRow } from "./variable.ts";

/** What runs start with, and the names of what is shown to nobody. */
export const declaredVariables = (rows: readonly VariableRow[]): { values: JsonObject; secrets: string[] } => ({
  values: Object.fromEntries(
    rows.flatMap(({ name, secretId, defaultValue }): [string, Json][] => {
      if (secretId !== undefined) return [[name, secretNameOf(secretId)]];
      return defaultValue === undefined ? [] : [[name, defaultValue]];
    }),
  ),
  secrets: rows.filter(({ secretId }) => secretId !== undefined).map(({ name }) => name),
});

/** What is asked of who starts it by hand; null: nothing. */
export const inputsOf = (rows: readonly VariableRow[]): Json => {
  const inputs = rows.filter(({ scope }) => scope === "execution");
  return inputs.length === 0 ? null : inputs;
};
