// Liquid templates: parse once, know which paths they read, render from a lookup. JSON configurations with templates inside are in value.ts,
// the tags and filters there are in liquid.ts.
import type { Emitter, Template as LiquidPart, TopLevelToken } from "liquidjs";
import { LiquidError, Output, Parser, Tokenizer, TypeGuards, toValue, toValueSync } from "liquidjs";
import type { Json } from "../../lib/json.ts";
import type { Result } from "../../lib/result.ts";
import { err, ok } from "../../lib/result.ts";
import { liquid } from "./liquid.ts";
import { referencesIn } from "./references.ts";
import type { Lookup } from "./rendering.ts";
import { Rendering } from "./rendering.ts";
import type { HoldsSecret } from "./secret-text.ts";
import type { Work } from "./work.ts";

export type { Lookup } from "./rendering.ts";

/**
 * What rendering may know of the outside. `now` is epoch milliseconds; `work` what it may do, when it shares that with others; `holdsSecret`: texts
 * that filters leave to who has the value; `isHtml`: the text is HTML, values in it are not.
 */
export type RenderEnv = {
  now: number;
  work?: Work | undefined;
  holdsSecret?: HoldsSecret | undefined;
  isHtml?: boolean;
};

/** `line` and `column` are 1-based and absent when the fault has no place. */
export type TemplateFault = { message: string; line?: number; column?: number };

export type Template = {
  readonly source: string;
  /** Every path the text reads, as segments; a dynamic segment ends its path (`a[b].c` reads `["a"]` and `["b"]`). */
  readonly references: string[][];
  /** One `{{ expression }}` with nothing around it: rendering keeps the value's type. */
  readonly isSingle: boolean;
  /** No `{{` and no `{%`: rendering is the source itself. */
  readonly isPlain: boolean;
  readonly maxOutput: number;
  /** Liquid's own form of it. */
  readonly parts: LiquidPart[];
};

/** Longest template with an expression in it, and longest rendered text, in UTF-16 units. */
export const MAX_TEMPLATE_LENGTH = 64 * 1024;
export const MAX_OUTPUT_LENGTH = 64 * 1024;
/** Blocks inside blocks, and brackets in one expression: Liquid's parser recurses with them. */
const MAX_NESTING = 32;

/** Whatever goes wrong inside Liquid is a LiquidError, a limit outside it a RangeError; anything else is a bug of ours. */
const faultOf = (error: unknown): TemplateFault => {
  if (LiquidError.is(error)) {
    const [line, column] = error.token.getPosition();
    const message = error.message.replace(/(?:, line:\d+, col:\d+)+$/, "");
    return { message, line, column };
  }
  if (error instanceof RangeError) return { message: error.message };
  throw error;
};

const checkNesting = (tokens: TopLevelToken[]): void => {
  let depth = 0;
  for (const token of tokens) {
    if (!TypeGuards.isTagToken(token) && !TypeGuards.isOutputToken(token)) continue;
    if (TypeGuards.isTagToken(token)) {
      if (/^(?:if|unless|case|capture)$/.test(token.name)) depth++;
      else if (/^end(?:if|unless|case|capture)$/.test(token.name)) depth--;
    }
    const brackets = token.getText().split("[").length - 1;
    if (depth > MAX_NESTING || brackets > MAX_NESTING) {
      throw new Tokenizer(token.input).error(`more than ${MAX_NESTING} blocks or brackets in each other`, token.begin);
    }
  }
};

/** @param options `maxOutput`: the longest text that rendering may make */
export const parseTemplate = (text: string, options: { maxOutput?: number } = {}): Result<Template, TemplateFault> => {
  const { maxOutput = MAX_OUTPUT_LENGTH } = options;
  if (!text.includes("{{") && !text.includes("{%")) {
    return ok({ source: text, references: [], isSingle: false, isPlain: true, maxOutput, parts: [] });
  }
  if (text.length > MAX_TEMPLATE_LENGTH) {
    return err({ message: `a template has at most ${MAX_TEMPLATE_LENGTH} characters` });
  }
  try {
    const tokens = new Tokenizer(text, liquid.options.operators).readTopLevelTokens(liquid.options);
    checkNesting(tokens);
    const isSingle = tokens.length === 1 && TypeGuards.isOutputToken(tokens[0]);
    const parts = new Parser(liquid).parseTokens(tokens);
    return ok({ source: text, references: referencesIn(parts), isSingle, isPlain: false, maxOutput, parts });
  } catch (error) {
    return err(faultOf(error));
  }
};

const tooLong = (limit: number) => new RangeError(`the text is longer than ${limit} characters`);

/** Collects a text, up to a length. */
class CappedText implements Emitter {
  buffer = "";
  readonly #limit: number;
  constructor(limit: number) {
    this.#limit = limit;
  }
  write(text: string): void {
    if (this.buffer.length + text.length > this.#limit) throw tooLong(this.#limit);
    this.buffer += text;
  }
}

/** Keeps the one value that is written to it. */
class SingleValue implements Emitter {
  buffer = "";
  value: unknown;
  write(value: unknown): void {
    this.value = toValue(value);
  }
}

/** The value alone has passed no filter: it is as the lookup gave it, shared and of any size. (`outputEscape` counts as one.) */
const isBare = ([part]: LiquidPart[]): boolean => part instanceof Output && part.value.filters.length === 1;

const jsonOf = (value: unknown, maxLength: number): Json => {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "string" && value.length > maxLength) throw tooLong(maxLength);
  // Filters leave holes and NaN in lists; a round trip makes them null as everywhere.
  return typeof value === "object" ? JSON.parse(JSON.stringify(value)) : (value as Json);
};

/**
 * One pass: what a value contains is never read as a template. A single expression keeps its value's type, null when there is none;
 * in any other text, and in HTML, missing values and null are empty, lists and objects JSON.
 */
export const renderTemplate = (template: Template, lookup: Lookup, env: RenderEnv): Result<Json, TemplateFault> => {
  const { source, isPlain, isSingle, maxOutput, parts } = template;
  if (isPlain) return ok(source);
  try {
    const emitter = isSingle ? new SingleValue() : new CappedText(maxOutput);
    const rendering = new Rendering(lookup, env.now, {
      keepsType: isSingle && !env.isHtml,
      ...(env.isHtml && { isHtml: true }),
      ...(env.work && { work: env.work, countsReads: true }),
      ...(env.holdsSecret && { holdsSecret: env.holdsSecret }),
    });
    toValueSync(liquid.renderer.renderTemplates(parts, rendering, emitter));
    if (emitter instanceof CappedText) return ok(emitter.buffer);
    const value = (emitter.value ?? null) as Json;
    return ok(env.isHtml || isBare(parts) ? value : jsonOf(value, maxOutput));
  } catch (error) {
    return err(faultOf(error));
  }
};
