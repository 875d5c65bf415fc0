// `npm start`: from a clean clone to a server on this machine. What it does is in serve.ts.
import { bootstrap } from "./bootstrap.mjs";

bootstrap("src/node/serve.ts");
