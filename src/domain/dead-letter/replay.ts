// Trying a dead letter again. An event goes back into its organisation's inbox, as the same event: what it has started already is not started
// twice, because the runs are remembered; once they may be forgotten it is refused. A run's report is written again, unless the lists have
// forgotten the run: it would be counted twice. A workflow that could not follow its parts looks at them again.
import { markReplayed } from "../../db/queries/dead-letters.ts";
import { findExecution } from "../../db/queries/executions.ts";
import { DAY_MS } from "../../lib/durations.ts";
import { timeOfId } from "../../lib/ids.ts";
import { isJsonObject, type Json, own } from "../../lib/json.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { DomainError } from "../errors.ts";
import type { StreamEvent } from "../event.ts";
import { projectExecutions, type Report } from "../execution/project.ts";
import { failureOf } from "../failure-of.ts";
import { REFRESHES, refreshWorkflow } from "../marketing/refresh-workflow.ts";
import { MEMORY_DAYS } from "../retention/days.ts";
import { type DeadLetter, readDeadLetter } from "./list.ts";

/**
 * A run begins after its event and is remembered for MEMORY_DAYS after its end, so until then none of them can begin again. A day less, for
 * what the event spends on its way.
 */
const REPLAYABLE_DAYS = MEMORY_DAYS - 1;

/** Throws `not_found`, `impossible` for a letter that holds nothing to be tried, `unavailable`. */
export const replayDeadLetter = async (context: Context, id: string): Promise<DeadLetter> => {
  const letter = await readDeadLetter(context, id);
  const { principal, ports } = context;
  const { organizationId } = principal;
  await (WAYS[letter.queue] ?? replayReport)(context, letter);
  const at = ports.now();
  await ports.db.batch([
    markReplayed(ports.db, organizationId, id, at),
    auditStatement(context, { action: "dead_letter.replayed", targetType: "dead_letter", targetId: id }),
  ]);
  return { ...letter, replayedAt: at };
};

const impossible = (why: string) => new DomainError("impossible", `This dead letter cannot be replayed: ${why}`);

const replayEvent = async ({ principal, ports }: Context, { body }: DeadLetter): Promise<void> => {
  const event = own(body, "event");
  if (!isEvent(event) || event.organizationId !== principal.organizationId) throw impossible("it holds no event");
  const at = Math.min(event.occurredAt, timeOfId(event.id) ?? event.occurredAt);
  if (ports.now() - at > REPLAYABLE_DAYS * DAY_MS) {
    throw impossible(
      `its event is of ${dayOf(at)}. Runs are remembered for ${MEMORY_DAYS} days after their end, and what it has started then could start again`,
    );
  }
  await ports.inbox.accept(event);
};

const replayReport = async ({ principal, ports }: Context, { body }: DeadLetter): Promise<void> => {
  const report = body as unknown as Report;
  if (own(body, "organizationId") !== principal.organizationId || !Array.isArray(report.steps))
    throw impossible("it holds no report");
  await checkListed(ports, report);
  try {
    await projectExecutions(ports.db, [report], ports.now());
  } catch (error) {
    if (failureOf(error)) throw error;
    throw impossible(error instanceof Error ? error.message : String(error));
  }
};

/** Retention takes no row before its id is so old: one that is missing until then was never written. */
const checkListed = async (
  { db, now }: Context["ports"],
  { organizationId, executionId, startedAt }: Report,
): Promise<void> => {
  if (await findExecution(db, organizationId, executionId)) return;
  if (now() - (timeOfId(executionId) ?? startedAt) < MEMORY_DAYS * DAY_MS) return;
  throw impossible("its run is no longer listed");
};

const replayRefresh = async (context: Context, { subjectId }: DeadLetter): Promise<void> => {
  const why = await refreshWorkflow(context, subjectId ?? "");
  if (why !== null) throw impossible(why);
};

const WAYS: { [queue: string]: (context: Context, letter: DeadLetter) => Promise<void> } = {
  events: replayEvent,
  [REFRESHES]: replayRefresh,
};

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

const isEvent = (value: Json | undefined): value is Json & StreamEvent =>
  isJsonObject(value) &&
  typeof value.id === "string" &&
  typeof value.type === "string" &&
  typeof value.occurredAt === "number" &&
  isJsonObject(value.data);
