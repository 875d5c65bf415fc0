// The tank of one run. The metered module burns it; functions of the host that work in proportion to what a guest asks burn it
// too. Only the snippet's own steps count as used: reading the input and writing the result have allowances of their own, in
// proportion to their size, so that a large input does not shorten what the code may do.

import { type CodeError, Stop } from "./outcome.ts";

export interface Fuel {
  /** Binds the tank to a new instance and lends it what it needs to boot. */
  attach(global: WebAssembly.Global): void;
  /** Fills the tank for work that is not the snippet's; `excess` says what an empty one means. */
  lend(units: number, excess: string): void;
  /** Fills the tank with the budget: from here to the next `lend` the snippet runs. */
  start(): void;
  /** Burns from the host. Throws Stop when the tank is empty. */
  burn(units: number): void;
  used(): number;
  /** The error to report when the tank is empty, however the instance ended. */
  exceeded(): CodeError | undefined;
}

/** Python burns 280,000 until its harness stands, JavaScript 130,000. */
const BOOT_UNITS = 5_000_000;

export const newFuel = (budget: number): Fuel => {
  let tank: WebAssembly.Global | undefined;
  let excess = "";
  let isSnippet = false;
  let before = 0;
  const left = (): number => (tank ? Number(tank.value as bigint) : budget);
  const used = (): number => (isSnippet ? Math.min(budget, budget - left()) : before);
  const fill = (units: number, message: string): void => {
    before = used();
    excess = message;
    if (tank) tank.value = BigInt(units);
  };
  const exceeded = (): CodeError | undefined => (left() < 0 ? { name: "BudgetExceeded", message: excess } : undefined);
  const lend = (units: number, message: string): void => {
    fill(units, message);
    isSnippet = false;
  };
  return {
    attach(global) {
      tank = global;
      lend(BOOT_UNITS, "the interpreter did not start");
    },
    lend,
    start() {
      fill(budget, `stopped after ${budget} steps`);
      isSnippet = true;
    },
    burn(units) {
      if (tank) tank.value = (tank.value as bigint) - BigInt(units);
      const error = exceeded();
      if (error) throw new Stop(error.name, error.message);
    },
    used,
    exceeded,
  };
};
