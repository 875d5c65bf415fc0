// JSON with templates at any depth: compiled once, rendered from a lookup. Only values are templates, keys never are.
import type { Json, JsonObject } from "../../lib/json.ts";
import { isJsonObject } from "../../lib/json.ts";
import type { Result } from "../../lib/result.ts";
import { err, ok } from "../../lib/result.ts";
import type { Lookup, RenderEnv, Template } from "./template.ts";
import { parseTemplate, renderTemplate } from "./template.ts";

/** `path` is dotted from the value's root (`headers.0.value`), "" for the root itself. */
export type ValueFault = { path: string; message: string };

/** A subtree without templates is `plain`, however large: it is shared with every rendering, so nobody may change it. */
type Compiled =
  | { kind: "plain"; value: Json }
  | { kind: "template"; template: Template }
  | { kind: "list"; items: Compiled[] }
  | { kind: "object"; entries: [string, Compiled][] };

/** Made by `compileValue`, read by `renderValue` and `referencesOf`. Not serialisable: keep the JSON and compile it again. */
export type CompiledValue = { readonly source: Json; readonly isPlain: boolean; readonly root: Compiled };

const MAX_DEPTH = 100;
const MAX_FAULTS = 100;
/** All texts that one value's templates make together, in UTF-16 units. */
export const MAX_RENDERED_LENGTH = 1024 * 1024;

const inPath = (path: string, key: string | number) => (path === "" ? String(key) : `${path}.${key}`);

const placed = ({ message, line, column }: { message: string; line?: number; column?: number }) =>
  line === undefined || (line === 1 && column === 1) ? message : `${message} (line ${line}, column ${column})`;

export const compileValue = (source: Json): Result<CompiledValue, ValueFault[]> => {
  const faults: ValueFault[] = [];
  const plain = (value: Json): Compiled => ({ kind: "plain", value });
  const fault = (path: string, message: string): Compiled => {
    if (faults.length < MAX_FAULTS) faults.push({ path, message });
    return plain(null);
  };

  const compileText = (text: string, path: string): Compiled => {
    const parsed = parseTemplate(text);
    if (!parsed.ok) return fault(path, placed(parsed.error));
    return parsed.value.isPlain ? plain(text) : { kind: "template", template: parsed.value };
  };

  const compileList = (list: Json[], path: string, depth: number): Compiled => {
    const items = list.map((item, index) => compile(item, inPath(path, index), depth + 1));
    return items.every(({ kind }) => kind === "plain") ? plain(list) : { kind: "list", items };
  };

  const compileObject = (object: JsonObject, path: string, depth: number): Compiled => {
    if (Object.hasOwn(object, "__proto__")) return fault(inPath(path, "__proto__"), "This key is not allowed.");
    const entries = Object.entries(object).map(([key, item]): [string, Compiled] => [
      key,
      compile(item, inPath(path, key), depth + 1),
    ]);
    return entries.every(([, { kind }]) => kind === "plain") ? plain(object) : { kind: "object", entries };
  };

  const compile = (value: Json, path: string, depth: number): Compiled => {
    if (depth > MAX_DEPTH) return fault(path, `The value nests deeper than ${MAX_DEPTH} levels.`);
    if (typeof value === "string") return compileText(value, path);
    if (Array.isArray(value)) return compileList(value, path, depth);
    return isJsonObject(value) ? compileObject(value, path, depth) : plain(value);
  };

  const root = compile(source, "", 0);
  return faults.length > 0 ? err(faults) : ok({ source, isPlain: root.kind === "plain", root });
};

/** The JSON with every template rendered; the first fault ends it. Plain subtrees are the source's own. */
export const renderValue = (compiled: CompiledValue, lookup: Lookup, env: RenderEnv): Result<Json, ValueFault> => {
  let fault: ValueFault | undefined;
  let length = 0;

  const renderText = (template: Template, path: string): Json => {
    if (fault) return null;
    const rendered = renderTemplate(template, lookup, env);
    if (!rendered.ok) {
      fault = { path, message: placed(rendered.error) };
      return null;
    }
    if (typeof rendered.value === "string") length += rendered.value.length;
    if (length > MAX_RENDERED_LENGTH) {
      fault = { path, message: `The texts together are longer than ${MAX_RENDERED_LENGTH} characters.` };
    }
    return rendered.value;
  };

  const render = (node: Compiled, path: string): Json => {
    switch (node.kind) {
      case "plain":
        return node.value;
      case "template":
        return renderText(node.template, path);
      case "list":
        return node.items.map((item, index) => render(item, inPath(path, index)));
      case "object":
        return Object.fromEntries(node.entries.map(([key, item]) => [key, render(item, inPath(path, key))]));
    }
  };

  const value = render(compiled.root, "");
  return fault ? err(fault) : ok(value);
};

/** Every path that any template inside reads, without repeats. */
export const referencesOf = (compiled: CompiledValue): string[][] => {
  const found = new Map<string, string[]>();
  const collect = (node: Compiled): void => {
    if (node.kind === "template") for (const path of node.template.references) found.set(path.join("\u0000"), path);
    else if (node.kind === "list") node.items.forEach(collect);
    else if (node.kind === "object") for (const [, item] of node.entries) collect(item);
  };
  collect(compiled.root);
  return [...found.values()];
};

/** A field of an object; undefined where there is no template in it. */
export const templateField = ({ source, root }: CompiledValue, name: string): CompiledValue | undefined => {
  const entry = root.kind === "object" ? root.entries.find(([key]) => key === name)?.[1] : undefined;
  if (!entry || entry.kind === "plain") return undefined;
  return { source: (source as JsonObject)[name]!, isPlain: false, root: entry };
};
