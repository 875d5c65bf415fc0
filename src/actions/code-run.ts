// code.run: a snippet in its sandbox. It reads its context and answers; it has no side effect, so a dry run runs it too.
import { z } from "zod";
import { CODE_LANGUAGES } from "../domain/action-ports.ts";
import type { JsonObject } from "../lib/json.ts";
import { defineAction } from "./action.ts";

/** Output `{result}`. Failures keep the sandbox's code: SYNTAX_ERROR, CODE_ERROR, BUDGET_EXCEEDED, INVALID_RESULT. */
export const codeRun = defineAction({
  name: "code.run",
  schema: z.strictObject({
    language: z.enum(CODE_LANGUAGES),
    code: z.string(),
    as_truth: z.boolean().optional(),
    context: z.record(z.string(), z.json()) as z.ZodType<JsonObject>,
  }),
  sideEffect: false,
  run: async (ports, request) => {
    const { language, code, context, as_truth: asTruth = false } = request.input;
    const ran = await ports.code.run(request.organizationId, { language, code, context, asTruth });
    return ran.ok
      ? { outcome: "ok", output: { result: ran.result }, logs: ran.logs }
      : { outcome: "failed", error: ran.error, logs: ran.logs };
  },
  mock: ({ language }) => ({ output: { result: null, mocked: true }, log: `Mocked: would run ${language} code` }),
});
