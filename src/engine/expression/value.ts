// JSON with templates at any depth: compiled once, rendered from a lookup.

import type { Json } from "../../lib/json.ts";
import type { Result } from "../../lib/result.ts";
import type { Lookup, RenderEnv } from "./template.ts";

/** `path` is dotted from the value's root (`headers.0.value`), "" for the root itself. */
export type ValueFault = { path: string; message: string };

/** Opaque: made by `compileValue`, read by `renderValue` and `referencesOf`. Not serialisable; compile again from the JSON. */
export type CompiledValue = { readonly source: Json };

export const compileValue = (_value: Json): Result<CompiledValue, ValueFault[]> => {
  throw new Error("in work");
};

export const renderValue = (_compiled: CompiledValue, _lookup: Lookup, _env: RenderEnv): Result<Json, ValueFault> => {
  throw new Error("in work");
};

/** Every path that any template inside reads, without repeats. */
export const referencesOf = (_compiled: CompiledValue): string[][] => {
  throw new Error("in work");
};
