// Users' patterns, matched in linear time by RE2 (no look-around, no back-references). The only place that runs a pattern of a user.
import { RE2JS, RE2Set } from "re2js";
import type { Result } from "../../lib/result.ts";
import { err, ok } from "../../lib/result.ts";

/** Longest pattern, in UTF-16 units. */
export const MAX_PATTERN_LENGTH = 1000;
/** Longest text that is tried; a longer one matches nothing (a part of it could match where the whole would not). */
export const MAX_SUBJECT_LENGTH = 10_000;
/** Instructions of the compiled pattern; with the subject's length the bound of one match, some 0.1 s at the very worst. */
const MAX_PROGRAM_SIZE = 1500;
/** Bytes that one pattern's automaton may remember; it starts afresh beyond that. */
const AUTOMATON_BYTES = 256 * 1024;
const CACHED_PATTERNS = 64;

type Compiled = Result<RE2Set, string>;

/** Compiled patterns, the oldest use first. A cache alone: losing it changes no answer. */
const cache = new Map<string, Compiled>();

const compile = (pattern: string): Compiled => {
  if (pattern.length > MAX_PATTERN_LENGTH) return err(`A pattern has at most ${MAX_PATTERN_LENGTH} characters.`);
  try {
    // A set of one: unlike RE2JS itself it lets its memory be bounded.
    const set = new RE2Set(RE2Set.UNANCHORED, 0, AUTOMATON_BYTES);
    set.add(RE2JS.translateRegExp(pattern));
    set.compile();
    return set.prog.numInst() <= MAX_PROGRAM_SIZE
      ? ok(set)
      : err("The pattern is too large: its counted repetitions multiply.");
  } catch (error) {
    return err(
      error instanceof Error ? error.message.replace(/^error parsing regexp: /, "Bad pattern: ") : "Bad pattern.",
    );
  }
};

const compiled = (pattern: string): Compiled => {
  const known = cache.get(pattern);
  if (known) cache.delete(pattern);
  else if (cache.size >= CACHED_PATTERNS) cache.delete(cache.keys().next().value!);
  const result = known ?? compile(pattern);
  cache.set(pattern, result);
  return result;
};

/** The pattern itself, or what is wrong with it. JavaScript's `\u00e9`, `\cA` and `(?<name>…)` are understood. */
export const checkPattern = (pattern: string): Result<string, string> => {
  const result = compiled(pattern);
  return result.ok ? ok(pattern) : result;
};

/** Instructions of the compiled pattern; 0 for a bad one. */
export const patternSize = (pattern: string): number => {
  const result = compiled(pattern);
  return result.ok ? result.value.prog.numInst() : 0;
};

/** Whether the pattern is found anywhere in the text; anchor it with ^ and $ to match the whole. False for a bad pattern. */
export const testPattern = (pattern: string, text: string): boolean => {
  if (text.length > MAX_SUBJECT_LENGTH) return false;
  const result = compiled(pattern);
  return result.ok && result.value.match(text).length > 0;
};
