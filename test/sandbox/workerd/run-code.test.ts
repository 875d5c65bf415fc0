import { describe, expect, test } from "vitest";
import { type CodeBudget, LARGEST_BUDGET, LEAST_BUDGET, USUAL_BUDGET } from "../../../src/domain/code-budget/budget.ts";
import { runSnippet } from "../../../src/objects/run-snippet.ts";
import { budgetOf, DEFAULT_BUDGET } from "../../../src/sandbox/budget.ts";
import { checkCode } from "../../../src/sandbox/check-code.ts";
import { type Language, runCode } from "../../../src/sandbox/run-code.ts";
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
    expect(await runSnippet(snippet, USUAL_BUDGET)).toEqual({
      ok: true,
      result: null,
      logs: ["a", "b 1", "The code set no result: it is null."],
    });
    expect(await runSnippet({ ...snippet, code: "result = None" }, USUAL_BUDGET)).toEqual({
      ok: true,
      result: null,
      logs: [],
    });
  });

  test("an error has its name, message and line, and keeps what was printed", async () => {
    const python = (code: string) => runSnippet({ language: "python", code, context: {} }, USUAL_BUDGET);
    const failed = await python("print('a')\nresult = {}['x']");
    expect(failed).toEqual({ ok: false, error: { code: "CODE_ERROR", message: "KeyError: x (line 2)" }, logs: ["a"] });
    const endless = await python("x = 1\nwhile True: x += 1");
    expect(endless).toMatchObject({
      error: { code: "BUDGET_EXCEEDED", message: "BudgetExceeded: stopped after 10000000 steps (line 2)" },
    });
  });

  const SPENDERS: [keyof CodeBudget, number, Language, string, string][] = [
    ["steps", 100_000, "javascript", "for (let i = 0; i < 1e5; i++);\nreturn 1", "stopped after 100000 steps"],
    ["steps", 100_000, "python", "for i in range(100000): pass\nresult = 1", "stopped after 100000 steps"],
    [
      "memoryBytes",
      1 << 20,
      "javascript",
      "return new Uint8Array(2e6).length",
      "the budget is 1048576 bytes of memory",
    ],
    ["memoryBytes", 1 << 20, "python", "result = len(bytearray(2000000))", "the budget is 1048576 bytes of memory"],
    ["outputBytes", 1024, "javascript", "return 'a'.repeat(2000)", "the result has more than 1024 bytes"],
    ["outputBytes", 1024, "python", "print('a' * 2000)", "printed more than 1024 bytes"],
    ["depth", 2, "javascript", "return [[[1]]]", "the result nests deeper than 2 levels"],
    ["depth", 2, "python", "result = [[[1]]]", "the result nests deeper than 2 levels"],
  ];
  test.each(SPENDERS)("%s of %i: %s", async (name, limit, language, code, said) => {
    const snippet = { language, code, context: {} };
    expect(await runSnippet(snippet, USUAL_BUDGET)).toMatchObject({ ok: true });
    const over = await runSnippet(snippet, { ...USUAL_BUDGET, [name]: limit });
    expect(over).toMatchObject({ ok: false, error: { message: expect.stringContaining(said) } });
  });

  test("what an organisation may set is within the sandbox's own bounds, and usual is what the sandbox does by itself", () => {
    const of = ({ steps: fuel, ...rest }: CodeBudget) => ({ fuel, ...rest });
    expect(of(USUAL_BUDGET)).toEqual(DEFAULT_BUDGET);
    for (const bound of [LEAST_BUDGET, LARGEST_BUDGET]) expect(budgetOf(of(bound))).toEqual(of(bound));
  });
});
