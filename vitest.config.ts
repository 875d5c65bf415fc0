import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { squashMigrations } from "./test/fixtures/squash-migrations.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url).href);

/** Plain Node has no static import of WebAssembly; the pure project's tests of the sandbox need one. */
const wasmModules = {
  name: "wasm-module",
  enforce: "pre" as const,
  load(id: string) {
    const file = id.split("?")[0]!;
    if (!file.endsWith(".wasm")) return;
    return `import { readFileSync } from "node:fs"; export default new WebAssembly.Module(readFileSync(${JSON.stringify(file)}));`;
  },
};

/** What runs in workerd is sent there anew for each test file, source maps and all: those of packages are two fifths of it. */
const withoutMapsOfPackages = {
  name: "without-maps-of-packages",
  enforce: "post" as const,
  transform: (code: string, id: string) =>
    id.includes("/node_modules/") ? { code, map: { mappings: "" } as const } : null,
};

/** The test that starts the whole product again and again mostly waits: begun last, everybody would wait for it. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => moduleId.endsWith("/test/house/start.test.ts");
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/** A busy machine must not fail a test: time is measured in bench/, never asserted. */
const patience = { testTimeout: 60_000, hookTimeout: 60_000 };

/** Rooms whose tests need no runtime; `workerd` folders inside them and every other room run in workerd. */
const PURE = [
  "engine",
  "nodes",
  "triggers",
  "actions",
  "lib",
  "sandbox",
  "channels",
  "house",
  "domain",
  "simulation",
  "e2e",
];
/** Files of the other rooms that need no runtime either. */
const PURE_FILES = ["app/env", "queue/catalogue", "queue/parts", "queue/report-patience"].map(
  (name) => `test/${name}.test.ts`,
);
const migrations = (await readdir(path("migrations")).catch(() => [])).length
  ? await readD1Migrations(path("migrations"))
  : [];
const squashed = await squashMigrations(migrations);
/** Every variable as absent, so that a developer's own .dev.vars changes no test. */
const noVariables = Object.fromEntries(
  [...readFileSync(path(".dev.vars.example"), "utf8").matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => [name!, ""]),
);

export default defineConfig({
  test: {
    // Vitest leaves one core free, which on two is half of them; tests wait more than they compute.
    maxWorkers: Math.max(2, availableParallelism()),
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        plugins: [wasmModules],
        test: {
          name: "pure",
          ...patience,
          include: [...PURE.map((room) => `test/${room}/**/*.test.ts`), ...PURE_FILES],
          exclude: ["test/**/workerd/**"],
        },
      },
      {
        plugins: [
          withoutMapsOfPackages,
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: {
                ...noVariables,
                EVERY_MIGRATION: migrations,
                TEST_MIGRATIONS: squashed,
                ENVIRONMENT: "development",
                JWT_SECRET: "test-secret-that-is-long-enough-for-hs256",
                ENCRYPTION_KEY: "dGVzdC1lbmNyeXB0aW9uLWtleS0zMi1ieXRlcy1sb24=",
                PUBLIC_URL: "https://signalbox.test",
              },
            },
          }),
        ],
        test: {
          name: "workers",
          ...patience,
          include: ["test/**/workerd/**/*.test.ts", "test/{db,objects,queue,api,app,security}/**/*.test.ts"],
          exclude: PURE_FILES,
          setupFiles: ["test/fixtures/apply-migrations.ts"],
          globalSetup: ["test/channels/workerd/smtp-setup.ts"],
        },
      },
    ],
  },
});
