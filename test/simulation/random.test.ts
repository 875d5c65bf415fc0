import { expect, it } from "vitest";
import { type Choices, random } from "./choices.ts";
import { scenarios } from "./scenarios.ts";
import { simulate, whimsical } from "./simulate.ts";

const wild = (choices: Choices, script: import("./provider.ts").Script | undefined): import("./provider.ts").Script => (node, nth) => {
  const usual = script?.(node, nth) ?? { status: 200 };
  if (!choices.chance(0.3, "bad answer")) return usual;
  return ([{ status: 500 }, { status: 429, retryAfterSeconds: 20 }, { hang: "accepted" }, { hang: "refused" }, { late: 20_000 }, { cut: "accepted" }, { cut: "refused" }] as const)[choices.pick(7)]!;
};
it("random", { timeout: 600000 }, async () => {
  const bad: string[] = [];
  const t = performance.now();
  const n = Number(process.env.RUNS ?? 300);
  let crashes = 0;
  const first = Number(process.env.SEED ?? 1);
  for (let seed = first; seed < first + n; seed++) {
    const choices = random(seed);
    const scenario = scenarios[seed % scenarios.length]!;
    const report = await simulate(scenario, {
      choices, crashes: { at: [], scope: seed % 3 ? "object" : "all" }, crashChance: choices.pick(3) * 0.02,
      conditions: whimsical(choices), weather: { queueLoses: 0.1, queueRepeats: 0.2, queueRefuses: 0.1, indexFails: 0.1 },
      script: wild(choices, scenario.script), strict: false,
    });
    crashes += report.crashes;
    if (report.violations.length) { bad.push(`${seed} ${scenario.name}: ${report.violations.slice(0, 3).join("; ")}`); if (process.env.TRACE) console.log(report.trace.slice(-Number(process.env.TRACE)).join("\n")); }
  }
  console.log(n, crashes, ((performance.now() - t) / n).toFixed(2), "ms");
  expect(bad).toEqual([]);
});
