// A run with its journal, for whoever may see its workflow: what details, replay and what-if begin with.
import { findRun } from "../../db/queries/run-lists.ts";
import { findVersion } from "../../db/queries/workflow-versions.ts";
import type { Program } from "../../engine/program.ts";
import type { RunState } from "../../engine/state.ts";
import { stateOfRows } from "../../engine/state.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { Context } from "../context.ts";
import type { Verb } from "../permission.ts";
import type { ExecutionView, RunHistory } from "../ports.ts";
import { type Definition, programOf } from "../workflow/definition.ts";
import type { RunListing } from "./list-runs.ts";
import { readExecution } from "./read-execution.ts";
import { type Redact, redactorOf } from "./redact.ts";

export type KeptRun = {
  view: ExecutionView;
  /** Null while the index has no row of it. */
  listing: RunListing | null;
  version: { id: string; number: number; definition: Definition } | null;
  /** Null: the object has deleted itself after its time, and its journal with it. */
  kept: { history: RunHistory; state: RunState; program: Program } | null;
  redact: Redact;
};

/** Throws `not_found`, `forbidden`; `execution_refused` when its version no longer compiles. */
export const readHistory = async (context: Context, id: string, verb: Verb = "view"): Promise<KeptRun> => {
  const view = await readExecution(context, id, verb);
  const { ports, principal } = context;
  const { organizationId } = principal;
  const [history, listing, row] = await Promise.all([
    ports.executions.history(organizationId, id),
    findRun(ports.db, organizationId, id),
    findVersion(ports.db, organizationId, view.versionId),
  ]);
  const version = row ? { id: row.id, number: row.number, definition: row.definition as Definition } : null;
  const secrets = version?.definition.settings?.secrets ?? [];
  const [first] = history?.journal ?? [];
  if (!history || !version || first?.input.type !== "start") {
    const redact = redactorOf(secrets, [version?.definition.variables ?? {}]);
    return { view, listing, version, kept: null, redact };
  }
  const state = stateOfRows(history.rows, first.input);
  const given = [
    version.definition.variables,
    first.input.variables,
    Object.fromEntries(state.variables) as JsonObject,
  ];
  return {
    view,
    listing,
    version,
    kept: { history, state, program: programOf(version.definition, "execution_refused") },
    redact: redactorOf(secrets, given),
  };
};
