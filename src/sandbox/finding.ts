// What checkCode says about a snippet before it is ever run.

export interface Finding {
  /** From 1, in the user's code; absent when no line is to blame. */
  line?: number;
  /** A sentence for the author, without a full stop. */
  message: string;
  /** `error`: it cannot run. `warning`: it can, but somewhere it will fail or answer otherwise than CPython or Node. */
  severity: "error" | "warning";
}
