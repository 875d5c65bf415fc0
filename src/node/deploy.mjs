// `npm run deploy` and `npm run check:deploy`. What they do is in release.ts.
import { bootstrap } from "./bootstrap.mjs";

bootstrap("src/node/release.ts");
