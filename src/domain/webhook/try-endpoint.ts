// What a call would do: judged by the endpoint's present settings and those who subscribe now. Starts nothing, counts nothing, keeps nothing.
import { findWebhooksWithWorkflow, type WebhookRow } from "../../db/queries/webhooks.ts";
import { newId } from "../../lib/ids.ts";
import { isJsonObject, type Json, type JsonObject } from "../../lib/json.ts";
import type { Context } from "../context.ts";
import type { StreamEvent } from "../event.ts";
import type { Transform } from "./endpoint.ts";
import { openEndpoint } from "./endpoint.ts";
import { passes } from "./filter.ts";
import { originAllowed } from "./origin-allowed.ts";
import { tellingHeaders } from "./telling-headers.ts";
import { subscribersOf, wouldStart } from "./would-start.ts";

export type TryLine = { level: "info" | "warning" | "error"; step: string; message: string; at: number };

export type TriedEndpoint = {
  /** It would be accepted, and something would start. */
  success: boolean;
  /** The event's data. */
  data: JsonObject;
  workflowIds: string[];
  logs: TryLine[];
};

type Trial = { payload: JsonObject; headers: { [name: string]: string } };

/** What is in the way of every call, by the row alone; nothing is said of signatures, which a trial has none of. */
const obstacles = (
  row: WebhookRow,
  isActive: boolean,
  headers: Trial["headers"],
): [step: string, message: string][] => {
  const { origin } = headers;
  const found: [string, string][] = [];
  if (!row.enabled) found.push(["enabled", "The endpoint is disabled: calls are refused with 403"]);
  if (!isActive) found.push(["workflow", "Its workflow is not active: calls are refused with 403"]);
  if (!originAllowed(row.allowedOrigins, origin))
    found.push(["origin", `${origin} is not among the allowed origins: such a call is refused with 403`]);
  return found;
};

export const tryEndpoint = async (context: Context, id: string, trial: Trial): Promise<TriedEndpoint> => {
  const row = await openEndpoint(context, id, "execute");
  const { db, now, transform } = context.ports;
  const at = now();
  const logs: TryLine[] = [];
  const log = (step: string, message: string, level: TryLine["level"] = "info") =>
    logs.push({ level, step, message, at: now() });
  const headers = Object.fromEntries(Object.entries(trial.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const end = (data: JsonObject, workflowIds: string[]): TriedEndpoint => ({
    success: workflowIds.length > 0 && !logs.some(({ level }) => level === "error"),
    data,
    workflowIds,
    logs,
  });

  const [settings] = await findWebhooksWithWorkflow(db, row.organizationId, row.workflowId, id);
  for (const [step, message] of obstacles(row, settings?.workflowActive ?? false, headers)) log(step, message, "error");

  const judged = passes(row.filters, trial.payload, at);
  if (!judged.passes) {
    log("filter", `${judged.reason}: the call is answered with 200 and starts nothing`, "warning");
    return end(trial.payload, []);
  }
  log("filter", row.filters === null ? "There are no filters" : "The filters let it pass");

  const made = dataOf(trial.payload, row.transform as Transform | null, transform.run, at);
  if (!made.ok) {
    log("transform", `${made.message}: the call is refused with 422`, "error");
    return end({}, []);
  }
  log("transform", row.transform === null ? "There is no transform" : "The transform made the event's data");

  const event: StreamEvent = {
    id: newId(at),
    organizationId: row.organizationId,
    type: "WEBHOOK_RECEIVED",
    source: `webhook:${id}`,
    data: made.data,
    headers: tellingHeaders(headers),
    occurredAt: at,
    depth: 0,
    ...(row.workflowId !== "" && { target: { workflowId: row.workflowId, nodeIds: settings?.nodeIds ?? [] } }),
  };
  const { started, missed } = await wouldStart(event, await subscribersOf(db, row.organizationId), at);
  const isStopped = logs.some(({ level }) => level === "error");
  const workflowIds = isStopped ? [] : started.map(({ workflowId }) => workflowId);
  for (const workflowId of workflowIds) log("match", `Workflow ${workflowId} would start`);
  for (const { workflowId, reason } of missed) log("match", `Workflow ${workflowId} would not start: ${reason}`);
  if (started.length === 0) log("match", "No active workflow would start", "warning");
  return end(made.data, workflowIds);
};

const dataOf = (
  payload: JsonObject,
  transform: Transform | null,
  run: Context["ports"]["transform"]["run"],
  now: number,
): { ok: true; data: JsonObject } | { ok: false; message: string } => {
  if (transform === null) return { ok: true, data: payload };
  const outcome = run(transform.expression, payload, now);
  if (!outcome.ok) return { ok: false, message: outcome.fault.message };
  const value: Json = outcome.value;
  return { ok: true, data: isJsonObject(value) ? value : { body: value } };
};
