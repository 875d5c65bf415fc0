// Trying a dead letter again. An event goes back into its organisation's inbox, as the same event: what it has started already is not started
// twice. A run's report is written again.
import { markReplayed } from "../../db/queries/dead-letters.ts";
import { isJsonObject, type Json, own } from "../../lib/json.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { DomainError } from "../errors.ts";
import type { StreamEvent } from "../event.ts";
import { projectExecutions, type Report } from "../execution/project.ts";
import { type DeadLetter, readDeadLetter } from "./list.ts";

/** Throws `not_found`, `impossible` for a letter that holds nothing to be tried, `unavailable`. */
export const replayDeadLetter = async (context: Context, id: string): Promise<DeadLetter> => {
  const letter = await readDeadLetter(context, id);
  const { principal, ports } = context;
  const { organizationId } = principal;
  await (letter.queue === "events" ? replayEvent(context, letter) : replayReport(context, letter));
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
  await ports.inbox.accept(event);
};

const replayReport = async ({ principal, ports }: Context, { body }: DeadLetter): Promise<void> => {
  const report = body as unknown as Report;
  if (own(body, "organizationId") !== principal.organizationId || !Array.isArray(report.steps))
    throw impossible("it holds no report");
  try {
    await projectExecutions(ports.db, [report], ports.now());
  } catch (error) {
    throw impossible(error instanceof Error ? error.message : String(error));
  }
};

const isEvent = (value: Json | undefined): value is Json & StreamEvent =>
  isJsonObject(value) && typeof value.id === "string" && typeof value.type === "string" && isJsonObject(value.data);
