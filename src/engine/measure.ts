// What a run keeps, measured as JSON: each record by itself, and all of them together. What is too large fails where it was made.
import type { Json } from "../lib/json.ts";
import { isDeeperThan } from "../lib/json-depth.ts";
import type { Outcome } from "./contract.ts";
import type { Draft } from "./draft.ts";
import { MEASURED } from "./flags.ts";
import { MAX_RECORD_CHARS, MAX_RECORD_DEPTH, MAX_RUN_CHARS } from "./limits.ts";
import type { Token } from "./state.ts";
import { finish, type Stepping, settleVisit } from "./stepping.ts";

type Measured = { chars: number } | { fault: string };

export const isMeasured = ({ run }: Draft): boolean => (run.flags & MEASURED) !== 0;

const weigh = (what: string, value: Json | undefined, deep: boolean): Measured => {
  if (value === undefined || (typeof value !== "object" && typeof value !== "string")) return { chars: 0 };
  if (deep && isDeeperThan(value, MAX_RECORD_DEPTH))
    return { fault: `${what} is nested deeper than ${MAX_RECORD_DEPTH} levels` };
  const chars = JSON.stringify(value).length;
  return chars <= MAX_RECORD_CHARS ? { chars } : { fault: `${what} is larger than ${MAX_RECORD_CHARS} characters` };
};

/** Characters of what the outcome would record, or why it may not be. `deep`: its depth is looked at as well. */
export const measure = (outcome: Outcome, deep: boolean): Measured => {
  const records: [what: string, value: Json | undefined][] = [];
  if ("output" in outcome) records.push(["The output", outcome.output]);
  if ("memo" in outcome) records.push(["What the node has to remember", outcome.memo]);
  if (outcome.kind === "perform") records.push(["What the action would be given", outcome.input]);
  for (const [name, value] of Object.entries(outcome.set ?? {})) records.push([`The variable ${name}`, value]);
  let chars = 0;
  for (const [what, value] of records) {
    const weighed = weigh(what, value, deep);
    if ("fault" in weighed) return weighed;
    chars += weighed.chars;
  }
  return { chars };
};

/** Counts what is recorded without a choice: log lines, errors. */
export const note = ({ draft }: Stepping, chars: number): void => {
  if (isMeasured(draft) && chars > 0) draft.changeRun({ chars: (draft.run.chars ?? 0) + chars });
};

/** Counts what is about to be recorded. False when that is more than a run may keep: then this node has failed, and with it the run. */
export const charge = (stepping: Stepping, token: Token, chars: number): boolean => {
  const { draft } = stepping;
  note(stepping, chars);
  if ((draft.run.chars ?? 0) <= MAX_RUN_CHARS) return true;
  const message = `The run has recorded more than ${MAX_RUN_CHARS} characters, which is its budget`;
  const error = { code: "BUDGET_EXCEEDED", message };
  stepping.watch?.ending?.(draft, token);
  settleVisit(stepping, token, { status: "failed", output: null, error });
  draft.dropToken(draft.tokens.get(token.id) ?? token);
  finish(stepping, "failed", { ...error, nodeId: token.node });
  return false;
};
