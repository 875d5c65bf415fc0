// Triggers, actions, conditions and event types: listed, read, made, changed and deleted. Workflows that have one follow its change.
import { isUniqueViolation } from "../../db/d1.ts";
import {
  deleteJoinsOfPart,
  refuseLostConditions,
  type Using,
  workflowsUsing,
  wouldLoseConditions,
} from "../../db/queries/marketing-joins.ts";
import {
  deletePart as deleteStatement,
  findPart,
  insertPart,
  isPartChangedMeanwhile,
  type PartFilter,
  listParts as queryParts,
  refuseNeeded,
  refusePartChanged,
  updatePart as updateStatement,
} from "../../db/queries/marketing-parts.ts";
import { markStale } from "../../db/queries/stale-workflows.ts";
import { newId } from "../../lib/ids.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { DomainError, invalid, notFound } from "../errors.ts";
import { authorizeRole } from "../permission.ts";
import { changedMeanwhile, changing } from "../workflow/changing.ts";
import { builtInEventTypes } from "./built-in-event-types.ts";
import { checkPart, type Warning } from "./check-part.ts";
import { type Bodies, type Part, type PartInput, type PartKind, partOf, rowOf } from "./part.ts";
import { followChange, type LeftBehind, refreshAll } from "./refresh-workflow.ts";

export type { PartFilter };

/** As people read them. */
const WORDS: Record<PartKind, string> = {
  trigger: "trigger",
  action: "action",
  condition: "condition",
  event_type: "event type",
};

/** Newest first. */
export const listParts = async <K extends PartKind>(
  context: Context,
  kind: K,
  filter: PartFilter,
  page: { limit: number; offset: number },
): Promise<{ rows: Part<K>[]; total: number }> => {
  authorizeRole(context.principal, "viewer", "read");
  const { rows, total } = await queryParts(context.ports.db, context.principal.organizationId, kind, filter, page);
  return { rows: rows.map(partOf<K>), total };
};

const open = async <K extends PartKind>({ principal, ports }: Context, kind: K, id: string): Promise<Part<K>> => {
  const { organizationId } = principal;
  const builtIn = kind === "event_type" ? builtInEventTypes(organizationId).find((one) => one.id === id) : undefined;
  if (builtIn) return builtIn as Part<K>;
  const found = await findPart(ports.db, { organizationId, kind, id });
  if (!found) throw notFound(WORDS[kind]);
  return partOf<K>(found);
};

export const readPart = <K extends PartKind>(context: Context, kind: K, id: string): Promise<Part<K>> => {
  authorizeRole(context.principal, "viewer", "read");
  return open(context, kind, id);
};

const openForWriting = async <K extends PartKind>(context: Context, kind: K, id: string): Promise<Part<K>> => {
  authorizeRole(context.principal, "editor", "write");
  const part = await open(context, kind, id);
  if (part.createdAt > 0) return part;
  throw new DomainError("conflict", `${part.type} is built in and cannot be changed`, { subject: WORDS[kind] });
};

/** Of two event types with one code the first stays. */
const unlessTaken = (kind: PartKind) => (error: unknown) => {
  throw kind === "event_type" && isUniqueViolation(error)
    ? invalid("code", "Event type with this code already exists.")
    : error;
};

export type Written<K extends PartKind> = { part: Part<K>; warnings: Warning[] };

export const createPart = async <K extends PartKind>(
  context: Context,
  kind: K,
  input: PartInput<K>,
): Promise<Written<K>> => {
  const { statements, ...written } = await newPart(context, kind, input);
  await context.ports.db.batch(statements).catch(unlessTaken(kind));
  return written;
};

/** The part as it will be once `statements` are through. */
export const newPart = async <K extends PartKind>(
  context: Context,
  kind: K,
  input: PartInput<K>,
): Promise<Written<K> & { statements: D1PreparedStatement[] }> => {
  authorizeRole(context.principal, "editor", "write");
  const { principal, ports } = context;
  const warnings = await checkPart(context, kind, input);
  const at = ports.now();
  const part: Part<K> = {
    ...input,
    kind,
    organizationId: principal.organizationId,
    id: newId(at),
    createdBy: principal.userId,
    createdAt: at,
    updatedAt: at,
  };
  const details = { name: part.name };
  const statements = [
    insertPart(ports.db, rowOf(part as Part)),
    auditStatement(context, { action: `${kind}.created`, targetType: kind, targetId: part.id, details }),
  ];
  return { part, warnings, statements };
};

/** What is not said stays. */
export type PartChange<K extends PartKind> = Partial<Omit<PartInput<K>, "body">> & { body?: Partial<Bodies[K]> };

/** The change is made all the same: each dead letter of theirs says it as well. */
const notFollowing = ({ name, why }: LeftBehind): Warning => ({
  field: "workflows",
  message: `'${name}' goes on as it was: ${why}`,
});

/**
 * Workflows that have it take the change at once: active ones as a new version. One that could not run with it goes on as it was, and a warning
 * says so.
 */
export const updatePart = async <K extends PartKind>(
  context: Context,
  kind: K,
  id: string,
  change: PartChange<K>,
): Promise<Written<K>> => {
  const written = await changing(() => changePart(context, kind, id, change));
  const leftBehind = kind === "event_type" ? [] : await followChange(context, kind, id);
  return { ...written, warnings: [...written.warnings, ...leftBehind.map(notFollowing)] };
};

/** Inside `changing`: two changes at once lose nothing of each other's. */
const changePart = async <K extends PartKind>(
  context: Context,
  kind: K,
  id: string,
  { body, ...change }: PartChange<K>,
): Promise<Written<K>> => {
  const part = await openForWriting(context, kind, id);
  const { db, now } = context.ports;
  const at = Math.max(now(), part.updatedAt + 1);
  const next: Part<K> = { ...part, ...change, body: { ...part.body, ...body }, updatedAt: at };
  if (kind === "event_type" && next.type !== part.type)
    throw invalid("code", "The code of an event type cannot be changed.");
  const warnings = await checkPart(context, kind, next);
  const { name, description, type, isActive, updatedAt, body: rest } = rowOf(next as Part);
  const mark = { token: newId(at), changedBy: context.principal.userId, at };
  const batch = db.batch([
    refusePartChanged(db, rowOf(part as Part)),
    ...(kind === "event_type" ? [] : [markStale(db, kind, part, mark)]),
    updateStatement(db, rowOf(part as Part), { name, description, type, isActive, updatedAt, body: rest }),
    auditStatement(context, {
      action: `${kind}.updated`,
      targetType: kind,
      targetId: id,
      details: { fields: [...Object.keys(change), ...Object.keys(body ?? {})] },
    }),
    ...(kind === "trigger" ? [refuseLostConditions(db, part)] : []),
  ]);
  await batch.catch((error: unknown) => {
    if (wouldLoseConditions(error)) throw invalid("schedule", WITH_CONDITIONS);
    throw isPartChangedMeanwhile(error) ? changedMeanwhile(WORDS[kind]) : error;
  });
  return { part: next, warnings };
};

/** A trigger or an action leaves its workflows. A condition or an event type that is still needed stays: nothing may run for want of it. */
export const deletePart = async (context: Context, kind: PartKind, id: string): Promise<void> => {
  await refreshAll(context, await changing(() => removePart(context, kind, id)));
};

/** Answers the workflows that had it. */
const removePart = async (context: Context, kind: PartKind, id: string): Promise<Using[]> => {
  const part = await openForWriting(context, kind, id);
  const { db } = context.ports;
  const { organizationId, name } = part;
  const using = kind === "event_type" ? [] : await workflowsUsing(db, organizationId, kind, id);
  const needs = kind === "condition" ? using[0] : await triggerOn(context, part);
  if (needs) {
    const message = `'${needs.name}' still needs this ${WORDS[kind]}`;
    throw new DomainError("conflict", message, { subject: WORDS[kind], details: { id: needs.id } });
  }
  const at = context.ports.now();
  const mark = { token: newId(at), changedBy: context.principal.userId, at };
  const batch = db.batch([
    ...(kind === "condition" ? [refuseNeeded(db, rowOf(part))] : []),
    deleteStatement(db, rowOf(part)),
    ...(kind === "trigger" || kind === "action"
      ? [markStale(db, kind, part, mark), deleteJoinsOfPart(db, { organizationId, id }, kind)]
      : []),
    auditStatement(context, { action: `${kind}.deleted`, targetType: kind, targetId: id, details: { name } }),
  ]);
  await batch.catch((error: unknown) => {
    throw isPartChangedMeanwhile(error) ? changedMeanwhile(WORDS[kind]) : error;
  });
  return using;
};

const WITH_CONDITIONS =
  "A workflow has specific_conditions for this trigger, and a trigger with times of its own has none.";

const triggerOn = async ({ ports }: Context, { kind, organizationId, type }: Part) => {
  if (kind !== "event_type") return undefined;
  const { rows } = await queryParts(ports.db, organizationId, "trigger", { type }, { limit: 1, offset: 0 });
  return rows[0];
};
