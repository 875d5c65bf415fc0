// One workerd with the product and its peers (worker/bench.ts), started directly by Miniflare: no dev proxy in front, no assets router, fresh state
// in a temporary directory. The configuration is the product's own wrangler.toml, with what the peers need added to it.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { readD1Migrations } from "@cloudflare/vitest-plugin";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from "wrangler";
import type { Json } from "../src/lib/json.ts";
import { exitCode, wrangler } from "../src/node/wrangler.ts";
import { FLOOR_TABLES } from "./floor-tables.ts";
import { workerdOf } from "./processes.ts";

const root = resolve(import.meta.dirname, "..");

export type Runtime = {
  origin: string;
  /** Of workerd. */
  pid: number;
  /** Where everything that is durable lies. */
  stateDir: string;
  /** Stops workerd and, unless `keep`, removes the state. */
  stop(keep?: boolean): Promise<void>;
};

/** The product's configuration with the peers' bindings, as wrangler reads it. */
const benchConfig = (): object => {
  const { compatibility_date, compatibility_flags, rules, d1_databases, durable_objects, migrations, queues } =
    unstable_readConfig({ config: join(root, "wrangler.toml") }, { hideWarnings: true });
  const workflow = (binding: string, class_name: string) => ({ name: class_name, binding, class_name });
  return {
    name: "signalbox-bench",
    main: join(root, "bench/worker/bench.ts"),
    compatibility_date,
    compatibility_flags,
    rules,
    d1_databases: d1_databases.map(({ binding, database_name, database_id }: Record<string, unknown>) => ({
      binding,
      database_name,
      database_id,
    })),
    durable_objects: {
      bindings: [
        ...durable_objects.bindings,
        { name: "BARE", class_name: "Bare" },
        { name: "FLOOR", class_name: "Floor" },
      ],
    },
    migrations: [...migrations, { tag: "bench", new_sqlite_classes: ["Bare", "Floor"] }],
    queues: {
      producers: [
        ...(queues.producers ?? []),
        { binding: "CHAIN", queue: "bench-chain" },
        { binding: "FLOOR_QUEUE", queue: "bench-floor" },
      ],
      consumers: [
        ...(queues.consumers ?? []),
        ...["bench-chain", "bench-floor"].map((peer) => ({
          ...queues.consumers?.find(({ queue }: { queue: string }) => queue === "events"),
          queue: peer,
        })),
      ],
    },
    workflows: [workflow("FIVE", "FiveSteps"), workflow("FIVE_LEAN", "FiveStepsLean"), workflow("TEN", "TenSteps")],
  };
};

/** The bundle that `wrangler deploy` would upload, as Miniflare's modules. */
const build = async (configFile: string, outdir: string) => {
  const building = wrangler(["deploy", "--dry-run", "--minify", "--outdir", outdir, "--config", configFile], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [building.stdout, building.stderr]) stream?.on("data", (chunk) => (said += chunk));
  if ((await exitCode(building)) !== 0) throw new Error(`the bench worker could not be built:\n${said}`);
  const files = readdirSync(outdir).filter((name) => name.endsWith(".js") || name.endsWith(".wasm"));
  return files
    .sort((a, b) => Number(b.endsWith(".js")) - Number(a.endsWith(".js")))
    .map((name) => ({
      type: name.endsWith(".js") ? ("ESModule" as const) : ("CompiledWasm" as const),
      path: join(outdir, name),
      contents: readFileSync(join(outdir, name)),
    }));
};

/** `vars`: over the development defaults. `stateDir`: state of an earlier runtime; without it a fresh one is made. */
export const startRuntime = async (vars: Record<string, Json>, stateDir?: string): Promise<Runtime> => {
  const work = mkdtempSync(join(tmpdir(), "signalbox-bench-"));
  const state = stateDir ?? join(work, "state");
  const configFile = join(work, "wrangler.json");
  writeFileSync(configFile, JSON.stringify(benchConfig()));
  const outdir = join(work, "bundle");
  const modules = await build(configFile, outdir);
  const { workerOptions } = unstable_getMiniflareWorkerOptions(configFile);
  const { rootPath: _, modulesRules: __, ...bound } = workerOptions as Record<string, unknown>;
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      ...bound,
      name: "signalbox-bench",
      modules,
      modulesRoot: outdir,
      bindings: {
        ENVIRONMENT: "development",
        JWT_SECRET: "bench-secret-that-is-long-enough-for-hs256",
        ENCRYPTION_KEY: Buffer.alloc(32, 7).toString("base64"),
        ...vars,
      },
      host: "127.0.0.1",
      port: 0,
      cf: false,
      logRequests: false,
      unsafeLocalExplorer: false,
      unsafeObservability: false,
      resourcePersistencePath: state,
    } as Parameters<typeof convertV4MiniflareOptions>[0]),
  );
  const origin = (await miniflare.ready).origin;
  const pid = workerdOf(process.pid);
  if (stateDir === undefined) await prepare((await miniflare.getD1Database("DB")) as unknown as D1Database);
  return {
    origin,
    pid,
    stateDir: state,
    stop: async (keep = false) => {
      await miniflare.dispose();
      rmSync(keep ? outdir : work, { recursive: true, force: true });
    },
  };
};

/** Tables, and the demo account. */
const prepare = async (db: D1Database): Promise<void> => {
  for (const { queries } of await readD1Migrations(join(root, "migrations"))) {
    await db.batch(queries.map((query) => db.prepare(query)));
  }
  await db.batch(FLOOR_TABLES.map((table) => db.prepare(table)));
  const seed = readFileSync(join(root, "src/db/demo.sql"), "utf8").replace(/^--.*$/gm, "");
  await db.batch(
    seed
      .split(";\n")
      .filter((statement) => statement.trim() !== "")
      .map((statement) => db.prepare(statement)),
  );
};
