// The committed code of the gRPC service is what its proto generates.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const folder = fileURLToPath(new URL("../../src/api/core/grpc/", import.meta.url));
const bin = fileURLToPath(new URL("../../node_modules/.bin", import.meta.url));
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
