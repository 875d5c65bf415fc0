// The OpenAPI document: public, and about every route there is.
import { expect, it } from "vitest";
import { core } from "../../../src/api/core/index.ts";
import { fetchWorker } from "./kit.ts";

it("describes every route of the router, and no other", async () => {
  const answer = await fetchWorker("/api/v1/workflows/openapi.json");
  expect(answer.status).toBe(200);
  const document = (await answer.json()) as {
    openapi: string;
    paths: Record<string, Record<string, { responses: object; security?: object[] }>>;
  };
  expect(document.openapi).toBe("3.1.0");
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`),
  );
  const routed = core.routes.routes
    .filter(({ path }) => !path.startsWith("/workflow.v1."))
    .map(({ method, path }) => `${method} ${path}`);
  expect(described.sort()).toEqual([...new Set(routed)].sort());
});

it("says what is asked, what is answered and who may call", async () => {
  const document = (await (await fetchWorker("/api/v1/workflows/openapi.json")).json()) as {
    paths: Record<
      string,
      Record<
        string,
        {
          parameters: { name: string; required?: boolean }[];
          requestBody: object;
          responses: Record<string, object>;
          security?: object[];
        }
      >
    >;
    components: { schemas: Record<string, { properties: object; required: string[] }> };
  };
  const create = document.paths["/api/v1/workflows"]!.post!;
  expect(Object.keys(create.responses)).toEqual(expect.arrayContaining(["201", "400", "401", "402"]));
  expect(create.security).toEqual([{ bearer: [] }]);
  expect(document.components.schemas.CreateWorkflow!.required).toEqual(["name", "entity_id"]);
  expect(document.components.schemas.CreateWorkflow!.properties).toHaveProperty("license_key");
  expect(document.paths["/api/v1/workflows/webhooks/{token}"]!.post!.security).toBeUndefined();
  const listed = document.paths["/api/v1/workflows/{workflow_id}/executions"]!.get!.parameters;
  expect(listed.map(({ name, required }) => [name, required === true])).toEqual(
    expect.arrayContaining([
      ["workflow_id", true],
      ["community_id", true],
      ["status", false],
      ["sort_by", false],
      ["per_page", false],
    ]),
  );
});
