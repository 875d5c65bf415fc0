// How many tests passed and failed, from what vitest's JSON reporter wrote. Pure.

export type Tally = { passed: number; failed: number };

/** The report as far as it is read here. */
export type Report = {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
};

/**
 * A file that failed without a failed test (it could not be loaded) counts as one failure, and so does a run that failed without either:
 * an error outside of any test, or no test at all.
 */
export const tallyOf = ({ numPassedTests, numFailedTests, testResults }: Report, exitCode: number): Tally => {
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.every((test) => test.status !== "failed"),
  );
  const failed = numFailedTests + broken.length;
  return { passed: numPassedTests, failed: failed === 0 && exitCode !== 0 ? 1 : failed };
};
