import { z } from "zod";
import type { Visit } from "../engine/contract.ts";
import type { JsonObject } from "../lib/json.ts";
import { filledText, oneOf } from "./config.ts";
import { ATTEMPT_MS, defineNode, passResult } from "./node.ts";

const MAX_WORDS = 500;

/**
 * What the snippet may read: `input`, and every name that occurs in it, or in `reads`, and that a template would find (`event`, `nodes`, a variable,
 * a loop's item). Nothing else is copied, so that a snippet costs what it reads.
 */
const contextOf = (
  code: string,
  reads: readonly string[],
  { input, lookup }: Pick<Visit, "input" | "lookup">,
): JsonObject => {
  const context: JsonObject = { input };
  for (const word of new Set([...reads, ...(code.match(/[A-Za-z_]\w*/g) ?? []).slice(0, 4 * MAX_WORDS)])) {
    const value = word === "input" ? undefined : lookup([word]);
    if (value !== undefined) context[word] = value;
  }
  return context;
};

/** Output `{result}`. */
export const actionCode = defineNode({
  type: "action_code",
  kind: "action",
  title: "Run code",
  description:
    "Runs Python or JavaScript in a sandbox without network. The snippet reads `context` (`context.input`, `context.event`, " +
    "`context.variables` and every other name that templates know) and sets `result`.",
  fields: {
    language: oneOf(["python", "javascript"]),
    code: filledText(50_000).meta({ title: "Code" }),
    as_truth: z
      .boolean()
      .optional()
      .meta({ title: "As truth", description: "The result is whether the snippet's is true, as its language has it" }),
    reads: z.array(z.string().max(100)).max(20).optional().meta({
      title: "Reads",
      description: "Names that the snippet reads without saying them, as one that walks over all of `context`",
    }),
  },
  raw: ["code"],
  longestMs: () => ATTEMPT_MS,
  enter: (visit) => {
    const { language, code, as_truth, reads = [] } = visit.config;
    const input = { language, code, ...(as_truth === true && { as_truth }), context: contextOf(code, reads, visit) };
    return { kind: "perform", action: "code.run", input };
  },
  resume: passResult,
});
