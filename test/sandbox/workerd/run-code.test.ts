import { describe, expect, test } from "vitest";
import { runSnippet } from "../../../src/objects/run-snippet.ts";
import { checkCode } from "../../../src/sandbox/check-code.ts";
import { runCode } from "../../../src/sandbox/run-code.ts";
import { ATTACKS } from "../attacks.ts";
import context from "../snippets/context.json";
import javascriptAnswers from "../snippets/javascript.json";
import pythonAnswers from "../snippets/python.json";
import { JAVASCRIPT, PYTHON } from "../snippets.ts";

// The stack, the memory and the text coders are workerd's here: everything of the plain Node tests has to end the same way.

/** Another execution of the same isolate gets its turn. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

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

  test.each([
    ["python", pythonAnswers],
    ["javascript", javascriptAnswers],
  ] as const)("%s answers as CPython and Node", (language, answers) => {
    for (const { name, code, value, printed } of answers) {
      const outcome = runCode({ language, code, context });
      expect(outcome, name).toMatchObject({ ok: true, result: value, stdout: printed });
    }
  });

  test("attacks end while other executions of the isolate go on", async () => {
    expect(ATTACKS.length).toBeGreaterThanOrEqual(40);
    const order: string[] = [];
    const attack = async ({ language, name, code, error }: (typeof ATTACKS)[number]) => {
      await turn();
      const outcome = runCode({ language, code, context: {} });
      expect(outcome, name).toMatchObject({ ok: false });
      expect(!outcome.ok && outcome.error.name, name).toMatch(error);
      order.push("attack");
    };
    const work = async (number: number) => {
      for (const language of ["python", "javascript"] as const) {
        await turn();
        const outcome = runCode({ language, code: "result = context['n'] + 1", context: { n: number } });
        expect(outcome).toMatchObject({ ok: true, result: number + 1 });
        order.push(language);
      }
    };
    await Promise.all(ATTACKS.flatMap((one, index) => [attack(one), work(index)]));
    expect(order.filter((what) => what === "python")).toHaveLength(ATTACKS.length);
    // Nobody waits for more than one attack at a time.
    const firstHalf = order.slice(0, ATTACKS.length);
    expect(firstHalf.filter((what) => what !== "attack").length).toBeGreaterThan(ATTACKS.length / 3);
  });

  test("a thousand runs leave nothing behind", () => {
    for (let index = 0; index < 500; index++)
      for (const language of ["python", "javascript"] as const) {
        const outcome = runCode({ language, code: "result = context['n'] + 1", context: { n: index } });
        expect(outcome).toMatchObject({ ok: true, result: index + 1 });
      }
  });

  test("code is checked", () => {
    expect(checkCode("python", "x = (")).toMatchObject([{ severity: "error", line: 1 }]);
    expect(checkCode("python", "import os\nfrom re import nothing")).toMatchObject([{ line: 1 }, { line: 2 }]);
    expect(checkCode("javascript", "let x = ;")).toMatchObject([{ severity: "error", line: 1 }]);
  });
});

describe("the action's view", () => {
  test("what is printed goes to the log, and a missing result is told", async () => {
    const snippet = { language: "python", code: "print('a')\nprint('b', 1)", context: {} } as const;
    expect(await runSnippet(snippet)).toEqual({
      ok: true,
      result: null,
      logs: ["a", "b 1", "The code set no result: it is null."],
    });
    expect(await runSnippet({ ...snippet, code: "result = None" })).toEqual({ ok: true, result: null, logs: [] });
  });

  test("an error has its name, message and line, and keeps what was printed", async () => {
    const failed = await runSnippet({ language: "python", code: "print('a')\nresult = {}['x']", context: {} });
    expect(failed).toEqual({ ok: false, error: { code: "CODE_ERROR", message: "KeyError: x (line 2)" }, logs: ["a"] });
    const endless = await runSnippet({ language: "python", code: "x = 1\nwhile True: x += 1", context: {} });
    expect(endless).toMatchObject({
      error: { code: "BUDGET_EXCEEDED", message: "BudgetExceeded: stopped after 10000000 steps (line 2)" },
    });
  });

  test("an organisation's own budget counts, up to the maximum", async () => {
    const loop = { language: "javascript", code: "for (let i = 0; i < 1e5; i++);\nreturn 1", context: {} } as const;
    expect(await runSnippet(loop)).toMatchObject({ ok: true });
    expect(await runSnippet(loop, { fuel: 100_000 })).toMatchObject({
      ok: false,
      error: { code: "BUDGET_EXCEEDED", message: "BudgetExceeded: stopped after 100000 steps" },
    });
  });
});
