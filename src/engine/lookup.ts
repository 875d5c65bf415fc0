// How a path in a template or a condition finds its value in a run. The order, documented for users in docs/templates.md:
// locals of the loops around (innermost first); the roots below; then a bare name is a variable, then a field of the event's data.
// `variables.x` is the variable, then the loops' local of that name.
import type { Json, JsonObject } from "../lib/json.ts";
import { isForbiddenKey, isJsonObject, own, pathOf } from "../lib/json.ts";
import type { RunEvent } from "./contract.ts";
import type { Draft } from "./draft.ts";
import type { Lookup } from "./expression/template.ts";
import { ITEMS_AS_VARIABLES } from "./flags.ts";

const nodeView = (draft: Draft, id: string): JsonObject | undefined => {
  const record = draft.nodes.get(id);
  const visit = record && draft.visits.get(record.last);
  if (!visit) return undefined;
  return {
    output: visit.output,
    status: visit.status,
    error: visit.error,
    visits: record.count,
  };
};

const allNodes = (draft: Draft): JsonObject => {
  const view: JsonObject = {};
  for (const id of [...draft.nodes.keys()].sort()) if (!isForbiddenKey(id)) view[id] = nodeView(draft, id) ?? null;
  return view;
};

/** Of the loops around a branch, innermost first. */
function* localsAround(draft: Draft, frameId: number): Generator<JsonObject> {
  let frame = draft.frames.get(frameId);
  for (; frame && frame.parent !== null; frame = draft.frames.get(frame.parent)) yield frame.locals;
}

const localOf = (draft: Draft, frameId: number, name: string): Json | undefined => {
  for (const locals of localsAround(draft, frameId)) if (Object.hasOwn(locals, name)) return locals[name];
  return undefined;
};

const hasItems = ({ run }: Draft): boolean => (run.flags & ITEMS_AS_VARIABLES) !== 0;

const variableOf = (draft: Draft, frameId: number, name: string): Json | undefined => {
  const variable = draft.variables.get(name);
  return variable === undefined && hasItems(draft) ? localOf(draft, frameId, name) : variable;
};

const allVariables = (draft: Draft, frameId: number): JsonObject => {
  const names = new Set(draft.variables.keys());
  if (hasItems(draft))
    for (const locals of localsAround(draft, frameId)) for (const name of Object.keys(locals)) names.add(name);
  const view: JsonObject = {};
  for (const name of [...names].sort())
    if (!isForbiddenKey(name)) view[name] = variableOf(draft, frameId, name) ?? null;
  return view;
};

/** The contact with its attributes at top level, as marketing's `user.*` reads it; its own fields win, `id` is the external id. */
const userView = (contact: JsonObject): JsonObject => {
  const attributes = own(contact, "attributes");
  return {
    ...(isJsonObject(attributes) ? attributes : {}),
    ...contact,
    id: own(contact, "external_id") ?? own(contact, "id") ?? null,
  };
};

const eventView = (event: RunEvent): JsonObject => {
  const at = new Date(event.occurredAt).toISOString();
  return {
    id: event.id,
    type: event.type,
    source: event.source,
    data: event.data,
    headers: event.headers ?? {},
    conversation_id: event.conversationId ?? null,
    occurred_at: at,
    timestamp: at,
  };
};

/** Names under which the filters of a wait read the event that has come, before anything of the run. */
export const eventLocals = (event: RunEvent): JsonObject => ({
  event: eventView(event),
  ...(event.contact ? { contact: event.contact, user: userView(event.contact) } : {}),
});

const rest = (value: Json | undefined, path: readonly string[], from: number): Json | undefined =>
  path.length === from ? value : pathOf(value, path.slice(from));

/** `frameId`: where the asking branch is; `locals`: names that win over everything. */
export const lookupIn = (draft: Draft, frameId: number, locals?: JsonObject): Lookup => {
  return (path) => {
    const root = path[0];
    if (root === undefined || path.some(isForbiddenKey)) return undefined;
    if (locals && Object.hasOwn(locals, root)) return pathOf(locals, path);
    for (const around of localsAround(draft, frameId)) if (Object.hasOwn(around, root)) return pathOf(around, path);
    const { run } = draft;
    switch (root) {
      case "variables":
        return path.length === 1 ? allVariables(draft, frameId) : rest(variableOf(draft, frameId, path[1]!), path, 2);
      case "nodes":
        return path.length === 1 ? allNodes(draft) : rest(nodeView(draft, path[1]!), path, 2);
      case "event":
        return rest(eventView(run.event), path, 1);
      case "contact":
        return run.contact ? rest(run.contact, path, 1) : undefined;
      case "user":
        return run.contact ? rest(userView(run.contact), path, 1) : undefined;
      case "metadata":
        return rest(run.metadata, path, 1);
      case "execution":
        return rest({ id: run.executionId, started_at: new Date(run.startedAt).toISOString() }, path, 1);
      case "workflow":
        return rest({ id: run.workflowId }, path, 1);
    }
    const variable = draft.variables.get(root);
    if (variable !== undefined) return rest(variable, path, 1);
    const field = own(run.event.data, root);
    if (field !== undefined) return rest(field, path, 1);
    return root === "username" && run.username !== null && path.length === 1 ? run.username : undefined;
  };
};
