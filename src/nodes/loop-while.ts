import type { Outcome, Visit } from "../engine/contract.ts";
import type { ConditionTree } from "../engine/expression/condition.ts";
import { checkRoots } from "./condition-roots.ts";
import { conditions, templated, wholeNumber } from "./config.ts";
import { defineNode } from "./node.ts";

const DEFAULT_ITERATIONS = 1_000;
const MAX_ITERATIONS = 10_000;

const done = (iterations: number, stopped_by: string): Outcome => ({
  kind: "next",
  port: "done",
  output: { iterations, stopped_by },
});

/** The conditions are judged before each round, with `index` as its number from 0. */
const nextRound = ({ config, evaluate, round }: Visit, limit: number): Outcome => {
  if (!evaluate(config.conditions as ConditionTree, { index: round })) return done(round, "conditions");
  if (round >= limit) return done(round, "max_iterations");
  return { kind: "iterate", locals: { index: round }, ...(round === 0 && { memo: limit }) };
};

/** Output of `done`: `{iterations, stopped_by: "conditions" | "max_iterations" | "break"}`. */
export const loopWhile = defineNode({
  type: "loop_while",
  kind: "loop",
  title: "While",
  description:
    "Runs the body as long as the conditions hold, judged before each round, then goes on by `done`. After `max_iterations` rounds (1,000 " +
    "unless said, at most 10,000) it leaves by `done` as well. In the body `index` is the round, from 0.",
  fields: {
    conditions,
    max_iterations: templated(wholeNumber(1, MAX_ITERATIONS).optional().meta({ title: "Most rounds" })),
  },
  raw: ["conditions"],
  ports: { inputs: ["input"], outputs: ["body", "done"] },
  check: checkRoots("conditions"),
  enter: (visit) => nextRound(visit as Visit, visit.config.max_iterations ?? DEFAULT_ITERATIONS),
  resume: (visit, signal) =>
    signal.kind === "broken" ? done(visit.round, "break") : nextRound(visit, visit.memo as number),
});
