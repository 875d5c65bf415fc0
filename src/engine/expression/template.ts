// Liquid templates: parse once, know which paths they read, render from a lookup. JSON configurations with templates inside are in value.ts.

import type { Json } from "../../lib/json.ts";
import type { Result } from "../../lib/result.ts";

/** How a path (`["nodes", "a", "output"]`) becomes a value; undefined when there is none. The state implements it lazily. */
export type Lookup = (path: readonly string[]) => Json | undefined;

/** What rendering may know of the outside. `now` is epoch milliseconds. */
export type RenderEnv = { now: number };

/** `line` and `column` are 1-based and absent when the fault has no place (a limit). */
export type TemplateFault = { message: string; line?: number; column?: number };

export type Template = {
  readonly source: string;
  /** Every path the text reads, as segments; a dynamic segment ends its path (`a[b].c` reads `["a"]` and `["b"]`). */
  readonly references: string[][];
  /** One `{{ expression }}` with nothing around it: rendering keeps the value's type. */
  readonly isSingle: boolean;
  /** No `{{` and no `{%`: rendering is the source itself. */
  readonly isPlain: boolean;
};

export const parseTemplate = (_text: string): Result<Template, TemplateFault> => {
  throw new Error("in work");
};

export const renderTemplate = (_template: Template, _lookup: Lookup, _env: RenderEnv): Result<Json, TemplateFault> => {
  throw new Error("in work");
};
