// The JSONata library as a text, for the interpreter that it runs in (jsonata.ts): what the npm package ships minified, unchanged.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** The content of gen/jsonata.ts, made of the installed package. */
export const makeJsonata = (): string => {
  const source = readFileSync(require.resolve("jsonata/jsonata.min.js"), "utf8");
  return `// Made by \`node src/sandbox/meter/build.ts\` from the npm package jsonata; see NOTICE.\nexport const JSONATA = ${JSON.stringify(source)};\n`;
};
