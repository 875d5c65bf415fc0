import { expect, it } from "vitest";
import { inOrder } from "./choices.ts";
import { scenarios } from "./scenarios.ts";
import { simulate } from "./simulate.ts";

for (const scope of ["object", "all"] as const)
  it.each(scenarios)(`${scope} $name`, { timeout: 60000 }, async (scenario) => {
    const t = performance.now();
    const base = await simulate(scenario, { choices: inOrder });
    const bad: string[] = [];
    for (let at = 1; at <= base.boundaries; at++) {
      const report = await simulate(scenario, { choices: inOrder, crashes: { at: [at], scope } });
      if (report.violations.length) bad.push(`${at}: ${report.violations.join("; ")}`);
    }
    console.log(scenario.name, base.status, base.boundaries, ((performance.now() - t) / base.boundaries).toFixed(1));
    expect(bad).toEqual([]);
  });
