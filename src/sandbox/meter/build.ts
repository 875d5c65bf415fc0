// Writes src/sandbox/gen/ from the installed npm packages: `node src/sandbox/meter/build.ts`. The files are committed, so
// that nothing has to be built before the product starts; test/sandbox/gen.test.ts holds them equal to a rebuild.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { interpreters } from "./interpreters.ts";
import { makeJsonata } from "./jsonata.ts";

for (const [name, make] of Object.entries(interpreters)) {
  const bytes = make();
  if (!WebAssembly.validate(bytes)) throw new Error(`${name} is not a valid module`);
  writeFileSync(join(import.meta.dirname, "../gen", name), bytes);
  const kib = (length: number) => `${Math.round(length / 1024)} KiB`;
  console.log(`${name}: ${kib(bytes.length)}, ${kib(gzipSync(bytes).length)} gzipped`);
}

writeFileSync(join(import.meta.dirname, "../gen/jsonata.ts"), makeJsonata());
