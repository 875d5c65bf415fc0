// How a node type is written: its fields once, from which the schema of what authors write and the reading of what was rendered both come.
import { z } from "zod";
import type { NodeType, Outcome, Ports, Signal, Visit } from "../engine/contract.ts";
import type { JsonObject } from "../lib/json.ts";
import { settle } from "./settle.ts";

type NodeDefinition<Shape extends z.ZodRawShape> = Omit<NodeType, "schema" | "raw" | "ports" | "enter"> & {
  /** Every field of the config but the policy's. Fields that may be templates are `templated(…)`. */
  fields: Shape;
  raw?: readonly (keyof Shape & string)[];
  /** One `input` and one `output` when absent. */
  ports?: Ports | ((config: JsonObject) => Ports);
  /** Sees the settled config: rendered, and of the types that `fields` say. */
  enter: (visit: Visit<z.output<z.ZodObject<Shape>>>) => Outcome;
};

const DEFAULT_PORTS: Ports = { inputs: ["input"], outputs: ["output"] };

export const fail = (code: string, message: string): Outcome => ({
  kind: "fail",
  error: { code, message, retryable: false },
});

/** Longest one attempt of an action takes that says nothing else, in ms; the contract test compares it with the action's own. */
export const ATTEMPT_MS = 15_000;

/**
 * The same for a message to a person: what it waits for before it leaves (its sender's line, a busy database) is no failure of the provider's,
 * which has 15 s of its own.
 */
export const MESSAGE_ATTEMPT_MS = 120_000;

/** What providers ask of who sends messages: 100 ms, doubling, a bounded number of times; only for what may go later. */
export const MESSAGE_RETRY = { maxAttempts: 8, backoffMs: 100, multiplier: 2 } as const;

/** Goes on by the default port. */
export const proceed = (output: JsonObject): Outcome => ({ kind: "next", port: "output", output });

/** `resume` of a node that only performs one action: the result is its output. */
export const passResult = (_visit: Visit, signal: Signal): Outcome => {
  if (signal.kind !== "result") throw new Error(`A performed action was answered by "${signal.kind}"`);
  return { kind: "next", port: "output", output: signal.output, ...(signal.logs && { logs: signal.logs }) };
};

/** `resume`, unlike `enter`, gets the config unsettled: what a visit needs later belongs into its memo. */
export const defineNode = <Shape extends z.ZodRawShape>(definition: NodeDefinition<Shape>): NodeType => {
  const { fields, raw = [], ports = DEFAULT_PORTS, enter, ...rest } = definition;
  return {
    ...rest,
    schema: z.strictObject(fields),
    raw,
    ports: typeof ports === "function" ? ports : () => ports,
    enter: (visit) => {
      const config = settle(fields, raw, visit.config);
      return config.ok ? enter({ ...visit, config: config.value }) : fail("INVALID_CONFIG", config.error);
    },
  };
};
