// Release mode: creating a workflow takes a licence.
import { exportSPKI, generateKeyPair, SignJWT } from "jose";
import { beforeAll, expect, it } from "vitest";
import { testApp } from "../../fixtures/app.ts";
import { makeOrganization, type Tenant } from "../../fixtures/identity.ts";
import { errorOf } from "./kit.ts";

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
