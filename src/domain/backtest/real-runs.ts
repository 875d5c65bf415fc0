// What the outside really answered the runs that events of the past have started: their journals, as long as they are kept. Read when they are
// first asked for, and so many at the most.
import { findVersion } from "../../db/queries/workflow-versions.ts";
import type { Context } from "../context.ts";
import { type Trace, traceJournal } from "../execution/trace.ts";
import { type Recording, recordingOf } from "../execution/what-if/recording.ts";
import { type Definition, programOf } from "../workflow/definition.ts";

const MAX_RUNS = 200;

export class RealRuns {
  /** Runs that were not read, because there were too many. */
  left = 0;
  /** Calls of executions and of the database. */
  reads = 0;
  readonly #context: Context;
  readonly #traces = new Map<string, Promise<Trace | null>>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** A recording of one's own: answers are taken out of it. */
  async recordingOf(executionId: string | undefined): Promise<Recording | null> {
    if (executionId === undefined) return null;
    let trace = this.#traces.get(executionId);
    if (!trace) {
      if (this.#traces.size >= MAX_RUNS) {
        this.left++;
        return null;
      }
      // A run that cannot be read, or whose version does not compile any more, has nothing to say.
      trace = this.#read(executionId).catch(() => null);
      this.#traces.set(executionId, trace);
    }
    const read = await trace;
    return read && recordingOf(read.entries, read.state, 0);
  }

  async #read(executionId: string): Promise<Trace | null> {
    const { ports, principal } = this.#context;
    const { organizationId } = principal;
    this.reads += 2;
    const history = await ports.executions.history(organizationId, executionId);
    const [first] = history?.journal ?? [];
    if (!history || first?.input.type !== "start") return null;
    const version = await findVersion(ports.db, organizationId, first.input.versionId);
    if (!version) return null;
    const program = programOf(version.definition as Definition, "execution_refused");
    return traceJournal(program, history.journal, { now: ports.now });
  }
}
