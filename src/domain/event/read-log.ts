// The event log for people: what happened, which workflows it started, and why others that listen for it were not started.
import {
  type EventFilter,
  type EventLogRow,
  findEvent,
  listEvents as queryEvents,
  readNames,
} from "../../db/queries/event-log.ts";
import type { Json } from "../../lib/json.ts";
import { findContactId } from "../contact/find-contact-id.ts";
import type { Context } from "../context.ts";
import { notFound } from "../errors.ts";
import { MAX_EVENT_DEPTH } from "../event.ts";
import { visibleTo } from "../execution/list-runs.ts";
import { authorizeRole } from "../permission.ts";
import { openWorkflowHead } from "../workflow/access.ts";
import type { Outcome } from "./plan.ts";

export type LoggedMiss = {
  workflowId: string;
  workflowName: string | null;
  nodeId: string | null;
  triggerId: string | null;
  triggerName: string | null;
  reason: string;
  /** The first comparison that did not hold. */
  failed: { path: string; field: string; operator: string; expected: Json; actual: Json } | null;
};

export type LoggedStart = { workflowId: string; workflowName: string | null; executionId: string; nodeIds: string[] };

export type EventLog = Omit<EventLogRow, "outcome" | "warnings"> & {
  isProcessed: boolean;
  started: LoggedStart[];
  missed: LoggedMiss[];
  /** Why not everybody who listens was asked, or started. */
  stopped: string | null;
  warnings: Json[];
};

export type EventsWanted = Pick<EventFilter, "type" | "conversationId" | "workflowId"> & {
  /** The caller's own id of the contact, or ours. */
  user?: string;
};

const STOPPED: Record<NonNullable<Outcome["stopped"]>, string> = {
  depth: `A chain of events that cause each other ends at depth ${MAX_EVENT_DEPTH}`,
  opt_out: "The message withdraws consent: it starts no keyword and no command",
  provider: "The provider has answered the message by itself: it starts no keyword and no command",
  reply: "The message answers a question: it starts no keyword and no command",
  budget: "Runs that runs have led to have a budget, and it is spent: not all that matched were started",
  refused: "The event could not be accepted",
};

/** PERSISTED CONTRACT (domain/marketing): the node of a trigger of a marketing workflow. */
const triggerOf = (nodeId: string | undefined): string | null =>
  nodeId !== undefined && /^t_[0-9a-f-]{36}$/.test(nodeId) ? nodeId.slice(2) : null;

const outcomeOf = ({ outcome }: EventLogRow): Outcome | null => outcome as Outcome | null;

const namedIn = async (context: Context, rows: readonly EventLogRow[]): Promise<EventLog[]> => {
  const outcomes = rows.map(outcomeOf);
  const mentioned = outcomes.flatMap((outcome) => [...(outcome?.started ?? []), ...(outcome?.missed ?? [])]);
  const missed = outcomes.flatMap((outcome) => outcome?.missed ?? []);
  const names = await readNames(context.ports.db, context.principal.organizationId, {
    ...visibleTo(context),
    workflows: [...new Set(mentioned.map(({ workflowId }) => workflowId))],
    triggers: [...new Set(missed.flatMap(({ nodeId }) => triggerOf(nodeId) ?? []))],
  });
  // What the caller may not see did nothing that they may know of.
  const isShown = ({ workflowId }: { workflowId: string }): boolean => !names.hidden.has(workflowId);
  return rows.map(({ outcome: _, warnings, ...row }, index) => {
    const outcome = outcomes[index];
    return {
      ...row,
      isProcessed: outcome != null,
      stopped: outcome?.stopped === undefined ? null : STOPPED[outcome.stopped],
      warnings: Array.isArray(warnings) ? warnings : [],
      started: (outcome?.started ?? []).filter(isShown).map((one) => ({
        ...one,
        workflowName: names.workflows.get(one.workflowId) ?? null,
      })),
      missed: (outcome?.missed ?? []).filter(isShown).map(({ workflowId, nodeId, reason, failed }) => {
        const triggerId = triggerOf(nodeId);
        return {
          workflowId,
          reason,
          triggerId,
          workflowName: names.workflows.get(workflowId) ?? null,
          nodeId: nodeId ?? null,
          triggerName: (triggerId === null ? undefined : names.triggers.get(triggerId)) ?? null,
          failed: failed ?? null,
        };
      }),
    };
  });
};

/** Newest first. */
export const listEventLogs = async (
  context: Context,
  { user, ...given }: EventsWanted,
  page: { limit: number; offset: number },
): Promise<{ rows: EventLog[]; total: number }> => {
  const { principal, ports } = context;
  authorizeRole(principal, "viewer", "read");
  if (given.workflowId !== undefined) await openWorkflowHead(context, given.workflowId, "view");
  const { organizationId } = principal;
  const contactId = user === undefined ? undefined : await findContactId(ports.db, organizationId, user);
  if (user !== undefined && contactId === undefined) return { rows: [], total: 0 };
  const filter = { ...given, ...(contactId === undefined ? {} : { contactId }) };
  const { rows, total } = await queryEvents(ports.db, organizationId, filter, page);
  return { rows: await namedIn(context, rows), total };
};

export const readEventLog = async (context: Context, id: string): Promise<EventLog> => {
  const { principal, ports } = context;
  authorizeRole(principal, "viewer", "read");
  const row = await findEvent(ports.db, principal.organizationId, id);
  if (!row) throw notFound("event log");
  return (await namedIn(context, [row]))[0]!;
};
