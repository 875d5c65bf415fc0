// Compiled programs by workflow version. A version never changes, so an isolate reads and compiles it once and keeps the latest used.

import { compile } from "../../engine/compile.ts";
import type { Definition } from "../../engine/contract.ts";
import type { Program } from "../../engine/program.ts";
import { nodeTypes } from "../../nodes/index.ts";

const KEPT = 200;
const programs = new Map<string, Program>();
const loading = new Map<string, Promise<Program>>();

/** Throws when the version is missing or no longer compiles: the run then parks as stuck, journal intact. */
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
    return known;
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
    programs.set(id, program);
    if (programs.size > KEPT) programs.delete(programs.keys().next().value!);
    return program;
  })();
  loading.set(id, made);
  try {
    return await made;
  } finally {
    loading.delete(id);
  }
};
