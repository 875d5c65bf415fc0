// The committed code of the gRPC service is what its proto generates.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const folder = join(root, "src/api/core/grpc");
const bin = join(root, "node_modules/.bin");
const GENERATED = "workflow/v1/workflow_pb.ts";

it("is up to date: run `npx buf generate` in src/api/core/grpc otherwise", async () => {
  const out = await mkdtemp(join(tmpdir(), "signalbox-grpc-"));
  try {
    const template = JSON.stringify({ version: "v2", plugins: [{ local: "protoc-gen-es", out, opt: ["target=ts"] }] });
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
    await promisify(execFile)(join(bin, "buf"), ["generate", "--template", template], { cwd: folder, env });
    expect(await readFile(join(folder, "gen", GENERATED), "utf8")).toBe(await readFile(join(out, GENERATED), "utf8"));
  } finally {
    await rm(out, { recursive: true });
  }
});
