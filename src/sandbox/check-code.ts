// Finds syntax errors without running anything.

import type { CodeError } from "./outcome.ts";
import { interpret, type Language } from "./run-code.ts";

/** The first syntax error of `code`, or undefined when it compiles. Never throws; code too large to compile is an error as well. */
export const checkCode = (language: Language, code: string): CodeError | undefined => {
  const outcome = interpret({ language, code, context: undefined });
  return outcome.ok ? undefined : outcome.error;
};
