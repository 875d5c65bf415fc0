// The variables of a local start: `.dev.vars`, made on first use from `.dev.vars.example`, and what `--var` puts over it.
// Which variables there are and what is wrong with one is src/env.ts's to say.
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";

/** Known to nobody and different on every machine: a copy of the example is no secret. */
const generators: Record<string, () => string> = {
  JWT_SECRET: () => randomBytes(48).toString("base64url"),
  ENCRYPTION_KEY: () => randomBytes(32).toString("base64"),
};

/** The example with its empty `NAME=` lines filled for each secret that a machine should make for itself. */
export const fillSecrets = (example: string): string =>
  Object.entries(generators).reduce(
    (text, [name, generate]) => text.replace(new RegExp(`^${name}=(""|)$`, "m"), () => `${name}="${generate()}"`),
    example,
  );

/** The effective variables, `.dev.vars` made when missing. `made` is true on that first time. */
export const localVariables = (
  root: string,
  vars: Record<string, string>,
): { variables: Record<string, string | undefined>; made: boolean } => {
  const file = join(root, ".dev.vars");
  const made = !existsSync(file);
  if (made) writeFileSync(file, fillSecrets(readFileSync(`${file}.example`, "utf8")), { mode: 0o600 });
  return { variables: { ...parseEnv(readFileSync(file, "utf8")), ...vars }, made };
};
