// What one run of user code may spend. Enforcing it belongs to fuel.ts, output.ts, guest.ts and the interpreters.

export interface Budget {
  /** Loop turns and function calls inside the interpreter; ten million are about 50 ms of one core. */
  fuel: number;
  /** Bytes that the interpreter's heap may grow to. An isolate has 128 MB for all its work, and collects ended runs late. */
  memoryBytes: number;
  /** UTF-8 bytes of printed text, and as much again for the result as JSON. */
  outputBytes: number;
  /** Levels of lists and objects in the result. */
  depth: number;
}

export const DEFAULT_BUDGET: Readonly<Budget> = {
  fuel: 10_000_000,
  memoryBytes: 8 << 20,
  outputBytes: 64 << 10,
  depth: 64,
};

/** No request gets more than this; the modules cannot grow beyond `memoryBytes` (pages.ts). */
export const MAX_BUDGET: Readonly<Budget> = {
  fuel: 1_000_000_000,
  memoryBytes: 32 << 20,
  outputBytes: 4 << 20,
  depth: 128,
};

const clamp = (wanted: number | undefined, key: keyof Budget): number => {
  const value = Math.trunc(wanted ?? DEFAULT_BUDGET[key]);
  return Math.min(MAX_BUDGET[key], Math.max(0, Number.isNaN(value) ? 0 : value));
};

/** The budget of a run: what was asked, defaults where nothing was, never above the maximum. */
export const budgetOf = (asked: Partial<Budget> = {}): Budget => ({
  fuel: clamp(asked.fuel, "fuel"),
  memoryBytes: clamp(asked.memoryBytes, "memoryBytes"),
  outputBytes: clamp(asked.outputBytes, "outputBytes"),
  depth: clamp(asked.depth, "depth"),
});
