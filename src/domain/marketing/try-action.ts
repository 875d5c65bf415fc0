// What an action would do, with its templates rendered from what somebody makes up. Nothing leaves and nothing changes; code runs, in its sandbox.
import { compileValue, renderValue, templateField } from "../../engine/expression/value.ts";
import { type Json, type JsonObject, own, pathOf } from "../../lib/json.ts";
import { nodeTypes } from "../../nodes/index.ts";
import type { CodeLanguage } from "../action-ports.ts";
import type { Context } from "../context.ts";
import type { FieldProblem } from "../errors.ts";
import { type ActionType, actionTypeOf } from "./action-types.ts";
import { configurationProblems } from "./check-part.ts";
import type { Action } from "./part.ts";
import { readPart } from "./parts.ts";

export type TriedAction = {
  action: Action;
  /** The configuration as it would be, with what it is when it does not say. */
  rendered: JsonObject;
  /** Of a message or an e-mail: who would get it; null when the context does not tell. */
  recipient?: Json;
  /** Of code: what it answers and prints. */
  result?: Json;
  output?: string[];
  problems: FieldProblem[];
};

/** Templates that may be looked at at once do no more than in a run. */
const settled = ({ parameters }: ActionType, configuration: JsonObject): JsonObject =>
  Object.fromEntries(
    parameters.flatMap(({ name, default: fallback }) => {
      const value = own(configuration, name) ?? fallback;
      return value === undefined || value === null ? [] : [[name, value]];
    }),
  );

const firstOf = (given: JsonObject, ...paths: string[]): Json =>
  paths.map((path) => pathOf(given, path)).find((value) => value !== undefined && value !== null) ?? null;

export const tryAction = async (context: Context, id: string, given: JsonObject): Promise<TriedAction> => {
  const action = await readPart(context, "action", id);
  const type = actionTypeOf(action.type);
  if (!type) throw new Error(`There is no action type ${action.type}`);
  const configuration = settled(type, action.body.configuration);
  if (action.type === "custom_code") return runCode(context, action, configuration, given);
  const compiled = compileValue(configuration);
  if (!compiled.ok) throw new Error(`The templates of action ${id} do not compile`);
  const now = context.ports.now();
  const rendered = renderValue(compiled.value, (path) => pathOf(given, path), { now });
  if (!rendered.ok) {
    const { path, message } = rendered.error;
    return { action, rendered: configuration, problems: [{ field: `configuration.${path}`, message }] };
  }
  const shown = { ...(rendered.value as JsonObject) };
  for (const field of nodeTypes.get(type.node)?.html?.(shown) ?? []) {
    const template = templateField(compiled.value, field);
    const made = template && renderValue(template, (path) => pathOf(given, path), { now, isHtml: true });
    if (made?.ok) shown[field] = made.value;
  }
  return {
    action,
    rendered: shown,
    ...(action.type === "send_message" && { recipient: firstOf(given, "user.phone", "user.phone_e164", "user.id") }),
    ...(action.type === "send_email" && { recipient: shown.recipient ?? null }),
    problems: configurationProblems(type, shown, context),
  };
};

const runCode = async (
  context: Context,
  action: Action,
  rendered: JsonObject,
  given: JsonObject,
): Promise<TriedAction> => {
  const language = rendered.language as CodeLanguage;
  const snippet = { language, code: String(rendered.code), context: given };
  const ran = await context.ports.code.run(context.principal.organizationId, snippet);
  return ran.ok
    ? { action, rendered, result: ran.result, output: ran.logs, problems: [] }
    : { action, rendered, output: ran.logs, problems: [{ field: "configuration.code", message: ran.error.message }] };
};
