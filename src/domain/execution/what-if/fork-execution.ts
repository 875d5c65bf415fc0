// What-if for people: whose run it is and may be looked at, which version goes on, and the difference. Leaves one audit row and nothing else.
import { findVersion, findVersionByNumber } from "../../../db/queries/workflow-versions.ts";
import type { Program } from "../../../engine/program.ts";
import { auditStatement } from "../../audit/record.ts";
import type { Context } from "../../context.ts";
import { invalid, notFound } from "../../errors.ts";
import { authorizeRole } from "../../permission.ts";
import type { ExecutionView } from "../../ports.ts";
import { openWorkflow } from "../../workflow/access.ts";
import { type Definition, programOf } from "../../workflow/definition.ts";
import { readHistory } from "../read-history.ts";
import { journalGone } from "../read-journal.ts";
import { redactorOf } from "../redact.ts";
import { checkRunSize } from "../run-size.ts";
import { traceJournal } from "../trace.ts";
import { viewOf } from "../view.ts";
import { diffRuns, type RunDifferences } from "./diff-runs.ts";
import { doneInTrace } from "./done.ts";
import { type Forked, fork, type Overrides } from "./fork.ts";
import { checkGiven } from "./given-outputs.ts";

/** A number or an id of a version of the same workflow; `draft`: as it is edited now. */
export type ForkRequest = { fromSeq: number; version?: number | string; overrides: Overrides };

type Side = Pick<ExecutionView, "status" | "startedAt" | "endedAt" | "path" | "output" | "error" | "variables"> & {
  /** Null: the draft. */
  version: number | null;
};

export type ForkResult = Pick<Forked, "answers" | "unmapped" | "notes" | "stopped" | "steps" | "at"> & {
  executionId: string;
  fromSeq: number;
  /** Of the last input of the run. */
  seq: number;
  original: Side;
  fork: Side;
  differences: RunDifferences;
  /** Real time that it took, in ms. */
  durationMs: number;
};

type Target = { program: Program; number: number | null };

/**
 * Throws `not_found` for a run or a version that there is not (another workflow's is none), `invalid_input` for an input that there is not,
 * `conflict` for a journal that is gone, `execution_refused` for a version that cannot run.
 */
export const forkExecution = async (
  context: Context,
  id: string,
  { fromSeq, version, overrides }: ForkRequest,
): Promise<ForkResult> => {
  const run = await readHistory(context, id, "execute");
  // Its answer tells what the execution was about.
  authorizeRole(context.principal, "viewer", "read");
  if (!run.kept) throw journalGone();
  const { history, program, state } = run.kept;
  if (fromSeq > history.seq) throw invalid("fromSeq", `Must be at most ${history.seq}, the last input of its journal.`);
  checkRunSize({ variables: overrides.variables ?? {}, metadata: overrides.event?.data ?? {} });
  const own: Target = { program, number: run.version?.number ?? null };
  const target = version === undefined ? own : await targetOf(context, run.view.workflowId, version);
  checkGiven(target.program, overrides.outputs ?? {});
  const { ports } = context;
  const about = { action: "execution.forked", targetType: "execution", targetId: id };
  await ports.db.batch([auditStatement(context, about)]);
  const begun = ports.now();
  const trace = await traceJournal(program, history.journal, { now: ports.now });
  if (trace.cut !== null) throw invalid("fromSeq", `The journal cannot be folded: ${trace.cut}`);
  const origin = { program, journal: history.journal, trace };
  const forked = await fork(origin, { fromSeq, target: target.program, overrides }, ports);
  const unmeasured = { commits: 0, stuck: null };
  const original = viewOf(state, unmeasured, program, begun);
  const view = viewOf(forked.state, unmeasured, forked.program, forked.at);
  const differences = diffRuns(
    { view: original, done: doneInTrace(trace.entries, trace.state, fromSeq) },
    { view, done: forked.done },
  );
  const { answers, unmapped, notes, stopped, steps, at } = forked;
  const result: ForkResult = {
    executionId: id,
    fromSeq,
    seq: history.seq,
    answers,
    unmapped,
    notes,
    stopped,
    steps,
    at,
    original: sideOf(original, own.number),
    fork: sideOf(view, target.number),
    differences,
    durationMs: Math.max(0, ports.now() - begun),
  };
  // The other version may call other variables secret.
  const redact = redactorOf(target.program.settings.secrets ?? [], [target.program.variables, view.variables]);
  return redact(run.redact(result));
};

const sideOf = (view: ExecutionView, version: number | null): Side => {
  const { status, startedAt, endedAt, path, output, error, variables } = view;
  return { version, status, startedAt, endedAt, path, output, error, variables };
};

const targetOf = async (context: Context, workflowId: string, version: number | string): Promise<Target> => {
  const { ports, principal } = context;
  const { organizationId } = principal;
  if (version === "draft") {
    const workflow = await openWorkflow(context, workflowId, "view");
    return { program: programOf(workflow.definition, "execution_refused"), number: null };
  }
  const row =
    typeof version === "number"
      ? await findVersionByNumber(ports.db, organizationId, workflowId, version)
      : await findVersion(ports.db, organizationId, version);
  if (row?.workflowId !== workflowId) throw notFound("version");
  return { program: programOf(row.definition as Definition, "execution_refused"), number: row.number };
};
