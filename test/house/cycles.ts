// Circles of imports between files, types included: whoever reads one file of a circle has to read them all.
import { type Source, targetOf } from "./source.ts";

/** Each circle as the paths along it, the first repeated at the end. */
export const findCycles = (sources: readonly Source[]): string[][] => {
  const imports = new Map(
    sources.map(({ path, imports }) => [path, imports.flatMap(({ specifier }) => targetOf(path, specifier) ?? [])]),
  );
  const done = new Set<string>();
  const trail: string[] = [];
  const cycles: string[][] = [];
  const visit = (path: string): void => {
    const at = trail.indexOf(path);
    if (at >= 0) cycles.push([...trail.slice(at), path]);
    if (at >= 0 || done.has(path)) return;
    trail.push(path);
    for (const target of imports.get(path) ?? []) visit(target);
    trail.pop();
    done.add(path);
  };
  for (const { path } of sources) visit(path);
  return cycles;
};
