// The README's first workflow, its commands run as they stand against a server that was just started.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { holds, jsonIn, runSteps, stepsOf } from "../document.ts";
import type { Scenario } from "../scenario.ts";

const README = resolve(import.meta.dirname, "../../../README.md");

export const readme: Scenario = {
  name: "readme",
  title: "the README's commands",
  play: async ({ product, verdict }) => {
    const steps = stepsOf(readFileSync(README, "utf8"));
    verdict.check("there are some", steps.length > 0);
    const outputs = await runSteps(steps, { SIGNALBOX: product.origin });
    for (const [n, { commands, expected }] of steps.entries()) {
      const answered = expected === undefined || jsonIn(outputs[n]!).some((found) => holds(found, expected));
      const what = commands.split("\n")[0]!.slice(0, 70);
      verdict.check(`${n + 1}. ${what}${expected === undefined ? "" : " answers as shown"}`, answered, outputs[n]);
    }
  },
};
