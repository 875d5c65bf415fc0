// What a file exports in vain. Nobody takes it: it is dead code, or its file's own business. Only tests take it, and the file has no use for it: tests
// keep nothing alive. The Worker's entry is there for the platform; an exported type says what a function of its file takes or answers.
import { type Source, type Syntax, targetOf, walk } from "./source.ts";

/** Whom the platform or the shell calls: their exports need no importer. */
const ENTRIES = /^src\/worker\.ts$/;

type Named = { name?: unknown; value?: unknown };
const nameOf = (value: unknown): string => {
  const { name, value: text } = value as Named;
  return String(name ?? text);
};

const declared = (declaration: Syntax): string[] => {
  const { id, declarations } = declaration as { id?: unknown; declarations?: { id: Syntax }[] };
  if (id) return [nameOf(id)];
  const patterns = (declarations ?? []).map((one) => one.id);
  return patterns.flatMap((pattern) => {
    if (pattern.type === "Identifier") return [nameOf(pattern)];
    const names: string[] = [];
    walk(pattern, (each, parent) => {
      if (each.type === "Identifier" && !(parent?.type === "Property" && parent.key === each && parent.value !== each))
        names.push(nameOf(each));
    });
    return names;
  });
};

/** Names that a file exports and has made itself. */
export const exportsOf = ({ syntax }: Source): string[] => {
  const names: string[] = [];
  walk(syntax, (each) => {
    if (each.type === "ExportDefaultDeclaration") names.push("default");
    if (each.type !== "ExportNamedDeclaration" || each.source) return;
    if (each.declaration) names.push(...declared(each.declaration as Syntax));
    for (const specifier of each.specifiers as Syntax[]) names.push(nameOf(specifier.exported));
  });
  return names;
};

const isType = ({ type }: Syntax): boolean => type === "TSTypeAliasDeclaration" || type === "TSInterfaceDeclaration";

/** Names of types among the exports. */
const typesOf = ({ syntax }: Source): Set<string> => {
  const names = new Set<string>();
  walk(syntax, (each) => {
    if (each.type !== "ExportNamedDeclaration") return;
    const declaration = each.declaration as Syntax | null;
    if (declaration && isType(declaration)) names.add(nameOf(declaration.id));
    if (each.exportKind === "type") for (const one of each.specifiers as Syntax[]) names.add(nameOf(one.exported));
    for (const one of each.specifiers as Syntax[]) if (one.exportKind === "type") names.add(nameOf(one.exported));
  });
  return names;
};

/** `path#name` of everything that a file takes from others; `path#*` when it takes whatever there is. */
const takenBy = (source: Source): string[] => {
  const taken: string[] = [];
  walk(source.syntax, (each) => {
    const from = each.source as Syntax | undefined;
    if (!from || typeof from !== "object" || typeof from.value !== "string") return;
    const target = targetOf(source.path, from.value);
    if (!target) return;
    const specifiers = each.specifiers as Syntax[] | undefined;
    // As a value or as a type, it may take whatever there is.
    if (specifiers === undefined || each.type === "ExportAllDeclaration") taken.push(`${target}#*`);
    for (const specifier of specifiers ?? []) {
      if (specifier.type === "ImportNamespaceSpecifier") taken.push(`${target}#*`);
      else if (specifier.type === "ImportDefaultSpecifier") taken.push(`${target}#default`);
      else taken.push(`${target}#${nameOf(specifier.imported ?? specifier.local)}`);
    }
  });
  return taken;
};

const isUsedAtHome = ({ text }: Source, name: string): boolean =>
  (text.match(new RegExp(`(?<![\\w$])${name.replaceAll("$", "\\$")}(?![\\w$])`, "g")) ?? []).length > 1;

/** What `sources` export in vain, one line each. `others`: tests and the like. */
export const findUnused = (sources: readonly Source[], others: readonly Source[]): string[] => {
  const inProduct = new Set(sources.flatMap(takenBy));
  const elsewhere = new Set(others.flatMap(takenBy));
  const isIn = (taken: ReadonlySet<string>, path: string, name: string) =>
    taken.has(`${path}#${name}`) || taken.has(`${path}#*`);
  return sources
    .filter(({ path }) => !ENTRIES.test(path))
    .flatMap((source) => {
      const { path } = source;
      const types = typesOf(source);
      return exportsOf(source).flatMap((name) => {
        if (isIn(inProduct, path, name)) return [];
        const tested = isIn(elsewhere, path, name);
        if (isUsedAtHome(source, name) && (tested || types.has(name))) return [];
        return [`${path}: ${tested ? "only tests take" : "nobody takes"} ${name}`];
      });
    });
};
