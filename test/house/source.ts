// The repository's own text, read for the rules of this folder: files, their syntax, their imports. The rules themselves are elsewhere.
import { globSync, readFileSync } from "node:fs";
import { dirname, extname, join, posix, resolve } from "node:path";
import { parseAst } from "vitest/node";

export const root = resolve(import.meta.dirname, "../..");

/** A node of the syntax tree (ESTree with TypeScript), as far as the rules need to know it. */
export type Syntax = { type: string; start: number; [field: string]: unknown };

export type Import = { specifier: string; typeOnly: boolean };

export type Source = {
  /** From the repository's root, with forward slashes. */
  path: string;
  text: string;
  syntax: Syntax;
  imports: Import[];
};

const isSyntax = (value: unknown): value is Syntax =>
  typeof value === "object" && value !== null && typeof (value as Syntax).type === "string";

/** Calls `visit` for `syntax` and everything in it, with what it stands in. */
export const walk = (
  syntax: Syntax,
  visit: (each: Syntax, parent: Syntax | undefined) => void,
  parent?: Syntax,
): void => {
  visit(syntax, parent);
  for (const field of Object.values(syntax)) {
    for (const child of Array.isArray(field) ? field : [field]) if (isSyntax(child)) walk(child, visit, syntax);
  }
};

const allTypes = (specifiers: unknown, kind: string): boolean =>
  Array.isArray(specifiers) && specifiers.length > 0 && specifiers.every((each) => each[kind] === "type");

/** Every import and re-export that names a module: static, dynamic, `import type`, and `import("…")` as a type. */
const importsOf = (syntax: Syntax): Import[] => {
  const found: Import[] = [];
  walk(syntax, ({ type, source, importKind, exportKind, specifiers }) => {
    if (!isSyntax(source) || typeof source.value !== "string") return;
    const typeOnly =
      type === "TSImportType" ||
      importKind === "type" ||
      exportKind === "type" ||
      allTypes(specifiers, type === "ImportDeclaration" ? "importKind" : "exportKind");
    found.push({ specifier: source.value, typeOnly });
  });
  return found;
};

/** A source from a text; the rules' own tests make theirs here. */
export const sourceOf = (path: string, text: string): Source => {
  const lang = { ".ts": "ts", ".tsx": "tsx", ".mjs": "js" }[extname(path)] as "ts" | "tsx" | "js";
  const syntax = parseAst(text, { lang }) as unknown as Syntax;
  return { path, text, syntax, imports: importsOf(syntax) };
};

const isGenerated = (path: string): boolean => path.includes("/gen/") || path.endsWith(".d.ts");

/** Paths of files that people write, by glob from the root. */
export const paths = (...globs: string[]): string[] =>
  globSync(globs, { cwd: root, exclude: ["**/node_modules/**"], withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => posix.relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !isGenerated(path))
    .sort();

export const textOf = (path: string): string => readFileSync(join(root, path), "utf8");

/** Every TypeScript and JavaScript file of src/ that people write. */
export const readSources = (): Source[] => paths("src/**/*.{ts,tsx,mjs}").map((path) => sourceOf(path, textOf(path)));

/** The path that a relative import leads to; undefined for a package. */
export const targetOf = (from: string, specifier: string): string | undefined =>
  specifier.startsWith(".") ? posix.join(dirname(from), specifier.replace(/\?.*$/, "")) : undefined;
