// What a scenario found, said as it goes: facts that were measured, and checks that hold or do not.

export class Verdict {
  failures = 0;
  checks = 0;

  title(text: string): void {
    console.log(`\n── ${text} ──`);
  }

  fact(text: string): void {
    console.log(`  · ${text}`);
  }

  /** `found` is said when it does not hold. */
  check(claim: string, holds: boolean, found: unknown = ""): void {
    this.checks++;
    if (!holds) this.failures++;
    const detail = holds || found === "" ? "" : `: ${typeof found === "string" ? found : shortened(found)}`;
    console.log(`  ${holds ? "✓" : "✗"} ${claim}${detail}`);
  }

  equal(claim: string, found: unknown, expected: unknown): void {
    this.check(
      claim,
      JSON.stringify(found) === JSON.stringify(expected),
      `found ${shortened(found)}, expected ${shortened(expected)}`,
    );
  }
}

const MOST = 1_500;

const shortened = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > MOST ? `${text.slice(0, MOST)}… (${text.length} characters)` : text;
};
