// A run in test mode: a run like any other, kept and readable, that is marked, writes to nobody and calls nobody, and does not wait. The stream hears
// nothing of it, and no statistics count it.

import { findContact } from "../../db/queries/contacts.ts";
import { findExecution } from "../../db/queries/executions.ts";
import { DAY_MS } from "../../lib/durations.ts";
import { derivedId, newId } from "../../lib/ids.ts";
import { contactView } from "../contact/view.ts";
import type { Context } from "../context.ts";
import { DomainError, notFound } from "../errors.ts";
import { globalsAtOf } from "../variable/globals.ts";
import { checkInputs } from "../variable/judge-value.ts";
import { openWorkflowHead } from "../workflow/access.ts";
import { type ExecuteRequest, pinnedVersion, type StartedExecution } from "./execute-workflow.ts";
import { checkRunSize } from "./run-size.ts";
import { startRecorded } from "./start-recorded.ts";

/** Throws what `executeWorkflow` throws, but that a paused workflow may be tested. */
export const executeAsTest = async (
  context: Context,
  workflowId: string,
  { variables, metadata, data = variables, contactId, priority, startAt, idempotencyKey }: ExecuteRequest,
): Promise<StartedExecution> => {
  const workflow = await openWorkflowHead(context, workflowId, "execute");
  checkInputs(workflow.inputs, variables);
  checkRunSize({ variables: { ...variables, ...data }, metadata });
  if (workflow.status === "archived")
    throw new DomainError("execution_refused", "The workflow is archived", { subject: "workflow" });
  const { db, executions, now } = context.ports;
  const { organizationId } = workflow;
  const at = now();
  const executionId = await idOf(context, workflowId, idempotencyKey, at);
  const known = idempotencyKey === undefined ? undefined : await findExecution(db, organizationId, executionId);
  const view = known && (await executions.read(organizationId, executionId));
  if (view) return { executionId, workflowId, startedAt: view.startedAt, status: view.status };
  const contact = contactId === undefined ? undefined : await findContact(db, organizationId, contactId);
  if (contactId !== undefined && !contact) throw notFound("contact");
  const version = await pinnedVersion(context, workflow, at);
  const request = {
    executionId,
    organizationId,
    workflowId,
    variables,
    metadata,
    versionId: version.id,
    startNodes: [],
    event: {
      id: executionId,
      type: "MANUAL_TRIGGER",
      source: "test",
      data,
      occurredAt: at,
      ...(contact && { contact: contactView(contact) }),
    },
    username: context.principal.username,
    dryRun: true,
    leaps: true as const,
    ...globalsAtOf(workflow),
    eventDepth: 0,
    ...(priority === undefined ? {} : { priority }),
    ...(startAt === undefined ? {} : { startAt }),
  };
  const audit = { action: "workflow.tested", targetType: "workflow", targetId: workflowId, details: { executionId } };
  return startRecorded(context, request, audit, version.statements);
};

/** With a key, the same for the whole day. */
const idOf = async (
  { principal }: Context,
  workflowId: string,
  key: string | undefined,
  at: number,
): Promise<string> =>
  key === undefined
    ? newId(at)
    : derivedId(Math.floor(at / DAY_MS) * DAY_MS, "test run", principal.organizationId, workflowId, key);
