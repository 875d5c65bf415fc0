// What is open to everybody: /health, /api/v1/status and the OpenAPI document; and release mode, in which creating a workflow takes a licence.
import { exportSPKI, generateKeyPair, SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { core } from "../../../src/api/core/index.ts";
import { testApp } from "../../fixtures/app.ts";
import { makeOrganization, type Tenant } from "../../fixtures/identity.ts";
import { errorOf, fetchWorker } from "./kit.ts";

describe("the status", () => {
  it("is healthy when the database answers", async () => {
    const answer = await fetchWorker("/health");
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ success: true, data: { healthy: true, module: "workflow_core_module" } });
  });

  it("tells its status as documented, with or without a trailing slash", async () => {
    for (const path of ["/api/v1/status", "/api/v1/status/"]) {
      const answer = await fetchWorker(path);
      expect(answer.status).toBe(200);
      expect(await answer.json()).toEqual({
        success: true,
        data: {
          status: "operational",
          module: "workflow_core_module",
          version: "1.0.0",
          features: { workflows_enabled: true, release_mode: false },
        },
      });
    }
  });
});

describe("the OpenAPI document", () => {
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
});

describe("a workflow in release mode", () => {
  let owner: Tenant;
  let licensed: ReturnType<typeof testApp>;
  let key: string;
  beforeAll(async () => {
    owner = await makeOrganization();
    const { publicKey, privateKey } = await generateKeyPair("EdDSA", { extractable: true });
    licensed = testApp({ vars: { RELEASE_MODE: "true", LICENSE_PUBLIC_KEY: await exportSPKI(publicKey) } });
    key = await new SignJWT({ iss: "signalbox", sub: "acme", features: ["workflows"] })
      .setProtectedHeader({ alg: "EdDSA" })
      .setExpirationTime("1h")
      .sign(privateKey);
  });

  const create = async (app: ReturnType<typeof testApp>, license_key?: string) => {
    const body = JSON.stringify({ name: "x", entity_id: 1, ...(license_key && { license_key }) });
    const answer = await app.fetch("/api/v1/workflows", { method: "POST", headers: owner.headers, body });
    return { status: answer.status, body: await answer.json() };
  };

  it("is 402 without a good licence, also when no public key is configured", async () => {
    for (const answer of [
      await create(licensed),
      await create(licensed, "optional-license-key"),
      await create(licensed, `${key}x`),
    ]) {
      expect([answer.status, answer.body]).toEqual([402, errorOf("PAYMENT_REQUIRED")]);
    }
    expect((await create(testApp({ vars: { RELEASE_MODE: "true" } }), key)).status).toBe(402);
  });

  it("is created with a good one, and without any while release mode is off", async () => {
    expect((await create(licensed, key)).status).toBe(201);
    expect((await create(testApp(), "anything")).status).toBe(201);
  });

  it("shows in the status", async () => {
    const { data } = (await (await licensed.fetch("/api/v1/status")).json()) as { data: { features: object } };
    expect(data.features).toEqual({ workflows_enabled: true, release_mode: true });
  });
});
