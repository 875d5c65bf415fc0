// `npm test`: every check there is. What it runs is in verify.ts.
import { bootstrap } from "./bootstrap.mjs";

bootstrap("src/node/verify.ts");
