// The tank of one run. The metered module burns it; functions of the host that work in proportion to what a guest asks burn it
// too. Only the snippet's own steps count as used: reading the input and writing the result have allowances of their own, in
// proportion to their size, so that a large input does not shorten what the code may do.

import { type CodeError, Stop } from "./outcome.ts";

export interface Fuel {
  /**
   * Binds the tank to a new instance and lends it what it needs to boot. `interrupt` asks the guest to stop by itself, so that it can
   * say where it was; without one the run ends at once.
   */
  attach(global: WebAssembly.Global, interrupt?: () => void): void;
  /** Fills the tank for work that is not the snippet's; `excess` says what an empty one means. */
  lend(units: number, excess: string): void;
  /** Fills the tank with the budget: from here to the next `lend` the snippet runs. */
  start(): void;
  /** Burns from the host. */
  burn(units: number): void;
  /**
   * What the meter calls when the tank is empty: the first time that a snippet empties it, and can be interrupted, it gets a little more to come to
   * its end, and the run is lost whatever it does; the next time, and for all else, Stop is thrown.
   */
  empty(): void;
  used(): number;
  /** The error to report when the tank is empty, however the instance ended. */
  exceeded(): CodeError | undefined;
}

/** What is left to a snippet that is over, to come to where it looks whether it should stop. */
const GRACE_UNITS = 1_000_000;

/** Python burns 280,000 until its harness stands, JavaScript 130,000. */
const BOOT_UNITS = 5_000_000;

export const newFuel = (budget: number): Fuel => {
  let tank: WebAssembly.Global | undefined;
  let excess = "";
  let isSnippet = false;
  let before = 0;
  let interrupt: (() => void) | undefined;
  let over: CodeError | undefined;
  const left = (): number => (tank ? Number(tank.value as bigint) : budget);
  const used = (): number => (isSnippet ? Math.min(budget, over ? budget : budget - left()) : before);
  const fill = (units: number, message: string): void => {
    before = used();
    excess = message;
    if (tank) tank.value = BigInt(units);
  };
  const exceeded = (): CodeError | undefined =>
    over ?? (left() < 0 ? { name: "BudgetExceeded", message: excess } : undefined);
  const empty = (): void => {
    const error = exceeded();
    if (!error) return;
    if (over || !isSnippet || !interrupt || !tank) throw new Stop(error.name, error.message);
    over = error;
    tank.value = BigInt(GRACE_UNITS);
    interrupt();
  };
  const lend = (units: number, message: string): void => {
    fill(units, message);
    isSnippet = false;
  };
  return {
    attach(global, toStop) {
      tank = global;
      interrupt = toStop;
      lend(BOOT_UNITS, "the interpreter did not start");
    },
    lend,
    start() {
      fill(budget, `stopped after ${budget} steps`);
      isSnippet = true;
    },
    burn(units) {
      if (tank) tank.value = (tank.value as bigint) - BigInt(units);
      if (left() < 0) empty();
    },
    empty,
    used,
    exceeded,
  };
};
