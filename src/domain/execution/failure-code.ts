// The code of a failure whose execution has none of its own: the same word in lists, jobs and reports.

const CODES: { [status: string]: string } = { timed_out: "EXECUTION_TIMEOUT", cancelled: "CANCELLED" };

/** `status`: of the execution, where one is told of. */
export const failureCode = (code: string | null, status = "failed"): string =>
  code || (CODES[status] ?? "EXECUTION_FAILED");
