// Runs a TypeScript file of the repository with Node 24: `node src/node/run.mjs FILE [ARGUMENT…]`.
import { bootstrap } from "./bootstrap.mjs";

const [file, ...args] = process.argv.slice(2);
if (!file) {
  console.error("usage: node src/node/run.mjs FILE [ARGUMENT…]");
  process.exit(2);
}
bootstrap(file, args);
