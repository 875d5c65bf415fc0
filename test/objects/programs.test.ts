// Compiled programs are kept by their size: an isolate has one memory for all organisations.
import { expect, it } from "vitest";
import type { Definition } from "../../src/engine/contract.ts";
import { programOf } from "../../src/objects/execution/programs.ts";
import { trivial } from "./kit.ts";

const loads: string[] = [];
const ask = (id: string, chars: number) =>
  programOf("o", id, async (_, versionId): Promise<Definition> => {
    loads.push(versionId);
    return { ...trivial("trigger_manual"), variables: { text: "x".repeat(chars) } };
  });

it("a program is read and compiled once, by requests at once and after", async () => {
  const [one, two] = await Promise.all([ask("a", 10), ask("a", 10)]);
  expect(await ask("a", 10)).toBe(one);
  expect([two, loads]).toEqual([one, ["a"]]);
});

it("large ones push out what was used least recently, and are kept themselves", async () => {
  loads.length = 0;
  for (const id of ["b", "c", "d", "e"]) {
    await ask(id, 1_400_000);
    await ask("a", 10);
  }
  expect(loads).toEqual(["b", "c", "d", "e"]);
  await ask("f", 1_400_000);
  await ask("b", 1_400_000);
  await ask("f", 1_400_000);
  expect(loads).toEqual(["b", "c", "d", "e", "f", "b"]);
});

it("small ones are bounded in number", async () => {
  for (let n = 0; n < 400; n++) await ask(`s${n}`, 1);
  loads.length = 0;
  await ask("s399", 1);
  await ask("s0", 1);
  expect(loads).toEqual(["s0"]);
});
