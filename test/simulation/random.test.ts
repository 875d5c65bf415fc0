// Everything at once, by a die: any order, slow and failing neighbours, late and repeated alarms, a queue that loses, crashes without number.
// SIMULATION_SEED is the first seed; SIMULATION_EFFORT multiplies the number of runs.
import { afterAll, expect, it } from "vitest";
import { type Case, EFFORT, runAll, tellTotal } from "./cases.ts";
import { races } from "./races.ts";
import { scenarios } from "./scenarios.ts";

afterAll(tellTotal);

const RUNS = 20 * EFFORT;
const FIRST = Number(process.env.SIMULATION_SEED ?? 1);

it.each([...scenarios, ...races])("$name", { timeout: 60_000 * EFFORT }, async ({ name: scenario }) => {
  const seeds = Array.from({ length: RUNS }, (_, i) => FIRST + i);
  const { runs, crashes } = await runAll(
    scenario,
    seeds.map((seed): Case => ({ scenario, seed })),
  );
  expect(runs).toBe(RUNS);
  expect(crashes).toBeGreaterThan(0);
});
