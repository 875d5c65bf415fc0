// Changes that rest on what was read: somebody else's change in between makes them look again, so that none undoes the other.
import { isArchivedMeanwhile, refuseChanged } from "../../db/queries/workflows.ts";
import type { Context } from "../context.ts";
import { DomainError } from "../errors.ts";
import type { WorkflowSummary } from "./workflow.ts";

/** Somebody else changed the workflow between the look and the write. */
class ChangedMeanwhile extends DomainError {
  constructor(subject: string) {
    super("conflict", `The ${subject} is being changed by others at the same time; try again`, { subject });
  }
}

/** Thrown inside `changing` it makes it look again. */
export const changedMeanwhile = (subject: string): DomainError => new ChangedMeanwhile(subject);

/** What makes a batch fail when the workflow is no longer as it was read. `subject` is what its author calls it. */
export const unlessChanged = (context: Context, workflow: WorkflowSummary, subject = "workflow") => ({
  statement: refuseChanged(context.ports.db, workflow),
  refusal: () => changedMeanwhile(subject),
});

export type Unless = ReturnType<typeof unlessChanged>;

/** The batch with `unless` before it. */
export const batchUnless = async (
  context: Context,
  unless: Unless,
  statements: D1PreparedStatement[],
): Promise<void> => {
  await context.ports.db.batch([unless.statement, ...statements]).catch((error: unknown) => {
    throw isArchivedMeanwhile(error) ? unless.refusal() : error;
  });
};

/** Later than anything that was, so that two changes in the same millisecond are told apart. */
export const changeTime = (context: Context, workflow: WorkflowSummary): number =>
  Math.max(context.ports.now(), workflow.updatedAt + 1);

const ATTEMPTS = 5;

/** From the look on once more, when somebody else was faster: whoever stops a workflow is not undone by who edits it at that moment. */
export const changing = async <T>(attempt: () => Promise<T>): Promise<T> => {
  for (let n = 1; ; n++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ChangedMeanwhile) || n === ATTEMPTS) throw error;
    }
  }
};
