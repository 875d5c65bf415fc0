// The committed client of the enhanced API is what its OpenAPI document generates, and no two operations have one name.
import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { documentOf } from "../../src/api/enhanced/openapi.ts";
import { routes } from "../../src/api/enhanced/routes.ts";
import { CLIENT, generateClient } from "../fixtures/client/generate.ts";

it("is up to date: run `npm run client` otherwise", async () => {
  expect(await readFile(CLIENT, "utf8")).toBe(await generateClient());
}, 60_000);

it("has a name for each operation", () => {
  const operations = Object.values(documentOf(routes).paths ?? {}).flatMap((path) => Object.values(path));
  const names = operations.map(({ operationId }) => operationId);
  expect(names.length).toBeGreaterThan(50);
  expect(new Set(names).size).toBe(names.length);
});
