// /health, /api/v1/status and the OpenAPI document: open to everybody.
import { expect, it } from "vitest";
import { fetchWorker as get } from "./kit.ts";

it("is healthy when the database answers", async () => {
  const answer = await get("/health");
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ success: true, data: { healthy: true, module: "workflow_core_module" } });
});

it("tells its status as documented, with or without a trailing slash", async () => {
  for (const path of ["/api/v1/status", "/api/v1/status/"]) {
    const answer = await get(path);
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
