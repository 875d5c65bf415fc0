// Compiled programs by workflow version. A version never changes, so an isolate reads and compiles it once and keeps the latest used.

import { compile } from "../../engine/compile.ts";
import type { Definition } from "../../engine/contract.ts";
import type { Program } from "../../engine/program.ts";
import { nodeTypes } from "../../nodes/index.ts";

/** Definitions kept, in characters of JSON: a program takes several times as many bytes, and an isolate has 128 MB for everything. */
const MAX_KEPT_CHARS = 6_000_000;
/** A small program counts as much as this: it weighs more than its text. */
const LEAST_CHARS = 20_000;

/** Programs with the sizes of their definitions, the least recently used first. */
const programs = new Map<string, { program: Program; chars: number }>();
let keptChars = 0;

const keep = (id: string, program: Program, chars: number): void => {
  programs.set(id, { program, chars });
  keptChars += chars;
  for (const [oldest, { chars: freed }] of programs) {
    if (keptChars <= MAX_KEPT_CHARS || oldest === id) return;
    programs.delete(oldest);
    keptChars -= freed;
  }
};

const loading = new Map<string, Promise<Program>>();

/** Throws when the version is missing or no longer compiles: the run then waits where it is, and looks again ever more rarely. */
export const programOf = async (
  organizationId: string,
  versionId: string,
  load: (organizationId: string, versionId: string) => Promise<Definition | null>,
): Promise<Program> => {
  const id = `${organizationId}/${versionId}`;
  const known = programs.get(id);
  if (known) {
    // Re-inserting keeps the map in order of use.
    programs.delete(id);
    programs.set(id, known);
    return known.program;
  }
  const underWay = loading.get(id);
  if (underWay) return underWay;
  const made = (async () => {
    const definition = await load(organizationId, versionId);
    if (!definition) throw new Error(`workflow version ${versionId} does not exist`);
    const { program, findings } = compile(definition, nodeTypes);
    if (!program) {
      const first = findings.find((finding) => finding.severity === "error");
      throw new Error(`workflow version ${versionId} does not compile: ${first?.message}`);
    }
    keep(id, program, Math.max(JSON.stringify(definition).length, LEAST_CHARS));
    return program;
  })();
  loading.set(id, made);
  try {
    return await made;
  } finally {
    loading.delete(id);
  }
};
