// The last moment before something leaves: names of secrets become their values, and what comes back is told without them. Only requests and users'
// code may have them; a message, a note or a contact's attribute would keep the value where others read it.
import { isJsonObject, type Json, type JsonObject } from "../../lib/json.ts";
import type { ActionPorts, StepRef } from "../action-ports.ts";
import { fillSecrets } from "./fill-secrets.ts";
import { REDACTED, textHider } from "./hide-values.ts";
import { secretIdsIn } from "./secret-name.ts";

/** Actions that get the values. PERSISTED CONTRACT: the names are journals'. */
const OPENS = new Set(["http.request", "code.run"]);
/** Handed on as it is: the other run opens it at its own requests. */
const PASSES = new Set(["workflow.start"]);

/** Of JSON, whatever type it has been given; the shape stays. */
type Hide = <T>(value: T) => T;

export type Opened =
  | { kind: "ready"; input: JsonObject; hide: Hide }
  | { kind: "refused"; code: string; message: string };

/** What a filter has left of a value, in characters: less would be found in everything. */
const SHORTEST = 4;

const asItIs: Hide = (value) => value;

/** In what comes back a value may stand as a text, as a number, or as a name: a form's fields that were answered are names. */
const hider = (values: readonly string[]): Hide => {
  const hidden = textHider(values);
  const hide = (value: Json): Json => {
    if (typeof value === "string") return hidden.text(value);
    if (typeof value === "number") return hidden.isValue(String(value)) ? REDACTED : value;
    if (Array.isArray(value)) return value.map(hide);
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [hidden.text(name), hide(inner)]));
  };
  return <T>(value: T) => hide(value as Json) as T;
};

/** Asks nobody for an input without secrets. What looks like a secret's name, and is none that this run may open, is a text like any other. */
export const openSecrets = async (
  secrets: ActionPorts["secrets"],
  step: Pick<StepRef, "organizationId" | "key" | "workflowId" | "lent">,
  action: string,
  input: JsonObject,
): Promise<Opened> => {
  const ids = PASSES.has(action) ? [] : secretIdsIn(input);
  if (ids.length === 0) return { kind: "ready", input, hide: asItIs };
  if (!OPENS.has(action)) {
    if ((await secrets.ownOf(step, ids)).length === 0) return filledWith(input, new Map());
    const message = "A secret variable may be used in HTTP requests and in code only";
    return { kind: "refused", code: "SECRET_NOT_ALLOWED", message };
  }
  const values = new Map<string, string>();
  for (const [id, value] of await secrets.open(step, ids)) {
    if (value === null)
      return { kind: "refused", code: "SECRET_GONE", message: "A secret variable that this step uses was deleted" };
    values.set(id, value);
  }
  return filledWith(input, values);
};

const filledWith = (input: JsonObject, values: ReadonlyMap<string, string>): Opened => {
  try {
    const { value, made } = fillSecrets(input, values);
    const told = [...values.values(), ...(values.size > 0 ? made : [])].filter(({ length }) => length >= SHORTEST);
    return { kind: "ready", input: value, hide: told.length > 0 ? hider(told) : asItIs };
  } catch (error) {
    const message = hider([...values.values()])((error as Error).message);
    return { kind: "refused", code: "TEMPLATE_ERROR", message };
  }
};
