// Says before a snippet is saved what is wrong with it, or will answer otherwise than its author expects. Runs nothing of it.

import type { Finding } from "./finding.ts";
import { findInJavascript } from "./javascript-findings.ts";
import { findInPython, LOOK_UP, missingNames } from "./python-findings.ts";
import { interpret, type Language, runCode } from "./run-code.ts";

/** Longer code is compiled and not looked through. */
const MOST_CHARS = 64_000;

const warningsOf = (language: Language, code: string): Finding[] => {
  if (code.length > MOST_CHARS) return [];
  if (language === "javascript") return findInJavascript(code);
  const { findings, wanted } = findInPython(code);
  if (!wanted.length) return findings;
  const context = wanted.map(({ module, name }) => [module, name ?? null]);
  const known = runCode({ language, code: LOOK_UP, context });
  return known.ok && Array.isArray(known.result) ? [...findings, ...missingNames(wanted, known.result)] : findings;
};

/**
 * Errors first (at most one syntax error, the first), then warnings by line. Empty when nothing is known against the code. Never throws;
 * code too large to compile is an error as well.
 */
export const checkCode = (language: Language, code: string): Finding[] => {
  const outcome = interpret({ language, code, context: undefined });
  const found = warningsOf(language, code).sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const errors = found.filter(({ severity }) => severity === "error");
  if (!outcome.ok && !errors.length) {
    const { name, message, line: at } = outcome.error;
    // An error at the end of the code is said of the line behind it.
    const line = at === undefined ? undefined : Math.min(at, code.trimEnd().split("\n").length);
    errors.push({ ...(line !== undefined && { line }), message: `${name}: ${message}`, severity: "error" });
  }
  return [...errors, ...found.filter(({ severity }) => severity === "warning")];
};
