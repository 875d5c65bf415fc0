import { describe, expect, test } from "vitest";
import { checkCode } from "../../../src/sandbox/check-code.ts";
import { runCode } from "../../../src/sandbox/run-code.ts";
import { ATTACKS, JAVASCRIPT, PYTHON } from "../snippets.ts";

// The stack, the memory and the text coders are workerd's here: everything of the plain Node tests has to end the same way.

describe("in workerd", () => {
  test.each([
    ["python", PYTHON],
    ["javascript", JAVASCRIPT],
  ] as const)("%s snippets give their results", (language, snippets) => {
    for (const { name, code, context, result, stdout } of snippets) {
      const outcome = runCode({ language, code, context: context ?? null });
      expect(outcome, name).toMatchObject({ ok: true, result, stdout: stdout ?? "" });
    }
  });

  test("attacks end, and the isolate lives", () => {
    for (const { language, name, code, error } of ATTACKS) {
      const outcome = runCode({ language, code, context: null });
      expect(outcome, name).toMatchObject({ ok: false });
      expect(!outcome.ok && outcome.error.name, name).toMatch(error);
      expect(runCode({ language, code: "result = 1 + 1", context: null }), name).toMatchObject({ ok: true, result: 2 });
    }
  });

  test("a thousand runs leave nothing behind", () => {
    for (let index = 0; index < 500; index++)
      for (const language of ["python", "javascript"] as const) {
        const outcome = runCode({ language, code: "result = context['n'] + 1", context: { n: index } });
        expect(outcome).toMatchObject({ ok: true, result: index + 1 });
      }
  });

  test("syntax is checked", () => {
    expect(checkCode("python", "x = (")).toMatchObject([{ severity: "error", line: 1 }]);
    expect(checkCode("javascript", "let x = ;")).toMatchObject([{ severity: "error", line: 1 }]);
  });
});
