// Who may import whom (docs/architecture.md), types included, and which room a package belongs to.
import { matchesGlob } from "node:path";
import { type Source, targetOf } from "./source.ts";

type Allowed = {
  /** Globs from src/; a room may always import itself. */
  any: string[];
  /** Globs from src/ that may be imported for their types only. */
  types?: string[];
};

const LIB = "lib/**";
/** Definitions, descriptors and the expressions inside them; what runs a program is the engine's own. */
const ENGINE_CONTRACTS = ["engine/contract.ts", "engine/expression/**", "engine/lookup.ts"];
const CATALOGUES = [
  ...["nodes/index.ts", "triggers/**", "actions/index.ts", "channels/index.ts"],
  ...["nodes/node.ts", "actions/action.ts", "channels/channel.ts", "channels/status.ts"],
];
const API: Allowed = { any: ["domain/**", "api/shared/**", LIB] };

const ROOMS: Record<string, Allowed> = {
  lib: { any: [] },
  engine: { any: [LIB] },
  /** A trigger type is where its node type comes from (docs/decisions). */
  nodes: { any: [...ENGINE_CONTRACTS, "triggers/**", LIB] },
  triggers: { any: [...ENGINE_CONTRACTS, LIB] },
  channels: { any: [LIB] },
  sandbox: { any: [LIB] },
  actions: { any: ["engine/contract.ts", "channels/channel.ts", "domain/ports.ts", "domain/action-ports.ts", LIB] },
  db: { any: [LIB] },
  /** All of the engine: dry runs fold it in memory, views read its state. */
  domain: { any: ["db/**", "engine/**", ...CATALOGUES, LIB] },
  objects: {
    any: [
      ...["engine/**", "nodes/**", "actions/**", "channels/**", "sandbox/**", "domain/**", "queue/catalogue.ts", LIB],
      "env.ts",
    ],
  },
  queue: { any: ["domain/**", "triggers/**", "objects/**/rpc.ts", "env.ts", LIB] },
  "api/shared": { any: ["domain/**", "env.ts", LIB] },
  "api/marketing": API,
  "api/enhanced": API,
  "api/stream": API,
  "api/core": API,
  "api/flow": API,
  "api/webhooks": API,
  /** An export is tried out without a product: importing is pure. */
  node: {
    any: ["env.ts", "api/core/grpc/gen/**", "domain/flow-import/import-flow.ts", LIB],
    types: ["domain/flow-import/report.ts"],
  },
  "env.ts": { any: [LIB] },
  "app.ts": { any: ["api/**", "domain/**", "env.ts", LIB] },
  "worker.ts": { any: ["**"] },
};

/** Packages that tell the room of a line by their name. Others may be used anywhere. */
const PACKAGES: [name: RegExp, rooms: string[]][] = [
  [/^(hono|@hono)(\/|$)/, ["api/**", "app.ts"]],
  [/^cloudflare:/, ["objects/**", "worker.ts", "env.ts"]],
  [/^drizzle-orm(\/|$)/, ["db/**"]],
  [/^(@connectrpc|@bufbuild)\//, ["api/core/**", "node/**"]],
  [/^(liquidjs|re2js)(\/|$)/, ["engine/**"]],
  [/^(nodemailer|worker-mailer)(\/|$)/, ["channels/**"]],
  [/^(wrangler|miniflare)(\/|$)/, ["node/**"]],
  [/^node:(fs|child_process|worker_threads|http|http2|sqlite)(\/|$)/, ["node/**", "sandbox/meter/**"]],
];

/** `engine`, `api/core`, `env.ts`: the room that a path from src/ is in. */
const roomOf = (path: string): string => {
  const [first = "", second = "", third] = path.split("/");
  return first === "api" && third !== undefined ? `api/${second}` : first;
};

const fromSrc = (path: string): string => path.replace(/^src\//, "");
const matches = (path: string, globs: readonly string[]): boolean => globs.some((glob) => matchesGlob(path, glob));

const judgePackage = (from: string, specifier: string): string | undefined => {
  const rule = PACKAGES.find(([name]) => name.test(specifier));
  if (rule && !matches(from, rule[1])) return `${specifier} belongs to ${rule[1].join(", ")}`;
  // What `npm start` runs first has to work before anything is installed.
  if (from.endsWith(".mjs") && !specifier.startsWith("node:")) return `${specifier} is not there before npm ci`;
  return undefined;
};

/** What is wrong with the imports of `source`, one line each. */
export const judgeImports = (source: Source): string[] => {
  const from = fromSrc(source.path);
  const room = roomOf(from);
  const allowed = ROOMS[room];
  if (!allowed) return [`src/${from}: ${room} is no room`];
  return source.imports.flatMap(({ specifier, typeOnly }) => {
    const target = targetOf(from, specifier);
    if (target === undefined) {
      const wrong = judgePackage(from, specifier);
      return wrong ? [`src/${from}: ${wrong}`] : [];
    }
    if (target.startsWith("..")) return [`src/${from}: ${specifier} leads out of src`];
    if (roomOf(target) === room || matches(target, allowed.any)) return [];
    if (typeOnly && matches(target, allowed.types ?? [])) return [];
    return [`src/${from}: ${room} may not import ${target}`];
  });
};
