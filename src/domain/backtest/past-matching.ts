// Which events of the past a version of a workflow would have started for: by the evaluator that the stream asks. Pure but for hashing ids.
import type { Candidate, Target } from "../../db/queries/subscriptions.ts";
import type { Program } from "../../engine/program.ts";
import type { JsonObject } from "../../lib/json.ts";
import { type ClaimedRuns, claimRun } from "../contact/claim-run.ts";
import { type Outcome, planEvent } from "../event/plan.ts";
import type { Listeners } from "../event/read-listeners.ts";
import type { StreamEvent } from "../event.ts";
import type { StartRequest } from "../ports.ts";
import { triggersOf } from "../workflow/listening.ts";

export type Version = { id: string; program: Program };

/** What it subscribes to, as its rows would say. */
export const candidatesOf = (
  { id, program }: Version,
  { organizationId, workflowId }: { organizationId: string; workflowId: string },
): Candidate[] =>
  triggersOf(program).subscriptions.map((subscription) => ({
    ...subscription,
    organizationId,
    workflowId,
    versionId: id,
  }));

/** Types of events that may start it; those of the last three only when they are the workflow's own. */
export const typesOf = ({ program }: Version): string[] => {
  const own = [...program.nodes.values()].flatMap(({ type }) => OWN_TYPES[type.type] ?? []);
  return [
    ...new Set([...triggersOf(program).subscriptions.map(({ eventType }) => eventType), ...own, "MANUAL_TRIGGER"]),
  ];
};

const OWN_TYPES: { [nodeType: string]: string[] } = {
  trigger_webhook: ["WEBHOOK_RECEIVED"],
  trigger_schedule: ["SCHEDULED"],
};

/** Of an event that was for the workflow itself (its webhook, its schedule, by hand): the nodes that were named. */
export const namedNodes = (outcome: JsonObject | null, workflowId: string): string[] | undefined => {
  const { started = [], missed = [] } = (outcome ?? {}) as Partial<Outcome>;
  const start = started.find((one) => one.workflowId === workflowId);
  if (start) return start.nodeIds;
  const nodeIds = missed.flatMap((one) =>
    one.workflowId === workflowId && one.nodeId !== undefined ? [one.nodeId] : [],
  );
  return nodeIds.length > 0 ? nodeIds : undefined;
};

/** The execution of the workflow that the event started. */
export const startedBy = (outcome: JsonObject | null, workflowId: string): string | undefined =>
  (outcome as Partial<Outcome> | null)?.started?.find((one) => one.workflowId === workflowId)?.executionId;

/**
 * Of the nodes that an event of the past was for, those whose own it was, their webhook's or schedule's; nodes that are gone count as such.
 * Undefined: it started the workflow as it starts all that subscribe.
 */
export const targetNodes = (
  { type }: StreamEvent,
  nodeIds: readonly string[],
  programs: readonly Program[],
): string[] | undefined => {
  if (type !== "WEBHOOK_RECEIVED" && type !== "SCHEDULED") return undefined;
  const typesOfNode = (id: string) => programs.flatMap((program) => program.nodes.get(id)?.type.type ?? []);
  const own = nodeIds.filter((id) => {
    const types = typesOfNode(id);
    return types.length === 0 || types.some((one) => Object.hasOwn(OWN_TYPES, one));
  });
  return own.length > 0 || nodeIds.length === 0 ? own : undefined;
};

/** Runs that each contact has had of the version in this trial. */
export type Claims = Map<string, ClaimedRuns>;

type Given = Pick<Listeners, "contacts" | "templates"> & {
  workflowId: string;
  /** Those of the version, and those of other workflows, which may win a keyword. */
  candidates: Candidate[];
  claims: Claims;
};

/** What starts, or why nothing does. */
export const matchPast = async (
  event: StreamEvent,
  version: Version,
  { workflowId, candidates, contacts, templates, claims }: Given,
): Promise<{ start: StartRequest | null; missed: string | null }> => {
  const nothing = new Set<string>();
  const listeners: Listeners = {
    candidates,
    contacts,
    templates,
    waiting: [],
    contactRuns: [],
    known: nothing,
    processed: nothing,
    toldTo: new Map(),
    targets: event.target ? [targetOf(event.organizationId, workflowId, version)] : [],
  };
  const plan = await planEvent(event, listeners, event.occurredAt);
  const start = plan.starts.find((one) => one.workflowId === workflowId) ?? null;
  if (!start) {
    const miss = plan.outcome.missed.find((one) => one.workflowId === workflowId);
    const { stopped } = plan.outcome;
    const missed = miss?.reason ?? (stopped ? `Nobody was asked (${stopped})` : "It does not listen for this event");
    return { start: null, missed };
  }
  const capped = plan.capped.find(({ claim }) => claim.executionId === start.executionId);
  if (!capped) return { start, missed: null };
  const { claimed, kept } = claimRun(claims.get(capped.contactId), capped.claim, event.occurredAt);
  if (kept) claims.set(capped.contactId, kept);
  return claimed.allowed ? { start, missed: null } : { start: null, missed: claimed.reason };
};

const targetOf = (organizationId: string, workflowId: string, { id, program }: Version): Target => ({
  organizationId,
  workflowId,
  status: "active",
  versionId: id,
  triggers: Object.fromEntries(
    [...program.nodes.values()].filter(({ type }) => type.kind === "trigger").map((node) => [node.id, node.type.type]),
  ),
});
